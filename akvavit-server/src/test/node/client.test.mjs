// OpenAI's own client against the server, whose address is in AKVAVIT_URL. What the model says is nonsense; what is tested
// is that the client understands all of it.
import test from "node:test";
import assert from "node:assert/strict";
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.env.AKVAVIT_URL + "/v1", apiKey: "any", maxRetries: 0 });
const model = "tiny";
const messages = [{ role: "user", content: "hello" }];
const GENERATIONS = Number(process.env.AKVAVIT_GENERATIONS ?? 200);

test("models are listed", async () => {
  const page = await client.models.list();
  assert.equal(page.data[0].id, model);
});

test("chat answers, and says what it cost", async () => {
  const answer = await client.chat.completions.create({ model, messages, max_tokens: 12, temperature: 0 });
  assert.equal(answer.choices[0].message.role, "assistant");
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
});

test("a stream is the same answer", async () => {
  const body = { model, messages, max_tokens: 12, temperature: 0 };
  const whole = await client.chat.completions.create(body);
  const stream = await client.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } });
  let text = "";
  let usage = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta?.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.deepEqual(usage.completion_tokens, whole.usage.completion_tokens);
});

test("the client's own assembly of a stream works", async () => {
  const runner = client.chat.completions.stream({ model, messages, max_tokens: 12, temperature: 0 });
  const answer = await runner.finalChatCompletion();
  assert.equal(typeof answer.choices[0].message.content, "string");
});

test("stop ends the answer", async () => {
  const body = { model, messages, max_tokens: 24, temperature: 0 };
  const whole = (await client.chat.completions.create(body)).choices[0].message.content;
  const stop = whole.slice(4, 6);
  const stopped = await client.chat.completions.create({ ...body, stop: [stop] });
  assert.equal(stopped.choices[0].message.content, whole.slice(0, whole.indexOf(stop)));
  assert.equal(stopped.choices[0].finish_reason, "stop");
});

test("log probabilities come with alternatives", async () => {
  const answer = await client.chat.completions.create({
    model, messages, max_tokens: 6, temperature: 0, logprobs: true, top_logprobs: 5,
  });
  for (const token of answer.choices[0].logprobs.content) {
    assert.equal(token.top_logprobs.length, 5);
    assert.ok(token.logprob <= 0);
    assert.equal(token.token, token.top_logprobs[0].token); // greedy
  }
});

const schema = {
  type: "object",
  properties: {
    kind: { enum: ["a", "b"] },
    size: { type: "integer", minimum: 0, maximum: 999 },
    tags: { type: "array", items: { type: "boolean" }, maxItems: 3 },
  },
  required: ["kind", "size", "tags"],
  additionalProperties: false,
};

function valid(value) {
  return (
    Object.keys(value).sort().join() === "kind,size,tags" &&
    ["a", "b"].includes(value.kind) &&
    Number.isInteger(value.size) && value.size >= 0 && value.size <= 999 &&
    Array.isArray(value.tags) && value.tags.length <= 3 && value.tags.every((t) => typeof t === "boolean")
  );
}

test(`all of ${GENERATIONS} generations satisfy a JSON schema`, async () => {
  for (let from = 0; from < GENERATIONS; from += 20) {
    const batch = Array.from({ length: Math.min(20, GENERATIONS - from) }, (_, i) =>
      client.chat.completions.create({
        model, messages, max_tokens: 200, temperature: 1, seed: from + i,
        response_format: { type: "json_schema", json_schema: { name: "thing", strict: true, schema } },
      }));
    for (const answer of await Promise.all(batch)) {
      assert.equal(answer.choices[0].finish_reason, "stop");
      assert.ok(valid(JSON.parse(answer.choices[0].message.content)), answer.choices[0].message.content);
    }
  }
});

test("a tool is called, streamed and whole", async () => {
  const body = {
    model, messages, max_tokens: 200, temperature: 0, tool_choice: "required",
    tools: [{ type: "function", function: { name: "store", description: "stores a thing", parameters: schema } }],
  };
  const answer = await client.chat.completions.create(body);
  const call = answer.choices[0].message.tool_calls[0];
  assert.equal(answer.choices[0].finish_reason, "tool_calls");
  assert.equal(call.function.name, "store");
  assert.ok(valid(JSON.parse(call.function.arguments)));
  const streamed = await client.chat.completions.stream(body).finalChatCompletion();
  assert.equal(streamed.choices[0].message.tool_calls[0].function.arguments, call.function.arguments);
});

test("the result of a call goes back", async () => {
  const answer = await client.chat.completions.create({
    model, max_tokens: 6, temperature: 0,
    messages: [
      ...messages,
      { role: "assistant", content: null, tool_calls: [{ id: "c1", type: "function", function: { name: "store", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "c1", content: "stored" },
    ],
  });
  assert.ok(answer.usage.prompt_tokens > 20);
});

test("completions, whole and streamed", async () => {
  const body = { model, prompt: "class A {", max_tokens: 8, temperature: 0 };
  const whole = await client.completions.create(body);
  let text = "";
  for await (const chunk of await client.completions.create({ ...body, stream: true })) text += chunk.choices[0]?.text ?? "";
  assert.equal(text, whole.choices[0].text);
});

test("responses, whole and streamed", async () => {
  const body = { model, input: "hello", max_output_tokens: 8, temperature: 0 };
  const whole = await client.responses.create(body);
  const types = [];
  let text = "";
  for await (const event of await client.responses.create({ ...body, stream: true })) {
    types.push(event.type);
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  assert.equal(text, whole.output_text);
  assert.equal(types[0], "response.created");
});

test("errors are the client's own kinds", async () => {
  const refused = (params) => client.chat.completions.create({ model, messages, ...params });
  await assert.rejects(refused({ temperature: 7 }), (e) => e instanceof OpenAI.BadRequestError && e.param === "temperature");
  await assert.rejects(refused({ model: "other" }), (e) => e instanceof OpenAI.NotFoundError && e.code === "model_not_found");
  await assert.rejects(refused({ max_tokens: 100000 }), (e) => e instanceof OpenAI.BadRequestError && e.code === "context_length_exceeded");
  await assert.rejects(refused({ no_such_field: 1 }), (e) => e instanceof OpenAI.BadRequestError && e.code === "unknown_field");
});

test("an aborted stream ends the work", async () => {
  const stream = await client.chat.completions.create({ model, messages, max_tokens: 900, stream: true });
  for await (const _ of stream) break;
  stream.controller.abort();
});

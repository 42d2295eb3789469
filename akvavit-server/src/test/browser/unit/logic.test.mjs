// What needs no browser: events cut anywhere, requests, figures, bitmaps. PAGE is the page's folder.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const load = (name) => import(new URL(name, pathToFileURL(`${process.env.PAGE}/`)));
const { EventParser, events } = await load('sse.js');
const { answerBody, asCurl, asJava, given, messages, readChunk, statistics } = await load('requests.js');
const { bytes, count, digits, duration, share, short, tokens } = await load('figures.js');
const { Bitmap } = await load('bitmap.js');

const STREAM = ': working\n\ndata: {"a":1}\n\nevent: error\r\ndata: one\r\ndata:two\r\n\r\ndata: [DONE]\n\n';
const EVENTS = [
  { event: 'message', data: '{"a":1}' },
  { event: 'error', data: 'one\ntwo' },
  { event: 'message', data: '[DONE]' },
];

test('events are the same however the stream is cut', () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    for (const second of [cut, Math.min(cut + 1, STREAM.length), STREAM.length]) {
      const parser = new EventParser();
      const found = [STREAM.slice(0, cut), STREAM.slice(cut, second), STREAM.slice(second)]
        .flatMap((piece) => parser.push(piece));
      deepEqual(found, EVENTS, `cut at ${cut} and ${second}`);
    }
  }
});

test('characters that bytes cut in two arrive whole', async () => {
  const all = new TextEncoder().encode('data: äöü€😀\n\n');
  const body = new ReadableStream({
    start(controller) {
      all.forEach((byte) => controller.enqueue(Uint8Array.of(byte)));
      controller.close();
    },
  });
  const found = [];
  for await (const event of events(body)) {
    found.push(event.data);
  }
  deepEqual(found, ['äöü€😀']);
});

test('empty parameters are left to the server, stop texts are lines', () => {
  deepEqual(given({ temperature: '0.5', top_k: '', seed: '7', stop: 'END\n\\n\\n\n', system: 'x' }),
    { temperature: 0.5, seed: 7, stop: ['END', '\n\n'] });
});

test('a chat is sent whole, a completion is a prompt', () => {
  const before = [{ question: { text: 'a' }, answer: { text: 'b' } }];
  const question = { mode: 'chat', text: 'c', model: 'm', parameters: { system: 's' } };
  deepEqual(messages(question, before).map((m) => m.content), ['s', 'a', 'b', 'c']);
  equal(answerBody(question, before).path, '/v1/chat/completions');
  const fill = answerBody({ mode: 'fill', text: 'p', suffix: 'q', model: 'm', parameters: {} }, [], false);
  deepEqual(fill, { path: '/v1/completions', body: { model: 'm', prompt: 'p', suffix: 'q' } });
});

test('chunks of both protocols are read', () => {
  equal(readChunk({ choices: [{ text: 'x' }] }).text, 'x');
  equal(readChunk({ choices: [{ delta: { content: 'y' } }] }).text, 'y');
  equal(readChunk({ choices: [{ delta: { reasoning_content: 'z' } }] }).reasoning, 'z');
  equal(readChunk({ error: { message: 'no' } }).error, 'no');
  deepEqual(readChunk({ choices: [], usage: { prompt_tokens: 1 } }).usage, { prompt_tokens: 1 });
});

test('statistics come from the server, and from the clock where it tells nothing', () => {
  const answer = {
    usage: { prompt_tokens: 100, completion_tokens: 11, prompt_tokens_details: { cached_tokens: 60 } },
    times: { first: 200, last: 1200 },
    timings: null,
  };
  const s = statistics(answer, 1024);
  deepEqual([s.cached, s.prefillRate, s.decodeRate, s.kvBytes], [60, 200, 10, 111 * 1024]);
  const timed = statistics({ ...answer, timings: { prompt_per_second: 5, predicted_per_second: 6 } }, 1);
  deepEqual([timed.prefillRate, timed.decodeRate], [5, 6]);
  equal(statistics({ usage: null, times: null }, 1), null);
});

test('copied code quotes what a shell or Java would read', () => {
  const request = { path: '/v1/completions', body: { prompt: `it's """ \\n` } };
  match(asCurl('http://h', request, true), /it'\\''s/);
  match(asCurl('http://h', request, true), /AKVAVIT_API_KEY/);
  ok(!asCurl('http://h', request, false).includes('Authorization'));
  const java = asJava('http://h', request, false);
  equal(java.split('"""').length, 3, 'one text block');
});

test('figures have units and three digits', () => {
  deepEqual([bytes(0), bytes(1536), bytes(8960), bytes(5 * 2 ** 40)], ['0 B', '1.50 KiB', '8.75 KiB', '5 TiB']);
  deepEqual([short(12345), count(12345.4), digits(NaN)], ['12.3 k', '12,345', '–']);
  deepEqual([duration(84.2), duration(1200), share(1, 8), tokens(4096)], ['84 ms', '1.20 s', '12.5 %', '4 K']);
});

test('bits are read row by row, lowest first', () => {
  const map = new Bitmap(9, Buffer.from([1, 1, ...Array(16).fill(0)]).toString('base64'));
  ok(map.has(0, 0) && map.has(0, 8) && !map.has(0, 1) && !map.has(1, 0));
  equal(map.count(0), 2);
});

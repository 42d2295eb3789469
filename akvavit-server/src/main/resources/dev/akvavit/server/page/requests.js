/** Questions as bodies of OpenAI's protocol, answers read back, and both as code to copy. */

const TEXTS = new Set(['system', 'stop']);

/**
 * What the panel's fields say, numbers as numbers; empty ones are the server's to decide.
 *
 * @param {Record<string, string>} parameters
 */
export function given(parameters) {
  const body = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== '' && !TEXTS.has(name)) {
      body[name] = Number(value);
    }
  }
  if (parameters.stop) {
    body.stop = parameters.stop.split('\n').filter((line) => line !== '')
      .map((line) => line.replaceAll('\\n', '\n'));
  }
  return body;
}

/** The messages of a chat up to this question. */
export function messages(question, before) {
  const all = [];
  if (question.parameters.system) {
    all.push({ role: 'system', content: question.parameters.system });
  }
  for (const turn of before) {
    all.push({ role: 'user', content: turn.question.text });
    all.push({ role: 'assistant', content: turn.answer.text });
  }
  all.push({ role: 'user', content: question.text });
  return all;
}

/**
 * The request of a question.
 *
 * @param {object} question `{mode, text, suffix, model, parameters}`
 * @param {object[]} before earlier turns of a chat
 * @param {boolean} [stream]
 * @returns {{path: string, body: object}}
 */
export function answerBody(question, before, stream = true) {
  const chat = question.mode === 'chat';
  const asked = chat
    ? { messages: messages(question, before) }
    : { prompt: question.text, ...(question.mode === 'fill' ? { suffix: question.suffix } : {}) };
  return {
    path: chat ? '/v1/chat/completions' : '/v1/completions',
    body: {
      model: question.model,
      ...asked,
      ...given(question.parameters),
      ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    },
  };
}

/** One chunk of either protocol. */
export function readChunk(chunk) {
  const choice = chunk.choices?.[0];
  const delta = choice?.delta ?? {};
  return {
    text: choice?.text ?? delta.content ?? '',
    reasoning: delta.reasoning_content ?? delta.reasoning ?? '',
    finish: choice?.finish_reason ?? '',
    usage: chunk.usage ?? null,
    timings: chunk.timings ?? null,
    error: chunk.error?.message ?? '',
  };
}

/**
 * What an answer cost: rates by the server's clock where it tells them, else by the page's.
 *
 * @param {object} answer
 * @param {number} kvBytesPerToken
 */
export function statistics(answer, kvBytesPerToken) {
  const { usage, times, timings } = answer;
  if (!usage || !times) {
    return null;
  }
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const seconds = (times.last - times.first) / 1000;
  const prefill = (1000 * (usage.prompt_tokens - cached)) / times.first;
  const decode = seconds > 0 ? (usage.completion_tokens - 1) / seconds : NaN;
  return {
    prompt: usage.prompt_tokens,
    cached,
    generated: usage.completion_tokens,
    firstToken: times.first,
    prefillRate: timings?.prompt_per_second || prefill,
    decodeRate: timings?.predicted_per_second || decode,
    kvBytes: (usage.prompt_tokens + usage.completion_tokens) * kvBytesPerToken,
  };
}

/** The request as a command line. */
export function asCurl(origin, { path, body }, withKey) {
  const quoted = JSON.stringify(body, null, 2).replaceAll("'", "'\\''");
  const auth = withKey ? " \\\n  -H \"Authorization: Bearer $AKVAVIT_API_KEY\"" : '';
  const type = "-H 'Content-Type: application/json'";
  return `curl ${origin}${path} \\\n  ${type}${auth} \\\n  -d '${quoted}'`;
}

/** The request as a Java program that runs as it is. */
export function asJava(origin, { path, body }, withKey) {
  const text = JSON.stringify(body, null, 2)
    .replaceAll('\\', '\\\\').replaceAll('"""', '\\"""')
    .split('\n').map((line) => `        ${line}`).join('\n');
  const auth = withKey
    ? '\n        .header("Authorization", "Bearer " + System.getenv("AKVAVIT_API_KEY"))' : '';
  return `import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

void main() throws Exception {
  String body = """
${text}
        """;
  HttpRequest request = HttpRequest.newBuilder(URI.create("${origin}${path}"))
        .header("Content-Type", "application/json")${auth}
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  IO.println(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
}
`;
}

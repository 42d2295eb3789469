/**
 * Server-sent events (WHATWG HTML, section 9.2) out of a fetch: the browser's own EventSource can
 * neither POST nor show a key.
 */

/** Takes text as it arrives and gives the events that are whole. */
export class EventParser {
  #rest = '';
  #data = [];
  #name = '';

  /**
   * @param {string} text the next piece, cut anywhere
   * @returns {{event: string, data: string}[]}
   */
  push(text) {
    const events = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const line of lines) {
      this.#line(line, events);
    }
    return events;
  }

  #line(line, events) {
    if (line === '') {
      if (this.#data.length > 0) {
        events.push({ event: this.#name || 'message', data: this.#data.join('\n') });
      }
      this.#data = [];
      this.#name = '';
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') {
      this.#data.push(value);
    } else if (field === 'event') {
      this.#name = value;
    }
  }
}

/**
 * The events of an answer under way.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{event: string, data: string}>}
 */
export async function* events(body) {
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel(); // also where the reader has stopped early
  }
}

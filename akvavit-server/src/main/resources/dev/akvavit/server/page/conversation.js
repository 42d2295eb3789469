/**
 * What was asked and answered. One answer at a time is under way; every change replaces the state,
 * so views need no more than {@link Store.follow}.
 */
import { Store } from './store.js';
import { postStream } from './api.js';
import { events } from './sse.js';
import { answerBody, readChunk } from './requests.js';

const EMPTY = {
  text: '', reasoning: '', state: 'waiting', error: '', usage: null, timings: null, times: null,
};

/** The turns of one conversation and the answer under way. */
export class Conversation extends Store {
  #abort = null;
  #numbers = 0;

  constructor() {
    super({ turns: [], busy: false });
  }

  /**
   * Asks.
   *
   * @param {object} question `{mode, text, suffix, model, parameters}`
   */
  ask(question) {
    const turn = { id: ++this.#numbers, question, answer: EMPTY };
    this.set({ turns: [...this.state.turns, turn] });
    return this.#run(turn);
  }

  /**
   * Asks turn `id` again with some members of its question changed; what came after it in a chat is
   * dropped.
   */
  again(id, change) {
    this.stop();
    const at = this.state.turns.findIndex((turn) => turn.id === id);
    const old = this.state.turns[at];
    const turn = { id: ++this.#numbers, question: { ...old.question, ...change }, answer: EMPTY };
    const after = this.state.turns.slice(at + 1);
    const kept = old.question.mode === 'chat' ? [] : after;
    this.set({ turns: [...this.state.turns.slice(0, at), turn, ...kept] });
    return this.#run(turn);
  }

  /** Ends the answer under way; what came of it stays. */
  stop() {
    this.#abort?.abort();
    this.#abort = null;
  }

  /** Forgets everything. */
  clear() {
    this.stop();
    this.set({ turns: [], busy: false });
  }

  /** The chat turns before turn `id`, oldest first. */
  before(id) {
    const at = this.state.turns.findIndex((turn) => turn.id === id);
    return this.state.turns.slice(0, at).filter((turn) => turn.question.mode === 'chat');
  }

  async #run(turn) {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    this.set({ busy: true });
    const started = performance.now();
    const { path, body } = answerBody(turn.question, this.before(turn.id));
    try {
      const stream = await postStream(path, body, abort.signal);
      for await (const event of events(stream)) {
        if (event.data === '[DONE]') {
          break;
        }
        this.#take(turn.id, readChunk(JSON.parse(event.data)), started);
      }
      this.#change(turn.id, () => ({ state: 'done' }));
    } catch (error) {
      const stopped = abort.signal.aborted;
      this.#change(turn.id, () =>
        stopped ? { state: 'stopped' } : { state: 'failed', error: error.message });
    } finally {
      if (this.#abort === abort || this.#abort === null) {
        this.#abort = null;
        this.set({ busy: false });
      }
    }
  }

  #take(id, chunk, started) {
    if (chunk.error) {
      throw new Error(chunk.error);
    }
    const now = performance.now() - started;
    this.#change(id, (answer) => ({
      state: 'streaming',
      text: answer.text + chunk.text,
      reasoning: answer.reasoning + chunk.reasoning,
      finish: chunk.finish || answer.finish,
      usage: chunk.usage ?? answer.usage,
      timings: chunk.timings ?? answer.timings,
      times: chunk.text || chunk.reasoning
        ? { first: answer.times?.first ?? now, last: now }
        : answer.times,
    }));
  }

  #change(id, change) {
    this.set({
      turns: this.state.turns.map((turn) =>
        turn.id === id ? { ...turn, answer: { ...turn.answer, ...change(turn.answer) } } : turn),
    });
  }
}

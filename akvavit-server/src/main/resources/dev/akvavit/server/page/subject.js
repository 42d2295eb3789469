/** Which prompt the views of tokens look at: what is being written, else what was asked last. */
import { messages } from './requests.js';

/** How the page asks: as chosen, else as the model can. */
export function modeOf(draft, model) {
  return draft.mode ?? (model.chats ? 'chat' : 'complete');
}

/**
 * The body of a request about the prompt, or null when there is none.
 *
 * @param {{mode: string, text: string, suffix: string}} draft
 * @param {object[]} turns
 * @param {object} model
 */
export function subject(draft, turns, model) {
  const last = turns.at(-1);
  const written = draft.text !== '';
  if (!written && !last) {
    return null;
  }
  const question = written
    ? { ...draft, mode: modeOf(draft, model), parameters: last?.question.parameters ?? {} }
    : last.question;
  const name = { model: model.model };
  if (question.mode === 'chat') {
    const before = written ? turns : turns.slice(0, -1);
    const chat = before.filter((turn) => turn.question.mode === 'chat');
    return { ...name, messages: messages(question, chat) };
  }
  return question.mode === 'fill'
    ? { ...name, text: question.text, suffix: question.suffix }
    : { ...name, text: question.text };
}

/** A token's text with its invisible parts made visible. */
export function visible(piece) {
  return piece.replaceAll('\n', '⏎').replaceAll('\t', '⇥').replaceAll(' ', '·') || '∅';
}

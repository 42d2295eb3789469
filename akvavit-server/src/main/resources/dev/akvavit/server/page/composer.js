/** Where questions are written. */
import { html, useEffect, useRef } from './vendor/htm-preact.js';

const HINTS = {
  chat: 'Write a message',
  complete: 'public class Fibonacci {',
  fill: 'public static int sum(int[] values) {',
};

/** A text area that is as high as its text, within bounds that the style sheet sets. */
function Growing({ id, label, value, hint, onInput, onKeyDown }) {
  const area = useRef(null);
  useEffect(() => {
    area.current.style.height = 'auto';
    area.current.style.height = `${area.current.scrollHeight + 2}px`;
  }, [value]);
  return html`<label class="unseen" for=${id}>${label}</label>
    <textarea id=${id} ref=${area} rows="2" spellcheck=${false} placeholder=${hint} value=${value}
      onInput=${(e) => onInput(e.target.value)} onKeyDown=${onKeyDown}></textarea>`;
}

/**
 * The two buttons have keys: one that turned from Stop into Send under the pointer would send.
 *
 * @param {{mode: string, draft: object, onDraft: function, busy: boolean, onAsk: function,
 *     onStop: function}} props
 */
export function Composer({ mode, draft, onDraft, busy, onAsk, onStop }) {
  const ready = draft.text.trim() !== '' && !busy;
  const onKeyDown = (event) => {
    const asks = mode === 'chat' ? !event.shiftKey : event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && asks && !event.isComposing) {
      event.preventDefault();
      if (ready) {
        onAsk();
      }
    }
    if (event.key === 'Escape' && busy) {
      onStop();
    }
  };
  const submit = (event) => {
    event.preventDefault();
    if (ready) {
      onAsk();
    }
  };
  return html`<form class="composer ${mode}" onSubmit=${submit}>
    <${Growing} id="prompt" label=${mode === 'chat' ? 'Message' : 'Text to go on from'}
      hint=${HINTS[mode]} value=${draft.text} onKeyDown=${onKeyDown}
      onInput=${(text) => onDraft({ ...draft, text })} />
    ${mode === 'fill' && html`<${Growing} id="suffix" label="Text after the gap" hint="}"
      value=${draft.suffix} onKeyDown=${onKeyDown}
      onInput=${(suffix) => onDraft({ ...draft, suffix })} />`}
    <div class="composer-foot">
      <span class="hint">${mode === 'chat' ? 'Enter sends, Shift+Enter breaks the line'
        : 'Ctrl+Enter sends'}</span>
      ${busy
        ? html`<button key="stop" type="button" class="primary" onClick=${onStop}>Stop</button>`
        : html`<button key="send" type="submit" class="primary" disabled=${!ready}>Send</button>`}
    </div>
  </form>`;
}

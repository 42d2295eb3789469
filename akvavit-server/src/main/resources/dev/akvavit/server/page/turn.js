/** One question with its answer. */
import {
  html, useEffect, useLayoutEffect, useMemo, useRef, useState,
} from './vendor/htm-preact.js';
import { hasKey } from './api.js';
import { guess, highlighted } from './code.js';
import { count, bytes, digits, duration } from './figures.js';
import { clean, markdown } from './markdown.js';
import { answerBody, asCurl, asJava, statistics } from './requests.js';

/** Nodes that were made elsewhere, shown once a frame at most. */
function Nodes({ make, text, class: name, tag = 'div' }) {
  const place = useRef(null);
  useLayoutEffect(() => {
    place.current.replaceChildren(make(text));
  }, [make, text]);
  return html`<${tag} class=${name} ref=${place}></${tag}>`;
}

function Code({ text, language, class: name }) {
  const make = useMemo(() => (code) => clean(highlighted(code, language)), [language]);
  return html`<${Nodes} tag="span" class=${name} make=${make} text=${text} />`;
}

/** A text that the model went on with, as one piece of code. */
function Continued({ question, answer }) {
  const language = useMemo(() => guess(question.text), [question.text]);
  return html`<pre class="continued"><code><${Code} class="given" text=${question.text}
    language=${language} /><${Code} class="made" text=${answer.text} language=${language} />${
    question.mode === 'fill' && html`<${Code} class="given" text=${question.suffix}
    language=${language} />`}</code></pre>`;
}

function Reasoning({ answer }) {
  const thinking = answer.text === '' && answer.state === 'streaming';
  const [open, setOpen] = useState(thinking);
  useEffect(() => setOpen(thinking), [thinking]);
  return html`<details class="reasoning" open=${open} onToggle=${(e) => setOpen(e.target.open)}>
    <summary>${thinking ? 'Thinking …' : 'Thoughts'}</summary>
    <${Nodes} class="prose" make=${markdown} text=${answer.reasoning} />
  </details>`;
}

function Statistics({ answer, model }) {
  const s = statistics(answer, model.kv_bytes_per_token);
  if (!s) {
    return null;
  }
  return html`<p class="statistics">
    <span>${count(s.prompt)} + ${count(s.generated)} tokens</span>
    ${s.cached > 0 && html`<span>${count(s.cached)} cached</span>`}
    <span>first after ${duration(s.firstToken)}</span>
    <span title="Prompt tokens computed, by the time it took">
      prefill ${digits(s.prefillRate)} tok/s</span>
    ${Number.isFinite(s.decodeRate) && html`<span>decode ${digits(s.decodeRate)} tok/s</span>`}
    <span>KV ${bytes(s.kvBytes)}</span>
  </p>`;
}

function CopyButton({ label, text }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setDone(true);
    setTimeout(() => setDone(false), 1200);
  };
  return html`<button type="button" class="quiet" onClick=${copy}>${done ? 'Copied' : label}
    </button>`;
}

function Editor({ question, onDone, onCancel }) {
  const [text, setText] = useState(question.text);
  const area = useRef(null);
  useEffect(() => area.current.focus(), []);
  const submit = (event) => {
    event.preventDefault();
    onDone(text);
  };
  return html`<form class="editor" onSubmit=${submit}>
    <textarea ref=${area} rows="4" aria-label="Edit the question" value=${text} spellcheck=${false}
      onInput=${(e) => setText(e.target.value)}
      onKeyDown=${(e) => e.key === 'Escape' && onCancel()}></textarea>
    <div class="row"><button type="submit" class="primary" disabled=${text.trim() === ''}>Ask again
      </button><button type="button" class="quiet" onClick=${onCancel}>Cancel</button></div>
  </form>`;
}

function Actions({ turn, conversation, parameters, onEdit, onGoOn }) {
  const request = () => answerBody(turn.question, conversation.before(turn.id), false);
  return html`<div class="actions">
    <button type="button" class="quiet" onClick=${onEdit}>Edit</button>
    <button type="button" class="quiet"
      onClick=${() => conversation.again(turn.id, { parameters })}>Regenerate</button>
    ${turn.question.mode === 'complete' && html`<button type="button" class="quiet"
      onClick=${onGoOn} title="Take text and answer as the next beginning">Go on</button>`}
    <span class="spring"></span>
    <${CopyButton} label="Copy" text=${() => turn.answer.text} />
    <${CopyButton} label="curl" text=${() => asCurl(location.origin, request(), hasKey())} />
    <${CopyButton} label="Java" text=${() => asJava(location.origin, request(), hasKey())} />
  </div>`;
}

function Answer({ question, answer }) {
  const waits = answer.state === 'waiting';
  return html`
    ${answer.reasoning !== '' && html`<${Reasoning} answer=${answer} />`}
    ${question.mode === 'chat'
      ? html`<${Nodes} class="prose answer" make=${markdown} text=${answer.text} />`
      : html`<${Continued} question=${question} answer=${answer} />`}
    ${waits && html`<p class="waiting"><span class="unseen">The model reads</span>
      <i></i><i></i><i></i></p>`}
    ${answer.state === 'failed' && html`<p class="trouble" role="alert">${answer.error}</p>`}
    ${answer.state === 'stopped' && html`<p class="ended">Stopped here.</p>`}
    ${answer.finish === 'length' && answer.state === 'done'
      && html`<p class="ended">Cut at the longest answer allowed.</p>`}`;
}

/**
 * @param {{turn: object, model: object, conversation: Conversation, parameters: object,
 *     onDraft: function}} props `parameters` of a question that is asked again; `onDraft` gets the
 *     text to go on from
 */
export function Turn({ turn, model, conversation, parameters, onDraft }) {
  const [editing, setEditing] = useState(false);
  const { question, answer } = turn;
  const ended = ['done', 'stopped', 'failed'].includes(answer.state);
  const edited = (text) => {
    setEditing(false);
    conversation.again(turn.id, { text, parameters });
  };
  return html`<article class=${`turn ${question.mode} ${answer.state}`}>
    ${editing
      ? html`<${Editor} question=${question} onDone=${edited}
        onCancel=${() => setEditing(false)} />`
      : question.mode === 'chat' && html`<p class="question">${question.text}</p>`}
    ${!editing && html`<${Answer} question=${question} answer=${answer} />`}
    <${Statistics} answer=${answer} model=${model} />
    ${ended && !editing && html`<${Actions} turn=${turn} conversation=${conversation}
      parameters=${parameters} onEdit=${() => setEditing(true)}
      onGoOn=${() => onDraft(question.text + answer.text)} />`}
  </article>`;
}

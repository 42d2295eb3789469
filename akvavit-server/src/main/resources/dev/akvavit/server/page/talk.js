/** The conversation: how to ask, what was asked, the composer. */
import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { Composer } from './composer.js';
import { Parameters } from './parameters.js';
import { useStore } from './store.js';
import { modeOf } from './subject.js';
import { Turn } from './turn.js';

const MODES = [
  { id: 'chat', name: 'Chat', can: 'chats', why: 'it has no chat template' },
  { id: 'complete', name: 'Complete', can: null, why: '' },
  { id: 'fill', name: 'Fill in', can: 'fills_in', why: 'it has no fill-in-the-middle tokens' },
];

function able(mode, model) {
  return mode.can === null || model[mode.can];
}

function Modes({ mode, model, onMode }) {
  return html`<fieldset class="modes">
    <legend class="unseen">How to ask</legend>
    ${MODES.map((m) => html`<label class=${m.id === mode ? 'on' : ''}
      title=${able(m, model) ? '' : `Not with this model: ${m.why}`}>
      <input type="radio" name="mode" value=${m.id} checked=${m.id === mode}
        disabled=${!able(m, model)} onChange=${() => onMode(m.id)} />${m.name}</label>`)}
  </fieldset>`;
}

function Welcome({ model, mode }) {
  if (mode === 'chat') {
    return html`<p class="welcome">Ask <b>${model.model}</b> something.</p>`;
  }
  return html`<div class="welcome">
    ${!model.chats && html`<p class="notice"><b>${model.model}</b> completes text: it has no chat
      template, so the page opens in completion.</p>`}
    <p>${mode === 'fill'
      ? 'Write what stands before and after the gap; the model writes what belongs between.'
      : 'Write the beginning; the model goes on from there.'}</p>
  </div>`;
}

/** Keeps the end in view while it grows, unless the reader has scrolled away from it. */
function useFollow(turns) {
  const box = useRef(null);
  const follows = useRef(true);
  useEffect(() => {
    if (follows.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [turns]);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    follows.current = scrollHeight - scrollTop - clientHeight < 60;
  };
  return { box, onScroll };
}

/** @param {{model: object, conversation: Conversation, draft: object, onDraft: function}} props */
export function Talk({ model, conversation, draft, onDraft }) {
  const { turns, busy } = useStore(conversation);
  const mode = modeOf(draft, model);
  const [parameters, setParameters] = useState(model.chats ? {} : { max_tokens: '256' });
  const { box, onScroll } = useFollow(turns);
  const ask = () => {
    conversation.ask({ ...draft, mode, model: model.model, parameters });
    if (mode === 'chat') {
      onDraft({ ...draft, text: '' });
    }
  };
  return html`<section class="talk" aria-label="Conversation">
    <div class="talk-head">
      <${Modes} mode=${mode} model=${model}
        onMode=${(chosen) => onDraft({ ...draft, mode: chosen })} />
      ${turns.length > 0 && html`<button type="button" class="quiet"
        onClick=${() => conversation.clear()}>Start anew</button>`}
    </div>
    <div class="turns" ref=${box} onScroll=${onScroll} tabindex="0" role="log"
      aria-label="Questions and answers" aria-live="polite" aria-busy=${busy}>
      ${turns.length === 0 && html`<${Welcome} model=${model} mode=${mode} />`}
      ${turns.map((turn) => html`<${Turn} key=${turn.id} turn=${turn} model=${model}
        conversation=${conversation} parameters=${parameters}
        onDraft=${(text) => onDraft({ ...draft, text })} />`)}
    </div>
    <${Parameters} model=${model} chat=${mode === 'chat'} values=${parameters}
      onChange=${setParameters} />
    <${Composer} mode=${mode} draft=${draft} onDraft=${onDraft} busy=${busy} onAsk=${ask}
      onStop=${() => conversation.stop()} />
  </section>`;
}

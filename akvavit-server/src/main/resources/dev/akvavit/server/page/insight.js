/** The tabs beside the conversation. */
import { html, useRef, useState } from './vendor/htm-preact.js';
import { CacheView } from './cache-view.js';
import { ExpertsView } from './experts-view.js';
import { PlannerView } from './planner-view.js';
import { SelectionView } from './selection-view.js';
import { useStore } from './store.js';
import { TokensView } from './tokens-view.js';

const TABS = [
  { id: 'cache', name: 'Cache', view: CacheView },
  { id: 'tokens', name: 'Tokens', view: TokensView },
  { id: 'selection', name: 'Selection', view: SelectionView },
  { id: 'experts', name: 'Experts', view: ExpertsView },
  { id: 'planner', name: 'Planner', view: PlannerView },
];

/** @param {{model: object, conversation: Conversation, draft: object, onDraft: function}} props */
export function Insight({ model, conversation, draft, onDraft }) {
  const [chosen, setChosen] = useState('cache');
  const { turns, busy } = useStore(conversation);
  const memory = useRef({}).current;
  const at = TABS.findIndex((tab) => tab.id === chosen);
  const onKeyDown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const next = TABS[(at + step + TABS.length) % TABS.length];
      setChosen(next.id);
      document.getElementById(`tab-${next.id}`).focus();
    }
  };
  return html`<section class="insight" aria-label="Insight">
    <div class="tabs" role="tablist" aria-label="Views" onKeyDown=${onKeyDown}>
      ${TABS.map((tab) => html`<button type="button" role="tab" id=${`tab-${tab.id}`}
        aria-selected=${tab.id === chosen} aria-controls="view"
        tabindex=${tab.id === chosen ? 0 : -1} onClick=${() => setChosen(tab.id)}>
        ${tab.name}</button>`)}
    </div>
    <div class="view" id="view" role="tabpanel" aria-labelledby=${`tab-${chosen}`} tabindex="0">
      <${TABS[at].view} model=${model} turns=${turns} busy=${busy} draft=${draft}
        onDraft=${onDraft} memory=${memory} />
    </div>
  </section>`;
}

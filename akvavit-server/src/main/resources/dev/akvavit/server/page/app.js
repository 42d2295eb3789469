/** The page as a whole: bar, conversation, insight. */
import { html, useCallback, useEffect, useMemo, useState } from './vendor/htm-preact.js';
import { getJson, hasKey, onKeyAsked } from './api.js';
import { Bar } from './bar.js';
import { Conversation } from './conversation.js';
import { Insight } from './insight.js';
import { KeyForm } from './key.js';
import { Talk } from './talk.js';

/** @returns what `/akvavit/defaults` says of a model, asked again when `again` changes */
function useModel(name, again) {
  const [model, setModel] = useState(null);
  const [error, setError] = useState('');
  useEffect(() => {
    const abort = new AbortController();
    setModel(null);
    setError('');
    getJson('/akvavit/defaults', { model: name }, abort.signal)
      .then(setModel)
      .catch((e) => !abort.signal.aborted && setError(e.message));
    return () => abort.abort();
  }, [name, again]);
  return { model, error };
}

/** Everything. */
export function App() {
  const conversation = useMemo(() => new Conversation(), []);
  const [name, setName] = useState(undefined);
  const [again, setAgain] = useState(0);
  const [keyAsked, setKeyAsked] = useState(false);
  const [draft, setDraft] = useState({ mode: undefined, text: '', suffix: '' });
  const { model, error } = useModel(name, again);

  useEffect(() => onKeyAsked(() => setKeyAsked(true)), []);
  const keyGiven = useCallback(() => {
    setKeyAsked(false);
    setAgain((n) => n + 1);
  }, []);

  return html`
    <${Bar} model=${model} onModel=${setName} keyed=${hasKey() || keyAsked}
      onKey=${() => setKeyAsked(true)} />
    ${keyAsked && html`<${KeyForm} onDone=${keyGiven} />`}
    ${error && !keyAsked && html`<p class="banner" role="alert">${error}</p>`}
    <main class="stage">
      ${model && html`
        <${Talk} key=${model.model} model=${model} conversation=${conversation} draft=${draft}
          onDraft=${setDraft} />
        <${Insight} key=${`insight ${model.model}`} model=${model} conversation=${conversation}
          draft=${draft} onDraft=${setDraft} />`}
      ${!model && !error && !keyAsked && html`<p class="loading">Opening the model …</p>`}
    </main>`;
}

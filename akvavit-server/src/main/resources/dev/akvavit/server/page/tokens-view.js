/** The prompt as the model reads it: tokens with their ids, the part that is cached in colour. */
import { html, useEffect, useState } from './vendor/htm-preact.js';
import { postJson } from './api.js';
import { count, share } from './figures.js';
import { subject, visible } from './subject.js';

const PAUSE = 250; // ms without a key before the prompt is looked at
const SHOWN = 1500; // chips at most

/** Asks for a prompt's tokens when it has stood still for a moment. */
function useTokens(body, again) {
  const [answer, setAnswer] = useState(null);
  const [error, setError] = useState('');
  const text = JSON.stringify(body);
  useEffect(() => {
    if (body === null) {
      setAnswer(null);
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      postJson('/akvavit/tokens', body, abort.signal)
        .then((found) => {
          setAnswer(found);
          setError('');
        })
        .catch((e) => !abort.signal.aborted && setError(e.message));
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, again]);
  return { answer, error };
}

function Chip({ id, piece, cached, page, first }) {
  return html`<li class=${`chip${cached ? ' cached' : ''}${first ? ' page' : ''}`}
    title=${`token ${id}${cached ? ', cached' : ''}, page ${page}`}>
    <span class="piece">${visible(piece)}</span><span class="id">${id}</span></li>`;
}

/** @param {{model: object, turns: object[], busy: boolean, draft: object}} props */
export function TokensView({ model, turns, busy, draft }) {
  const { answer, error } = useTokens(subject(draft, turns, model), busy);
  if (error) {
    return html`<p class="trouble" role="alert">${error}</p>`;
  }
  if (!answer) {
    return html`<p class="reading">Write a prompt: its tokens appear here, those whose keys and
      values are already in the cache in colour.</p>`;
  }
  const { ids, pieces, cached, page_size: pageSize } = answer;
  return html`
    <p class="reading"><b data-count="tokens">${count(ids.length)}</b> tokens, of which
      <b data-count="cached"> ${count(cached)}</b> (${share(cached, ids.length)}) are in the
      cache already and need not be computed. A page holds ${pageSize}; only whole ones are shared.
      </p>
    <ol class="chips" aria-label="Tokens of the prompt">
      ${ids.slice(0, SHOWN).map((id, i) => html`<${Chip} key=${i} id=${id} piece=${pieces[i]}
        cached=${i < cached} page=${Math.floor(i / pageSize)} first=${i % pageSize === 0} />`)}
    </ol>
    ${ids.length > SHOWN && html`<p class="reading">The first ${count(SHOWN)} are shown.</p>`}`;
}

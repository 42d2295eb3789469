/** What sparse attention chose: queries by keys, one map a layer. */
import { html, useMemo, useState } from './vendor/htm-preact.js';
import { postJson } from './api.js';
import { Bitmap } from './bitmap.js';
import { colour, useCanvas } from './drawing.js';
import { count } from './figures.js';
import { SAMPLE } from './sample.js';
import { useKept } from './store.js';
import { subject, visible } from './subject.js';

const LARGEST = 540; // CSS pixels of the map's side

/** Share of the shown layers that chose a key for a query. */
function strength(maps, query, key) {
  let chosen = 0;
  for (const map of maps) {
    chosen += map.has(query, key) ? 1 : 0;
  }
  return chosen / maps.length;
}

/** The map in pixels, one a pair of tokens. */
function picture(maps, size) {
  const image = new ImageData(size, size);
  const [off, on] = [colour('--unchosen'), colour('--accent')];
  for (let query = 0; query < size; query++) {
    for (let key = 0; key <= query; key++) {
      const part = strength(maps, query, key);
      const at = 4 * (query * size + key);
      for (let i = 0; i < 3; i++) {
        image.data[at + i] = off[i] + (on[i] - off[i]) * part;
      }
      image.data[at + 3] = 255;
    }
  }
  const canvas = new OffscreenCanvas(size, size);
  canvas.getContext('2d').putImageData(image, 0, 0);
  return canvas;
}

function Square({ found, maps, at, onAt }) {
  const size = found.ids.length;
  const side = (width) => Math.min(width, LARGEST);
  const draw = (context, width) => {
    context.imageSmoothingEnabled = size > side(width);
    context.drawImage(picture(maps, size), 0, 0, side(width), side(width));
    if (at) {
      const unit = side(width) / size;
      context.fillStyle = `rgb(${colour('--warn').join(' ')} / 0.75)`;
      context.fillRect(0, at.query * unit, side(width), Math.max(1, unit));
      context.fillRect(at.key * unit, 0, Math.max(1, unit), side(width));
    }
  };
  const { canvas, width } = useCanvas(draw, side, [found, maps, at]);
  const place = (event) => {
    const box = canvas.current.getBoundingClientRect();
    const cell = (distance) =>
      Math.max(0, Math.min(size - 1, Math.floor((distance * size) / side(width))));
    const query = cell(event.clientY - box.top);
    return { query, key: Math.min(query, cell(event.clientX - box.left)) };
  };
  const onKeyDown = (event) => {
    const move = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
    }[event.key];
    if (move) {
      event.preventDefault();
      const from = at ?? { query: size - 1, key: 0 };
      const query = Math.max(0, Math.min(size - 1, from.query + move[0]));
      onAt({ query, key: Math.max(0, Math.min(query, from.key + move[1])) });
    }
  };
  return html`<div class="drawn map"><canvas ref=${canvas} tabindex="0" role="application"
    data-drawn="selection" onMouseMove=${(e) => onAt(place(e))} onKeyDown=${onKeyDown}
    aria-label="Queries from top to bottom, keys from left to right. Arrow keys move the cross."
    ></canvas></div>`;
}

function Reading({ found, maps, at, all }) {
  if (!at) {
    return html`<p class="reading">Each row is a token that looks back, each column a token it may
      look at. Point at the map, or move with the arrow keys.</p>`;
  }
  const { query, key } = at;
  const part = strength(maps, query, key);
  const verdict = all
    ? `${Math.round(part * maps.length)} of ${maps.length} layers read`
    : part ? 'reads' : 'skips';
  return html`<p class="reading" aria-live="polite">Token ${query}${' '}
    <code>${visible(found.pieces[query])}</code> ${verdict} token ${key}${' '}
    <code>${visible(found.pieces[key])}</code>${all ? '' : `; ${count(maps[0].count(query))} of
    ${count(query + 1)} chosen`}.</p>`;
}

/** The prompt as text; what the pointed-at token reads stands out. */
function Strip({ found, maps, at }) {
  const query = at?.query ?? found.ids.length - 1;
  return html`<div class="strip" aria-hidden="true">${found.pieces.map((piece, key) => {
    const part = key <= query ? strength(maps, query, key) : 0;
    const kind = key === query ? 'self' : key > query ? 'later' : part >= 0.5 ? 'read' : 'skipped';
    return html`<span class=${kind}>${piece}</span>`;
  })}</div>`;
}

function Found({ found }) {
  const [layer, setLayer] = useState(-1);
  const [at, setAt] = useState(null);
  const bitmaps = useMemo(
    () => found.layers.map(({ rows }) => new Bitmap(found.ids.length, rows)), [found]);
  const maps = useMemo(() => (layer < 0 ? bitmaps : [bitmaps[layer]]), [bitmaps, layer]);
  const name = layer < 0 ? 'all layers' : `layer ${found.layers[layer].layer}${
    found.layers[layer].own ? '' : ', takes the choice before it'}`;
  return html`
    ${found.ids.length <= found.top_k && html`<p class="notice">Up to ${count(found.top_k)} tokens
      every token reads all before it; a longer prompt has to choose.</p>`}
    <label class="slider"><span>Layer</span>
      <input type="range" name="layer" min="-1" max=${bitmaps.length - 1} value=${layer}
        aria-valuetext=${name} onInput=${(e) => setLayer(Number(e.target.value))} />
      <output>${name}</output></label>
    <${Square} found=${found} maps=${maps} at=${at} onAt=${setAt} />
    <${Reading} found=${found} maps=${maps} at=${at} all=${layer < 0} />
    <${Strip} found=${found} maps=${maps} at=${at} />`;
}

/**
 * @param {{model: object, turns: object[], draft: object, onDraft: function, memory: object}} props
 */
export function SelectionView({ model, turns, draft, onDraft, memory }) {
  const [found, setFound] = useKept(memory, 'selection', null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  if (!model.selects) {
    return html`<p class="reading">${model.model} reads every token before each token
      (${model.mechanism}): there is no selection to draw. Models with DeepSeek sparse attention
      have one.</p>`;
  }
  const body = subject(draft, turns, model);
  const compute = async () => {
    setBusy(true);
    setError('');
    try {
      setFound(await postJson('/akvavit/selection', body));
    } catch (e) {
      setError(e.message);
    }
    setBusy(false);
  };
  return html`
    <div class="row">
      <button type="button" class="primary" disabled=${busy || body === null} onClick=${compute}>
        ${busy ? 'Computing …' : 'Draw the prompt’s map'}</button>
      <button type="button" class="quiet" onClick=${() => onDraft({ ...draft, text: SAMPLE })}>
        Take a long example</button>
    </div>
    ${error && html`<p class="trouble" role="alert">${error}</p>`}
    ${found ? html`<${Found} found=${found} />`
      : html`<p class="reading">Each token of ${model.model} reads at most
        ${` ${count(model.selects.top_k)}`} tokens before it, and every layer chooses them anew. The
        map shows the choice; it is computed beside the engine, for this one prompt of up to
        ${` ${count(model.selects.most_tokens)}`} tokens.</p>`}`;
}

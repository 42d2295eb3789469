/** The KV cache as it is now: every page a square, every plane a bar. */
import { html, useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js';
import { colour, useCanvas, usePoll } from './drawing.js';
import { bytes, count, share } from './figures.js';

const STATES = [
  { sign: 'u', name: 'used', css: '--used', means: 'one sequence reads it' },
  { sign: 's', name: 'shared', css: '--shared', means: 'several sequences read it' },
  { sign: 'k', name: 'kept', css: '--kept', means: 'nobody reads it; the same beginning would' },
  { sign: '.', name: 'free', css: '--free', means: 'holds nothing' },
];
const FLASH = 1500; // ms that an evicted page stays marked
const GAP = 3;

function cellSize(pages) {
  return pages > 1024 ? 7 : pages > 320 ? 11 : 15;
}

/** Pages that were evicted lately, by the time of it. */
function useEvicted(cache) {
  const times = useRef(new Map());
  useEffect(() => {
    const now = performance.now();
    cache?.evicted.forEach((page) => times.current.set(page, now));
    for (const [page, time] of times.current) {
      if (now - time > FLASH) {
        times.current.delete(page);
      }
    }
  }, [cache]);
  return times.current;
}

function Grid({ cache }) {
  const evicted = useEvicted(cache);
  const [over, setOver] = useState(-1);
  const { states } = cache;
  const cell = cellSize(states.length);
  const columns = (width) => Math.max(1, Math.floor((width + GAP) / (cell + GAP)));
  const draw = (context, width) => {
    const fill = Object.fromEntries(
      STATES.map(({ sign, css }) => [sign, `rgb(${colour(css).join(' ')})`]));
    const mark = `rgb(${colour('--warn').join(' ')})`;
    for (let page = 0; page < states.length; page++) {
      const x = (page % columns(width)) * (cell + GAP);
      const y = Math.floor(page / columns(width)) * (cell + GAP);
      context.fillStyle = fill[states[page]];
      context.beginPath();
      context.roundRect(x, y, cell, cell, 2);
      context.fill();
      if (evicted.has(page)) {
        context.lineWidth = 2;
        context.strokeStyle = mark;
        context.stroke();
      }
    }
  };
  const height = (width) => Math.ceil(states.length / columns(width)) * (cell + GAP);
  const { canvas, width } = useCanvas(draw, height, [cache]);
  const onMove = (event) => {
    const box = canvas.current.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / (cell + GAP));
    const row = Math.floor((event.clientY - box.top) / (cell + GAP));
    const page = row * columns(width) + column;
    setOver(column < columns(width) && page < states.length ? page : -1);
  };
  const state = STATES.find(({ sign }) => sign === states[over]);
  return html`
    <div class="drawn"><canvas ref=${canvas} role="img" data-drawn="cache"
      aria-label=${`${cache.pages} pages: ${STATES.map(({ name }) =>
        `${cache.counts[name]} ${name}`).join(', ')}`}
      onMouseMove=${onMove} onMouseLeave=${() => setOver(-1)}></canvas></div>
    <p class="reading">${over < 0
      ? `Each square is a page of ${cache.page_size} tokens.`
      : `Page ${cache.first + over}: ${state.name}, ${state.means}.`}
      ${cache.pages > states.length && ` The first ${count(states.length)} of ${count(cache.pages)}
      pages are drawn.`}</p>`;
}

function Legend({ cache }) {
  return html`<ul class="legend">
    ${STATES.map(({ name, css, means }) => html`<li title=${means}>
      <i class="swatch" style=${{ background: `var(${css})` }}></i>
      <b data-count=${name}>${count(cache.counts[name])}</b> ${name}</li>`)}
    <li title="Given to other tokens since the engine started">
      <i class="swatch ring"></i>
      <b data-count="evictions">${count(cache.evictions)}</b> evicted</li>
  </ul>`;
}

function Planes({ cache }) {
  const slots = (cache.counts.used + cache.counts.shared + cache.counts.kept) * cache.page_size;
  return html`<table class="planes"><caption>Bytes by plane</caption>
    <thead><tr><th>plane</th><th>a token, a layer</th><th>a token</th><th>held now</th>
      <th>allocated</th></tr></thead>
    <tbody>${cache.planes.map((plane) => html`<tr>
      <th scope="row">${plane.name}
        <span class="part-of" aria-hidden="true"><i style=${{
          width: share(plane.bytes_per_token, cache.kv_bytes_per_token).replace(' ', '') }}></i>
        </span></th>
      <td>${plane.shape} ${plane.dtype}</td>
      <td>${bytes(plane.bytes_per_token)}</td>
      <td>${bytes(plane.bytes_per_token * slots)}</td>
      <td>${bytes(plane.bytes)}</td></tr>`)}</tbody></table>`;
}

function Work({ cache }) {
  const facts = [
    ['running', count(cache.running)],
    ['waiting', count(cache.waiting)],
    ['steps', count(cache.steps)],
    ['tokens computed', count(cache.computed_tokens)],
    ['found in cache', count(cache.cached_tokens)],
    ['preemptions', count(cache.preemptions)],
  ];
  return html`<dl class="facts-grid">${facts.map(([name, value]) => html`
    <div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** @param {{model: object, busy: boolean}} props */
export function CacheView({ model, busy }) {
  const query = useMemo(() => (last) => ({
    model: model.model,
    evictions_seen: last?.evictions,
  }), [model.model]);
  const { answer, error } = usePoll('/akvavit/cache', query, busy);
  if (!answer) {
    return html`<p class="reading">${error || 'Looking …'}</p>`;
  }
  return html`
    <${Legend} cache=${answer} />
    <${Grid} cache=${answer} />
    <${Planes} cache=${answer} />
    <${Work} cache=${answer} />
    ${error && html`<p class="trouble" role="alert">${error}</p>`}`;
}

/** How evenly the routed experts work: layers by experts. */
import { html, useMemo, useState } from './vendor/htm-preact.js';
import { between, colour, useCanvas, usePoll } from './drawing.js';
import { count, digits } from './figures.js';

const LABEL = 34; // CSS pixels for the layer's number
const FULL = 2; // times the mean that gets the full colour

/**
 * Figures of one layer.
 *
 * @param {number[]} load tokens by expert
 */
export function balance(load) {
  const total = load.reduce((sum, tokens) => sum + tokens, 0);
  const mean = total / load.length;
  const spread = Math.sqrt(
    load.reduce((sum, tokens) => sum + (tokens - mean) ** 2, 0) / load.length);
  return {
    total,
    mean,
    most: mean > 0 ? Math.max(...load) / mean : NaN,
    variation: mean > 0 ? spread / mean : NaN,
    idle: load.filter((tokens) => tokens === 0).length,
  };
}

function Grid({ layers }) {
  const [over, setOver] = useState(null);
  const experts = Math.max(...layers.map(({ load }) => load.length));
  const row = layers.length > 30 ? 9 : 22;
  const cell = (width) => (width - LABEL) / experts;
  const draw = (context, width) => {
    const [none, full, hot] = [colour('--free'), colour('--accent'), colour('--warn')];
    context.font = '11px ui-monospace, monospace';
    context.textBaseline = 'middle';
    layers.forEach(({ layer, load }, y) => {
      const { mean } = balance(load);
      if (row > 12 || y % 4 === 0) {
        context.fillStyle = `rgb(${colour('--muted').join(' ')})`;
        context.fillText(String(layer), 4, y * row + row / 2);
      }
      load.forEach((tokens, x) => {
        const part = mean > 0 ? tokens / mean / FULL : 0;
        context.fillStyle = part > 1 ? between(hot, hot, 1) : between(none, full, part);
        const gap = cell(width) > 6 ? 2 : 0;
        context.fillRect(LABEL + x * cell(width), y * row, cell(width) - gap, row - (gap && 2));
      });
    });
  };
  const { canvas, width } = useCanvas(draw, () => layers.length * row, [layers]);
  const onMove = (event) => {
    const box = canvas.current.getBoundingClientRect();
    const expert = Math.floor((event.clientX - box.left - LABEL) / cell(width));
    const at = layers[Math.floor((event.clientY - box.top) / row)];
    setOver(at && expert >= 0 && expert < at.load.length ? { at, expert } : null);
  };
  return html`
    <div class="drawn"><canvas ref=${canvas} role="img" data-drawn="experts"
      aria-label=${`Load of ${experts} experts in ${layers.length} layers; figures below`}
      onMouseMove=${onMove} onMouseLeave=${() => setOver(null)}></canvas></div>
    <p class="reading">${over
      ? `Layer ${over.at.layer}, expert ${over.expert}: ${count(over.at.load[over.expert])} tokens, `
        + `${digits(over.at.load[over.expert] / balance(over.at.load).mean)} times the mean.`
      : 'Rows are layers, columns experts. Full colour is twice the mean, amber is more.'}</p>`;
}

function Figures({ layers }) {
  return html`<table><caption>Imbalance by layer</caption>
    <thead><tr><th>layer</th><th>tokens × k</th><th>most / mean</th><th>variation</th><th>idle</th>
    </tr></thead>
    <tbody>${layers.map(({ layer, load }) => {
      const b = balance(load);
      return html`<tr><th scope="row">${layer}</th><td>${count(b.total)}</td>
        <td>${digits(b.most)}</td><td>${digits(b.variation)}</td><td>${b.idle}</td></tr>`;
    })}</tbody></table>`;
}

/** What was served since a moment. */
function since(layers, start) {
  return start === null ? layers : layers.map(({ layer, load }, i) => ({
    layer,
    load: load.map((tokens, expert) => tokens - start[i].load[expert]),
  }));
}

/** @param {{model: object, busy: boolean}} props */
export function ExpertsView({ model, busy }) {
  const query = useMemo(() => () => ({ model: model.model }), [model.model]);
  const { answer, error } = usePoll('/akvavit/experts', query, busy);
  const [start, setStart] = useState(null);
  const layers = useMemo(() => (answer ? since(answer.layers, start) : []), [answer, start]);
  if (!answer) {
    return html`<p class="reading">${error || 'Looking …'}</p>`;
  }
  if (layers.length === 0) {
    return html`<p class="reading">${model.model} has no experts: every token passes through all
      weights.</p>`;
  }
  const worst = Math.max(...layers.map(({ load }) => balance(load).most || 0));
  return html`
    <div class="row">
      <p class="reading grow">Tokens served by each routed expert since
        ${start ? ' you began to count' : ' the model was opened'}; the busiest serves
        <b data-count="imbalance"> ${digits(worst || NaN)}</b> times its layer's mean.</p>
      <button type="button" class="quiet" onClick=${() => setStart(start ? null : answer.layers)}>
        ${start ? 'Count from the start' : 'Count from now'}</button>
    </div>
    <${Grid} layers=${layers} />
    <${Figures} layers=${layers} />`;
}

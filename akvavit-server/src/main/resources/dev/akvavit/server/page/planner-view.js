/** What would fit: the planner of `akvavit plan`, asked again whenever a slider moves. */
import { html, useEffect, useState } from './vendor/htm-preact.js';
import { getJson } from './api.js';
import { bytes, count, digits, share, short } from './figures.js';
import { Curves } from './curves.js';
import { useKept } from './store.js';

const PAUSE = 120; // ms that a slider rests before the server is asked
const CURVES = {
  cache_bytes: { name: 'Cache', says: 'KV cache of all users by context', show: bytes, base: 2 },
  bytes_read: { name: 'Read', says: 'bytes read for a token by context', show: bytes, base: 2 },
  flops: { name: 'Arithmetic', says: 'operations for a token by context', show: short, base: 10 },
};

/** The planner's answer to what is asked; the last good one stays while a new one is computed. */
function usePlan(query) {
  const [plan, setPlan] = useState(null);
  const [error, setError] = useState('');
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      getJson('/akvavit/plan', query, abort.signal)
        .then((found) => {
          setPlan(found);
          setError('');
        })
        .catch((e) => !abort.signal.aborted && setError(e.message));
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [JSON.stringify(query)]);
  return { plan, error };
}

/** A slider whose steps are powers of two, or halves between them. */
function PowerSlider({ name, label, value, most, show, onChange }) {
  const steps = [];
  for (let step = 1; step < most; step *= 2) {
    steps.push(step);
    if (step * 1.5 < most && Number.isInteger(step * 1.5)) {
      steps.push(step * 1.5);
    }
  }
  steps.push(most);
  const at = steps.findLastIndex((step) => step <= value);
  return html`<label class="slider"><span>${label}</span>
    <input type="range" name=${name} min="0" max=${steps.length - 1} value=${at}
      aria-valuetext=${show(steps[at])} onInput=${(e) => onChange(steps[Number(e.target.value)])} />
    <output>${show(value)}</output></label>`;
}

/** A memory in GiB; until the first plan nobody knows what this machine has. */
function memoryText(gib, here, plan) {
  return here && !plan ? 'here' : `${count(gib)} GiB${here ? ' here' : ''}`;
}

function Choice({ name, label, value, options, onChange }) {
  return html`<label class="choice"><span>${label}</span>
    <select name=${name} value=${value} onChange=${(e) => onChange(e.target.value)}>
      ${options.map(([id, text]) => html`<option value=${id}>${text}</option>`)}</select></label>`;
}

function Verdict({ plan }) {
  return html`<div class=${`verdict ${plan.fits ? 'fits' : 'over'}`}>
    <p><b>${plan.fits ? 'Fits' : 'Does not fit'}</b>: needs ${bytes(plan.need)} of
      ${` ${bytes(plan.memory)}`}, ${bytes(Math.abs(plan.room))}
      ${plan.room < 0 ? ' too much' : ' left'}.</p>
    <p>Longest context ${count(plan.longest_context)}, most users ${count(plan.most_users)}.</p>
    ${plan.remedies.length > 0 && html`<ul>${plan.remedies.map((remedy) => html`<li>
      ${remedy.change}: ${bytes(remedy.bytes)}${remedy.fits ? ', fits' : ''}
      ${` (${remedy.cost})`}</li>`)}
    </ul>`}
  </div>`;
}

function Parts({ plan }) {
  const kinds = Map.groupBy(plan.parts, (part) => part.kind);
  const sums = [...kinds].map(([kind, parts]) =>
    [kind, parts.reduce((sum, part) => sum + part.bytes, 0)]);
  const whole = Math.max(plan.need, plan.memory);
  return html`<div class="stack" role="img" aria-label=${sums.map(([kind, sum]) =>
    `${kind} ${bytes(sum)}`).join(', ')}>
    ${sums.map(([kind, sum]) =>
      html`<span class=${`part ${kind}`} style=${{ flexGrow: sum / whole }}></span>`)}
    <span class="part room" style=${{ flexGrow: Math.max(0, plan.room) / whole }}></span>
  </div>
  <ul class="legend">${sums.map(([kind, sum]) => html`<li title=${`${share(sum, plan.memory)} of the
    memory`}><i class=${`swatch ${kind}`}></i>${kind} <b>${bytes(sum)}</b></li>`)}</ul>`;
}

function Mechanisms({ plan }) {
  return html`<table class="mechanisms"><caption>This shape with each attention, at
      ${` ${count(plan.context)}`} tokens</caption>
    <thead><tr><th>attention</th><th>KV a token</th><th>longest</th><th>read a token</th>
      <th>at most tok/s</th></tr></thead>
    <tbody>${plan.mechanisms.map((m, i) => html`<tr class=${m.own ? 'own' : ''}>
      <th scope="row"><i class="swatch" style=${{ background: `var(--line-${i + 1})` }}></i>
        ${m.name}</th>
      <td>${bytes(m.kv_bytes_per_token)}</td><td>${count(m.longest_context)}</td>
      <td>${bytes(m.bytes_read)}</td>
      <td>${m.tokens_per_second === null ? '–' : digits(m.tokens_per_second)}</td></tr>`)}
    </tbody></table>`;
}

/** @param {{model: object, memory: object}} props */
export function PlannerView({ model, memory }) {
  const [asked, setAsked] = useKept(memory, 'plan', {
    shape: '', context: Math.min(8192, model.context), users: 1, memory: '', kv: 'bf16',
    bandwidth: '',
  });
  const [curve, setCurve] = useState('cache_bytes');
  const { plan, error } = usePlan({ model: model.model, ...asked });
  const set = (name) => (value) => setAsked((old) => ({ ...old, [name]: value }));
  const shapes = [['', `${model.model} (this model)`], ...(plan?.shapes ?? []).map((s) => [s, s])];
  const most = plan?.max_context ?? model.context;
  const setShape = (shape) => setAsked((old) => ({ ...old, shape, context: 1024 }));
  return html`
    <div class="asked">
      <${Choice} name="shape" label="Model" value=${asked.shape} options=${shapes}
        onChange=${setShape} />
      <${Choice} name="kv" label="Cache type" value=${asked.kv} onChange=${set('kv')}
        options=${[['bf16', 'BF16'], ['f16', 'F16'], ['q8_0', 'Q8_0'], ['f32', 'F32']]} />
      <${PowerSlider} name="context" label="Context" value=${asked.context} most=${most}
        show=${count} onChange=${set('context')} />
      <${PowerSlider} name="users" label="Users" value=${asked.users} most=${1024} show=${count}
        onChange=${set('users')} />
      <${PowerSlider} name="memory" label="Memory"
        value=${asked.memory === '' ? Math.max(1, Math.round((plan?.memory ?? 0) / 2 ** 30))
          : asked.memory}
        most=${4096} show=${(gib) => memoryText(gib, asked.memory === '', plan)}
        onChange=${set('memory')} />
      <label class="choice"><span>Bandwidth, GB/s</span>
        <input type="number" name="bandwidth" min="1" max="1000000" placeholder="not known"
          value=${asked.bandwidth} onInput=${(e) => set('bandwidth')(e.target.value)} /></label>
    </div>
    ${error && html`<p class="trouble" role="alert">${error}</p>`}
    ${plan && html`
      <${Verdict} plan=${plan} />
      <${Parts} plan=${plan} />
      <fieldset class="modes small"><legend class="unseen">Curves</legend>
        ${Object.entries(CURVES).map(([id, { name }]) => html`
          <label class=${id === curve ? 'on' : ''}><input type="radio" name="curve" value=${id}
            checked=${id === curve} onChange=${() => setCurve(id)} />${name}</label>`)}
      </fieldset>
      <${Curves} contexts=${plan.curves.contexts} lines=${plan.mechanisms.map((m, i) => ({
        name: m.name, own: m.own, values: plan.curves[curve][i],
      }))} at=${plan.context} kind=${CURVES[curve]} />
      <${Mechanisms} plan=${plan} />
      <ul class="notes">${plan.notes.map((note) => html`<li>${note}</li>`)}</ul>`}`;
}

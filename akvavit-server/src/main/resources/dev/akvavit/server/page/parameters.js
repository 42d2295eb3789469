/** How answers are drawn; an empty field leaves it to the server, which is what it shows. */
import { html } from './vendor/htm-preact.js';

const NUMBERS = [
  { name: 'max_tokens', label: 'Longest answer', min: 1, step: 1 },
  { name: 'temperature', label: 'Temperature', min: 0, max: 2, step: 0.05 },
  { name: 'top_p', label: 'Top p', min: 0.01, max: 1, step: 0.01 },
  { name: 'top_k', label: 'Top k', min: 0, step: 1 },
  { name: 'min_p', label: 'Min p', min: 0, max: 1, step: 0.01 },
  { name: 'seed', label: 'Seed', step: 1 },
  { name: 'frequency_penalty', label: 'Frequency penalty', min: -2, max: 2, step: 0.1 },
  { name: 'presence_penalty', label: 'Presence penalty', min: -2, max: 2, step: 0.1 },
];

/** @param {{model: object, chat: boolean, values: object, onChange: function}} props */
export function Parameters({ model, chat, values, onChange }) {
  const set = (name) => (event) => onChange({ ...values, [name]: event.target.value });
  const given = Object.values(values).filter((value) => value !== '').length;
  return html`<details class="parameters">
    <summary>Parameters${given > 0 && html` <span class="badge">${given} set</span>`}
    </summary>
    <div class="fields">
      ${NUMBERS.map(({ name, label, min, max, step }) => html`<label>${label}
        <input type="number" name=${name} min=${min} max=${max} step=${step} inputmode="decimal"
          placeholder=${String(model.defaults[name] ?? '')} value=${values[name] ?? ''}
          onInput=${set(name)} /></label>`)}
      <label class="broad">Stop texts, one a line
        <textarea name="stop" rows="1" value=${values.stop ?? ''} onInput=${set('stop')}></textarea>
      </label>
      ${chat && html`<label class="broad">System message
        <textarea name="system" rows="2" value=${values.system ?? ''}
          onInput=${set('system')}></textarea></label>`}
    </div>
  </details>`;
}

/** The bar on top: the model and its figures, the key, the theme. */
import { html, useEffect, useState } from './vendor/htm-preact.js';
import { bytes, count } from './figures.js';

const THEME = 'akvavit.theme';
const NEXT = { auto: 'dark', dark: 'light', light: 'auto' };
const SIGN = { auto: '◐', dark: '●', light: '○' };

function ThemeButton() {
  const [theme, setTheme] = useState(() => localStorage.getItem(THEME) ?? 'auto');
  useEffect(() => {
    localStorage.setItem(THEME, theme);
    document.documentElement.dataset.theme = theme;
    window.dispatchEvent(new Event('themechange'));
  }, [theme]);
  return html`<button type="button" class="quiet" onClick=${() => setTheme(NEXT[theme])}
    title=${`Colours: ${theme}`} aria-label=${`Colours: ${theme}. Change to ${NEXT[theme]}.`}>
    <span aria-hidden="true">${SIGN[theme]}</span></button>`;
}

function Facts({ model }) {
  return html`<p class="facts">
    <span>${model.mechanism}</span>
    <span>${count(model.context)} tokens</span>
    <span>${bytes(model.kv_bytes_per_token)} a token</span>
    <span class="wide">${model.backend}</span>
  </p>`;
}

/** @param {{model: object|null, onModel: function, keyed: boolean, onKey: function}} props */
export function Bar({ model, onModel, keyed, onKey }) {
  const names = model?.models ?? [];
  return html`<header class="bar">
    <h1 class="mark"><img src="/icon.svg" alt="" width="24" height="24" />Akvavit</h1>
    ${names.length > 1 && html`<select aria-label="Model" value=${model.model}
      onChange=${(e) => onModel(e.target.value)}>
      ${names.map((name) => html`<option value=${name}>${name}</option>`)}</select>`}
    ${names.length === 1 && html`<span class="name">${model.model}</span>`}
    ${model && html`<${Facts} model=${model} />`}
    <span class="spring"></span>
    ${keyed && html`<button type="button" class="quiet" onClick=${onKey}>Key</button>`}
    <${ThemeButton} />
  </header>`;
}

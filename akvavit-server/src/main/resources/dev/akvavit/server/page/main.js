/** Opens the page: finds the models, then draws everything. */
import { html, render } from './vendor/htm-preact.js';
import { App } from './app.js';

const root = document.getElementById('page');
root.replaceChildren();
render(html`<${App} />`, root);

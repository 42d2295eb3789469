/** Asks for the server's key. */
import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { setKey } from './api.js';

/** @param {{onDone: function}} props called once a key was given */
export function KeyForm({ onDone }) {
  const [value, setValue] = useState('');
  const field = useRef(null);
  useEffect(() => field.current.focus(), []);
  const submit = (event) => {
    event.preventDefault();
    setKey(value);
    onDone();
  };
  return html`<form class="banner key" onSubmit=${submit}>
    <label for="key">This server asks for a key. It is kept until this tab closes.</label>
    <input id="key" ref=${field} type="password" autocomplete="off" value=${value}
      onInput=${(e) => setValue(e.target.value)} />
    <button type="submit" class="primary">Use it</button>
  </form>`;
}

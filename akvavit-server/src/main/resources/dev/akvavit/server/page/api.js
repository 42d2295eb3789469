/** The server's routes, with the key where one is asked for and errors in the server's words. */

const KEY = 'akvavit.key';
let key = sessionStorage.getItem(KEY) ?? '';
const listeners = new Set();

/** What the server refused, and why. */
export class ApiFailure extends Error {
  /**
   * @param {number} status
   * @param {{message?: string, code?: string, param?: string}} error
   */
  constructor(status, error) {
    super(error.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = error.code ?? '';
    this.param = error.param ?? '';
  }
}

/** @returns {boolean} whether a key is kept for this tab */
export function hasKey() {
  return key !== '';
}

/** Keeps a key until the tab closes; an empty one forgets it. */
export function setKey(value) {
  key = value.trim();
  if (key === '') {
    sessionStorage.removeItem(KEY);
  } else {
    sessionStorage.setItem(KEY, key);
  }
}

/** Calls `listener` whenever the server asks for a key; gives a function that ends it. */
export function onKeyAsked(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function headers(more) {
  return key === '' ? more : { ...more, Authorization: `Bearer ${key}` };
}

async function call(path, init) {
  const response = await fetch(path, { ...init, headers: headers(init.headers ?? {}) });
  if (response.ok) {
    return response;
  }
  if (response.status === 401) {
    listeners.forEach((listener) => listener());
  }
  const body = await response.json().catch(() => ({}));
  throw new ApiFailure(response.status, body.error ?? {});
}

/**
 * @param {string} path
 * @param {Record<string, string|number|undefined>} query undefined ones are left out
 * @param {AbortSignal} [signal]
 */
export async function getJson(path, query = {}, signal = undefined) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given).toString();
  const response = await call(search ? `${path}?${search}` : path, { signal });
  return response.json();
}

function post(path, body, signal) {
  return call(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
    signal,
  });
}

/** Posts an object and reads the object that answers it. */
export async function postJson(path, body, signal = undefined) {
  return (await post(path, body, signal)).json();
}

/** Posts an object and gives the bytes of the answer as they come. */
export async function postStream(path, body, signal) {
  return (await post(path, body, signal)).body;
}

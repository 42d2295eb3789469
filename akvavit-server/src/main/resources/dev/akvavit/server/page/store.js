/** State that views follow: one object, replaced whole. */
import { useEffect, useState } from './vendor/htm-preact.js';

/** A value and those who want to hear of the next one. */
export class Store {
  #listeners = new Set();

  /** @param {object} state */
  constructor(state) {
    this.state = state;
  }

  /** Replaces some members and tells everyone. */
  set(change) {
    this.state = { ...this.state, ...change };
    this.#listeners.forEach((listener) => listener(this.state));
  }

  /** Calls `listener` after each change; gives a function that ends it. */
  follow(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/**
 * State that outlives its component: what a view found is there when its tab is opened again.
 *
 * @param {object} memory of the component around it
 */
export function useKept(memory, name, initial) {
  const [value, setValue] = useState(() => memory[name] ?? initial);
  memory[name] = value;
  return [value, setValue];
}

/** A component's view of a store. */
export function useStore(store) {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    setState(store.state); // what changed between render and effect
    return store.follow(setState);
  }, [store]);
  return state;
}

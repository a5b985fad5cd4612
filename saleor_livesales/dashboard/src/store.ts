/** A value that components watch. Changing it means replacing it. */

import { useLayoutEffect, useReducer, useRef } from "preact/hooks";

export class Store<S extends object> {
  #state: S;
  #watchers = new Set<() => void>();

  constructor(state: S) {
    this.#state = state;
  }

  get state(): S {
    return this.#state;
  }

  set(change: Partial<S>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of [...this.#watchers]) watcher();
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** The part of the state that `pick` takes; renders again only when that part is another one. */
export function useStore<S extends object, T>(store: Store<S>, pick: (state: S) => T): T {
  const [, render] = useReducer<number, void>((count) => count + 1, 0);
  const value = pick(store.state);
  const shown = useRef({ value, pick });
  shown.current = { value, pick };
  useLayoutEffect(
    () =>
      store.watch(() => {
        if (!Object.is(shown.current.pick(store.state), shown.current.value)) render();
      }),
    [store],
  );
  return value;
}

/** How the rep has arranged the open sessions: which stand side by side, in which order, pinned, or in a window of their own. */

import { keep, recall } from "../keep";
import type { Store } from "../store";
import { type Arrangement, fit, put, restore, show, step, touch } from "./arrange";
import { PopOuts } from "./popouts";
import type { DeskState } from "./state";
import { longest } from "./waiting";

const KEPT = "livesales:board";

type Remembered = Pick<Arrangement, "open" | "shown" | "pinned"> & { lists: boolean };

export class Board {
  readonly windows = new PopOuts((id) => this.dock(id));
  #before: Remembered; // as it was before the page was loaded again
  #store: Store<DeskState>;
  #changed: () => void;

  /** `changed` is called when other panes than before are in sight. */
  constructor(store: Store<DeskState>, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
    this.#before = recall("sessionStorage", KEPT, remembered) ?? { open: [], shown: [], pinned: [], lists: true };
    store.set({ lists: this.#before.lists });
  }

  /** Takes in a session that is the rep's: side by side where there is room. */
  add(id: string): void {
    const { state } = this.#store;
    if (state.open.includes(id)) return;
    const { open, shown, pinned } = this.#before;
    const now = { ...state, open: restore(state.open, id, open) };
    if (pinned.includes(id)) now.pinned = [...now.pinned, id];
    if (shown.includes(id) || state.shown.length < state.places) {
      const known = now.shown.length < now.places ? restore(now.shown, id, shown) : this.#instead(now, id);
      now.shown = known;
    }
    this.#set(now);
  }

  remove(id: string): void {
    const { state } = this.#store;
    const without = (ids: readonly string[]) => ids.filter((other) => other !== id);
    const [open, used, pinned, popped] = [without(state.open), without(state.used), without(state.pinned), without(state.popped)];
    this.windows.close(id);
    this.#set({ open, used, pinned, popped, shown: fit({ ...state, open, used, pinned, popped }) });
  }

  /** Brings a pane into sight, in place of the one used longest ago where there is no room. */
  reveal(id: string): void {
    const { state } = this.#store;
    if (!state.panes[id]) return;
    if (state.popped.includes(id)) return this.windows.focus(id);
    const open = state.open.includes(id) ? state.open : [...state.open, id];
    const here = { ...state, open, shown: state.shown.filter((other) => open.includes(other)) };
    this.#set({ open, shown: show(here, id), used: touch(state.used, id) });
  }

  /** Reveals a pane and puts the cursor into its input. */
  go(id: string | undefined): void {
    if (!id || !this.#store.state.panes[id]) return;
    this.reveal(id);
    this.#store.set({ writing: id });
  }

  /** The pane beside the one that is used, in the order of the screen. */
  beside(by: -1 | 1): void {
    const { shown } = this.#store.state;
    const at = shown.indexOf(this.current ?? "");
    this.go(shown[(at + by + shown.length) % shown.length]);
  }

  goToLongest(): void {
    const { open, panes } = this.#store.state;
    this.go(longest(open, panes));
  }

  /** The pane that the rep works in. */
  get current(): string | undefined {
    const { used, shown } = this.#store.state;
    return [...used].reverse().find((id) => shown.includes(id)) ?? shown[0];
  }

  use(id: string): void {
    if (this.#store.state.used.at(-1) !== id) this.#store.set({ used: touch(this.#store.state.used, id) });
  }

  pin(id: string): void {
    const { pinned } = this.#store.state;
    this.#set({ pinned: pinned.includes(id) ? pinned.filter((other) => other !== id) : [...pinned, id] });
  }

  /** One place earlier or later on the screen. */
  move(id: string, by: -1 | 1): void {
    this.#set({ shown: step(this.#store.state.shown, id, by) });
  }

  /** Puts a pane, or a session from the list, where `target` stands. */
  drop(id: string, target: string): void {
    if (this.#store.state.popped.includes(id)) return;
    this.#set({ shown: put(this.#store.state.shown, id, target), used: touch(this.#store.state.used, id) });
  }

  /** Opens a window for the pane. False where the browser has not let it. */
  pop(id: string, fill: (page: Document) => () => void): boolean {
    if (this.#store.state.popped.includes(id)) {
      this.windows.focus(id);
      return true;
    }
    if (!this.windows.open(id, fill)) return false;
    const { state } = this.#store;
    const popped = [...state.popped, id];
    this.#set({ popped, shown: fit({ ...state, popped, shown: state.shown.filter((other) => other !== id) }) });
    return true;
  }

  /** Takes a pane back from its window. */
  dock(id: string): void {
    this.windows.close(id);
    const { popped } = this.#store.state;
    if (!popped.includes(id)) return;
    this.#set({ popped: popped.filter((other) => other !== id) });
    this.reveal(id);
  }

  setPlaces(places: number): void {
    const { state } = this.#store;
    if (places !== state.places) this.#set({ places, shown: fit({ ...state, places }) });
  }

  toggleLists(): void {
    this.#set({ lists: !this.#store.state.lists });
  }

  /** Whether somebody at the desk can see this pane now. */
  inSight(id: string): boolean {
    const { shown, popped } = this.#store.state;
    if (popped.includes(id)) return this.windows.attended(id);
    return shown.includes(id) && document.visibilityState === "visible" && document.hasFocus();
  }

  /** The place of one that was not shown before the reload; one that is pinned or was shown does not give way. */
  #instead(state: DeskState, id: string): string[] {
    const { shown } = this.#before;
    const other = state.shown.find((one) => !shown.includes(one));
    if (other === undefined) return [...state.shown];
    return restore(
      state.shown.filter((one) => one !== other),
      id,
      shown,
    );
  }

  #set(change: Partial<DeskState>): void {
    this.#store.set(change);
    const { open, shown, pinned, lists } = this.#store.state;
    keep("sessionStorage", KEPT, { open, shown, pinned, lists });
    this.#changed();
  }
}

function remembered(value: unknown): Remembered {
  const { open, shown, pinned, lists } = (value ?? {}) as Record<string, unknown>;
  const ids = (list: unknown) => (Array.isArray(list) ? list.filter((id): id is string => typeof id === "string") : []);
  return { open: ids(open), shown: ids(shown), pinned: ids(pinned), lists: lists !== false };
}

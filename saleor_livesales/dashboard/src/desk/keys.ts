/**
 * The desk by keyboard. Single keys work wherever nothing is being written, and can be switched off (WCAG 2.1.4);
 * those with Alt work in an input too. Escape leaves an input for its conversation.
 */

import { keep, recall } from "../keep";
import type { Desk } from "./desk";
import { rings } from "./state";

export interface Shortcut {
  readonly keys: readonly string[]; // as they are shown
  readonly text: string; // English, a key of the catalogs
}

export const SHORTCUTS: ReadonlyArray<{ title: string; items: readonly Shortcut[] }> = [
  {
    title: "Conversations",
    items: [
      { keys: ["1", "–", "6"], text: "Go to the pane at this place" },
      { keys: ["J"], text: "Next pane" },
      { keys: ["K"], text: "Previous pane" },
      { keys: ["Alt", "↓"], text: "Next pane, also while writing" },
      { keys: ["Alt", "↑"], text: "Previous pane, also while writing" },
      { keys: ["U"], text: "Go to who waits longest for an answer" },
      { keys: ["R"], text: "Write" },
      { keys: ["Esc"], text: "Leave the input" },
    ],
  },
  {
    title: "This pane",
    items: [
      { keys: ["P"], text: "Pin or unpin" },
      { keys: ["O"], text: "Pop out, or back in" },
      { keys: ["D"], text: "Details" },
      { keys: ["["], text: "Move one place earlier" },
      { keys: ["]"], text: "Move one place later" },
      { keys: ["Alt", "Shift", "↑"], text: "Move earlier, also while writing" },
      { keys: ["Alt", "Shift", "↓"], text: "Move later, also while writing" },
      { keys: ["E"], text: "End the session, after a question" },
      { keys: ["X"], text: "Close a pane that has ended" },
    ],
  },
  {
    title: "The desk",
    items: [
      { keys: ["A"], text: "Accept who rings, or who is next in the queue" },
      { keys: ["/"], text: "Search" },
      { keys: ["L"], text: "Show or hide the lists" },
      { keys: ["?"], text: "This sheet" },
    ],
  },
];

const KEPT = "livesales:single-keys";

export class Keys {
  #desk: Desk;
  #pop: (id: string) => void;
  single: boolean;

  constructor(desk: Desk, pop: (id: string) => void) {
    this.#desk = desk;
    this.#pop = pop;
    this.single = recall("localStorage", KEPT, (value) => value !== false) ?? true;
  }

  setSingle(on: boolean): void {
    this.single = on;
    keep("localStorage", KEPT, on);
  }

  /** Listens in a page of the desk: the frame, or a window that was popped out of it. */
  listen(page: Document): () => void {
    page.addEventListener("keydown", this.#pressed);
    return () => page.removeEventListener("keydown", this.#pressed);
  }

  #pressed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey) return;
    const target = event.target as Element;
    const { state } = this.#desk.store;
    if (state.phase !== "ready" || target.closest?.("dialog")) return;
    const id = target.closest?.("[data-session].pane")?.getAttribute("data-session") ?? this.#desk.board.current;
    const writes = target.matches?.("textarea, select, input:not([type=radio], [type=checkbox])") ?? false;
    if (event.altKey ? this.#withAlt(event, id) : writes ? this.#leave(event, target) : this.single && this.#alone(event.key, id)) {
      event.preventDefault();
    }
  };

  #withAlt({ key, shiftKey, target }: KeyboardEvent, id: string | undefined): boolean {
    const by = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : null;
    if (by === null || (target as Element).matches("select")) return false;
    if (!shiftKey) this.#desk.board.beside(by);
    else if (id) this.#desk.board.move(id, by);
    return true;
  }

  #leave({ key }: KeyboardEvent, target: Element): boolean {
    if (key !== "Escape") return false;
    const log = target.closest(".pane")?.querySelector<HTMLElement>(".talk");
    if (log) log.focus();
    else (target as HTMLElement).blur();
    return true;
  }

  #alone(key: string, id: string | undefined): boolean {
    const { board, store } = this.#desk;
    const pane = id === undefined ? undefined : store.state.panes[id];
    const over = pane?.state === "ENDED";
    switch (key.toLowerCase()) {
      case "?":
        store.set({ sheet: true });
        return true;
      case "a":
        return this.#accept();
      case "/":
        if (!store.state.lists) board.toggleLists();
        document.querySelector<HTMLElement>(".search")?.focus();
        return true;
      case "l":
        board.toggleLists();
        return true;
      case "j":
        board.beside(1);
        return true;
      case "k":
        board.beside(-1);
        return true;
      case "u":
        board.goToLongest();
        return true;
    }
    if (/^[1-6]$/.test(key)) {
      board.go(store.state.shown[Number(key) - 1]);
      return true;
    }
    if (!pane) return false;
    switch (key.toLowerCase()) {
      case "r":
        board.go(pane.id);
        return true;
      case "p":
        board.pin(pane.id);
        return true;
      case "o":
        this.#pop(pane.id);
        return true;
      case "d":
        this.#desk.toggle(pane.id, "detailed");
        return true;
      case "[":
      case "]":
        board.move(pane.id, key === "[" ? -1 : 1);
        return true;
      case "e":
        if (!over) this.#desk.toggle(pane.id, "asking", true);
        return !over;
      case "x":
        if (over) this.#desk.close(pane.id);
        return over;
    }
    return false;
  }

  #accept(): boolean {
    const { panes, queue } = this.#desk.store.state;
    const id = rings(panes)[0]?.id ?? queue.items?.[0]?.id;
    if (id) void this.#desk.accept(id);
    return id !== undefined;
  }
}

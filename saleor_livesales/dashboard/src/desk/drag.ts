/** Dragging a pane, or a session of the list, to the place of another pane. The keyboard and a menu do the same. */

import { Store } from "../store";
import type { Board } from "./board";

const SLACK = 8; // px before a press becomes a drag

export class Drag {
  readonly store = new Store<{ id: string | null; over: string | null }>({ id: null, over: null });
  #board: Board;

  constructor(board: Board) {
    this.#board = board;
  }

  /** For a pointer that goes down on something that stands for the session `id`. */
  start(event: PointerEvent, id: string): void {
    const button = (event.target as Element).closest("button, a, input, select, textarea");
    if (event.button !== 0 || (button && button !== event.currentTarget)) return;
    const [x, y] = [event.clientX, event.clientY];
    const page = (event.currentTarget as Element).ownerDocument;
    if (page !== document) return; // a window of its own holds one pane
    const move = (next: PointerEvent) => {
      if (!this.store.state.id && Math.hypot(next.clientX - x, next.clientY - y) < SLACK) return;
      next.preventDefault();
      const pane = page.elementFromPoint(next.clientX, next.clientY)?.closest(".panes > [data-session]");
      this.store.set({ id, over: pane?.getAttribute("data-session") ?? null });
      page.documentElement.classList.add("dragging");
    };
    const stop = (last?: Event) => {
      const { id: dragged, over } = this.store.state;
      for (const [type, listener] of listeners) page.removeEventListener(type, listener as EventListener, true);
      page.documentElement.classList.remove("dragging");
      this.store.set({ id: null, over: null });
      if (!dragged || last?.type !== "pointerup") return;
      page.addEventListener("click", swallow, { capture: true, once: true }); // the press was no click
      setTimeout(() => page.removeEventListener("click", swallow, { capture: true }));
      if (over && over !== dragged) this.#board.drop(dragged, over);
    };
    const listeners = [
      ["pointermove", move],
      ["pointerup", stop],
      ["pointercancel", stop],
      ["keydown", (key: KeyboardEvent) => key.key === "Escape" && stop()],
    ] as const;
    for (const [type, listener] of listeners) page.addEventListener(type, listener as EventListener, true);
  }
}

function swallow(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}

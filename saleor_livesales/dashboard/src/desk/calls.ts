/** Who calls for the rep: rings, messages that nobody sees, the queue. Counts them in the title, and keeps what was missed. */

import { count } from "../format";
import { keep, recall } from "../keep";
import type { Store } from "../store";
import type { QueueItem } from "../types";
import { t } from "../words";
import type { Alerts } from "./alerts";
import type { Board } from "./board";
import { type DeskState, type Missed, type Pane, rings, visitorName } from "./state";

const KEPT = "livesales:missed";
const MISSED = 20; // as many are kept

export class Calls {
  #store: Store<DeskState>;
  #alerts: Alerts;
  #board: Board;
  #queued: ReadonlySet<string> | null = null; // null before the first answer: what was there already calls nobody

  constructor(store: Store<DeskState>, alerts: Alerts, board: Board) {
    this.#store = store;
    this.#alerts = alerts;
    this.#board = board;
    store.set({ missed: recall("sessionStorage", KEPT, (value) => (Array.isArray(value) ? (value as Missed[]) : [])) ?? [] });
    let before = "";
    store.watch(() => {
      const { panes } = store.state;
      const ringing = rings(panes).length;
      this.#alerts.ringing(ringing > 0);
      const waiting = ringing + Object.values(panes).reduce((sum, pane) => sum + pane.unread, 0);
      const title = waiting ? `(${count(waiting)}) ${t("Live sales")}` : t("Live sales");
      if (title !== before) document.title = before = title;
      for (const id of store.state.popped) this.#board.windows.entitle(id, windowTitle(panes[id]));
    });
  }

  rang(pane: Pane, product: string): void {
    const title = t("{name} asks for help", { name: visitorName(pane.session?.visitor) });
    this.#alerts.call("ring", title, product, pane.id, () => undefined);
  }

  wrote(pane: Pane, text: string): void {
    if (this.#board.inSight(pane.id)) return;
    this.#alerts.call("message", visitorName(pane.session?.visitor), text, pane.id, () => this.#board.go(pane.id));
  }

  /** Tells of those who came into the queue since the last time. */
  queued(items: readonly QueueItem[]): void {
    const before = this.#queued;
    this.#queued = new Set(items.map(({ id }) => id));
    if (!before) return;
    const fresh = items.find(({ id }) => !before.has(id) && !this.#store.state.missed.some((one) => one.id === id));
    if (fresh) this.#alerts.call("queue", t("Somebody is waiting"), fresh.product?.name ?? "", "queue", () => undefined);
  }

  missed(pane: Pane, left: boolean, now: number): void {
    const name = visitorName(pane.session?.visitor);
    const product = pane.session?.product?.name ?? "";
    const at = new Date(now).toISOString();
    const others = this.#store.state.missed.filter(({ id }) => id !== pane.id);
    this.#keep([{ id: pane.id, name, product, at, left }, ...others].slice(0, MISSED));
  }

  /** Forgets one that was missed, or all. */
  forget(id?: string): void {
    this.#keep(id === undefined ? [] : this.#store.state.missed.filter((one) => one.id !== id));
  }

  #keep(missed: readonly Missed[]): void {
    this.#store.set({ missed });
    keep("sessionStorage", KEPT, missed);
  }
}

export function windowTitle(pane: Pane | undefined): string {
  const name = visitorName(pane?.session?.visitor);
  return pane?.unread ? `(${count(pane.unread)}) ${name}` : name;
}

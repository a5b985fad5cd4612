/** Who waits for an answer, and since when. Pure. */

import type { Conversation } from "../../../storefront/src/live/conversation";
import type { Pane } from "./state";

/** When the visitor wrote the oldest message that no rep has answered; null where nothing waits. */
export function awaiting(talk: Conversation): string | null {
  let since: string | null = null;
  for (let index = talk.entries.length - 1; index >= 0; index--) {
    const entry = talk.entries[index]!;
    if (entry.kind !== "message") continue;
    if (entry.sender === "rep") break;
    since = entry.at;
  }
  return since;
}

/** The last of the items that fits. */
export function latest<T>(items: readonly T[], fits: (item: T) => boolean): T | undefined {
  for (let index = items.length - 1; index >= 0; index--) if (fits(items[index] as T)) return items[index];
  return undefined;
}

export type Order = "arranged" | "waiting" | "cart";

/** The open sessions in this order. Those that have ended wait for nothing; equal ones stay as they were arranged. */
export function sorted(open: readonly string[], panes: Readonly<Record<string, Pane>>, order: Order): string[] {
  if (order === "arranged") return [...open];
  const rank = (id: string): [number, number | string, number] => {
    const pane = panes[id];
    if (!pane || pane.state === "ENDED") return [2, "", 0];
    if (order === "waiting") return pane.awaiting ? [0, Date.parse(pane.awaiting), 0] : [1, "", 0];
    const total = pane.session?.cart?.total;
    return total && total.amount > 0 ? [0, total.currency, -total.amount] : [1, "", 0];
  };
  const ranks = new Map(open.map((id) => [id, rank(id)]));
  return [...open].sort((one, other) => {
    const [a, b] = [ranks.get(one)!, ranks.get(other)!];
    return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0) || a[2] - b[2];
  });
}

/** The session whose visitor has waited longest for an answer; undefined where nobody waits. */
export function longest(open: readonly string[], panes: Readonly<Record<string, Pane>>): string | undefined {
  return sorted(open, panes, "waiting").find((id) => panes[id]?.awaiting && panes[id]?.state !== "ENDED");
}

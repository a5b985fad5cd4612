/** What the rep looks for in the lists. Pure. */

import type { QueueItem, VisitorItem } from "../types";

export interface Filter {
  readonly text: string;
  readonly channel: string; // "" for all
  readonly visitors: "all" | "cart" | "account" | "free";
  readonly byCart: boolean; // else who waits longest comes first
}

export const NO_FILTER: Filter = { text: "", channel: "", visitors: "all", byCart: false };

/** Whether each word that is looked for stands in one of the texts, whatever its case and accents. */
export function contains(wanted: string, texts: ReadonlyArray<string | null | undefined>): boolean {
  const all = plain(texts.filter(Boolean).join("\n"));
  return plain(wanted).split(/\s+/).every((word) => all.includes(word));
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

type Cart = { total: { amount: number; currency: string } } | null;

/** The greater cart first; amounts of different currencies are not compared, they stand apart. */
export function byCart(one: { cart: Cart }, other: { cart: Cart }): number {
  const [a, b] = [one.cart?.total, other.cart?.total];
  if (!a || !b) return Number(Boolean(b)) - Number(Boolean(a));
  if (a.currency !== b.currency) return a.currency < b.currency ? -1 : 1;
  return b.amount - a.amount;
}

export function inQueue(items: readonly QueueItem[], { text, channel, byCart: value }: Filter): QueueItem[] {
  const found = items.filter((item) => (!channel || item.channel === channel) && contains(text, [item.visitor?.name, item.product?.name, item.channel]));
  return value ? found.sort(byCart) : found;
}

export function onSite(items: readonly VisitorItem[], { text, channel, visitors, byCart: value }: Filter): VisitorItem[] {
  const found = items.filter(
    (item) =>
      (!channel || item.channel === channel) &&
      (visitors !== "cart" || (item.cart?.quantity ?? 0) > 0) &&
      (visitors !== "account" || item.assurance === "SIGNED_IN") &&
      (visitors !== "free" || !item.inSession) &&
      contains(text, [item.name, item.product?.name, item.pageTitle, item.pageUrl, item.channel]),
  );
  return value ? found.sort(byCart) : found;
}

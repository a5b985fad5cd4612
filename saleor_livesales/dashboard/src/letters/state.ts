/** How a channel's letters go: what the page shows, and what of the form goes to the API. Pure. */

import { amount } from "../settings/form";
import type { Money } from "../types";
import { t } from "../words";

export interface LetterWay {
  channel: string;
  way: "PRINT" | "PROVIDER";
  provider: string;
  providers: string[];
  reportUrl: string | null;
  letters: number;
  waiting: number;
  color: boolean;
  price: Money | null;
  monthlyLimit: Money | null;
  spent: Money | null;
  senderName: string;
  senderLine1: string;
  senderLine2: string;
  senderCity: string;
  senderArea: string;
  senderPostalCode: string;
  senderCountry: string;
}

const TEXTS = ["provider", "senderName", "senderLine1", "senderLine2", "senderCity", "senderArea", "senderPostalCode", "senderCountry"] as const;
const AMOUNTS = ["price", "monthlyLimit"] as const;
export const FIELDS: readonly string[] = ["way", "currency", ...AMOUNTS, ...TEXTS];

export type Form = Record<(typeof TEXTS)[number] | (typeof AMOUNTS)[number] | "currency", string> & Pick<LetterWay, "way" | "color">;

export function formOf(stored: LetterWay): Form {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, stored[name]])) as Record<(typeof TEXTS)[number], string>;
  return {
    ...texts,
    provider: stored.provider || stored.providers[0] || "",
    way: stored.way,
    color: stored.color,
    price: stored.price ? String(stored.price.amount) : "",
    monthlyLimit: stored.monthlyLimit ? String(stored.monthlyLimit.amount) : "",
    currency: stored.price?.currency ?? "USD",
  };
}

/** What can be told before asking the API; it checks all of it again. */
export function check(form: Form): Record<string, string> {
  if (form.way === "PRINT") return {};
  const wrong = AMOUNTS.filter((name) => amount(form[name]) === null);
  return Object.fromEntries(wrong.map((name) => [name, t("Enter an amount, for example 200 or 199.90.")]));
}

/** The input of the mutation. While the store prints, an amount that is none stays as it was. */
export function inputOf(form: Form): Record<string, unknown> {
  const input: Record<string, unknown> = { ...form };
  for (const name of AMOUNTS) {
    const value = amount(form[name]);
    if (value === null) delete input[name];
    else input[name] = value;
  }
  return input;
}

export function providerName(name: string): string {
  return name === "lob" ? "Lob" : name;
}

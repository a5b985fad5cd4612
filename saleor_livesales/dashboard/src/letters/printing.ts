/** Letters that the store prints: what the page shows of them. Pure. */

import { t } from "../words";

export type BatchState = "DRAWING" | "READY" | "PRINTED" | "HANDED_OVER" | "FAILED" | "EMPTY";

export interface Batch {
  id: string;
  state: BatchState;
  total: number;
  drawn: number;
  createdAt: string;
  printedAt: string | null;
  handedOverAt: string | null;
  problem: string | null;
  lettersUrl: string | null;
  manifestUrl: string | null;
}

export interface BatchesAnswer {
  liveLetterBatches: { edges: Array<{ node: Batch }> };
  waiting: { totalCount: number };
}

export type LetterState = "NO_ADDRESS" | "BAD_ADDRESS" | "FAILED" | "UNDELIVERABLE";

export interface Letter {
  id: string;
  number: string;
  state: LetterState;
  changedAt: string;
  membership: { plan: { name: string }; profile: { name: string; email: string } | null };
}

/** Letters that wait for somebody to do something. */
export const TROUBLES: readonly LetterState[] = ["NO_ADDRESS", "BAD_ADDRESS", "FAILED", "UNDELIVERABLE"];

export interface Words {
  language: string;
  subject: string;
  text: string;
  closing: string;
  own: boolean;
}

export interface Style {
  channel: string;
  form: "DIN5008B" | "US10";
  sender: string;
  returnLine: string;
  country: string;
  hasLogo: boolean;
  words: Words[];
}

export function batchName(state: BatchState): string {
  switch (state) {
    case "DRAWING":
      return t("Being drawn");
    case "READY":
      return t("Ready to print");
    case "PRINTED":
      return t("Printed");
    case "HANDED_OVER":
      return t("Handed over");
    case "FAILED":
      return t("Could not be drawn");
    case "EMPTY":
      return t("Nothing left to print");
  }
}

export function batchTone(state: BatchState): "info" | "success" | "critical" | undefined {
  if (state === "FAILED") return "critical";
  if (state === "HANDED_OVER") return "success";
  return state === "EMPTY" ? undefined : "info";
}

export function troubleName(state: LetterState): string {
  switch (state) {
    case "NO_ADDRESS":
      return t("The account has no postal address");
    case "BAD_ADDRESS":
      return t("Nothing can be delivered to its address");
    case "FAILED":
      return t("The provider could not print or mail it");
    case "UNDELIVERABLE":
      return t("It came back");
  }
}

export const LANGUAGES: ReadonlyArray<readonly [string, string]> = [
  ["en", "English"],
  ["de", "Deutsch"],
  ["es", "Español"],
  ["fr", "Français"],
  ["pl", "Polski"],
  ["ar", "العربية"],
];

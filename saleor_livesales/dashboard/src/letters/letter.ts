/** Letters in the list: where each stands, in words, and what the owner is to do. Pure. */

import { day, money } from "../format";
import type { Money } from "../types";
import { t } from "../words";

export const LETTER_STATES = ["QUEUED", "BATCHED", "POSTING", "PRINTED", "HANDED_OVER", "NO_ADDRESS", "BAD_ADDRESS", "UNDELIVERABLE", "FAILED", "CANCELLED"] as const;
export type LetterState = (typeof LETTER_STATES)[number];
type PostingState = "QUEUED" | "SENT" | "MAILED" | "IN_TRANSIT" | "DELIVERED" | "RETURNED" | "UNDELIVERABLE" | "FAILED" | "CANCELLED" | "GIVEN_UP";

export interface Letter {
  id: string;
  number: string;
  state: LetterState;
  createdAt: string;
  changedAt: string;
  membership: { id: string; plan: { name: string }; profile: { name: string; email: string } | null };
  posting: { state: PostingState; reason: string | null; expectedOn: string | null; cost: Money | null } | null;
}

export function letterName(state: LetterState): string {
  switch (state) {
    case "QUEUED":
      return t("Waits");
    case "BATCHED":
      return t("In a batch");
    case "POSTING":
      return t("Being given to the provider");
    case "PRINTED":
      return t("Printed");
    case "HANDED_OVER":
      return t("Handed over");
    case "NO_ADDRESS":
      return t("No address");
    case "BAD_ADDRESS":
      return t("Address can't be delivered to");
    case "UNDELIVERABLE":
      return t("Came back");
    case "FAILED":
      return t("Failed");
    case "CANCELLED":
      return t("Cancelled");
  }
}

export function letterTone(letter: Letter): "critical" | "success" | "info" | undefined {
  if (["NO_ADDRESS", "BAD_ADDRESS", "UNDELIVERABLE", "FAILED"].includes(letter.state)) return "critical";
  if (letter.posting?.state === "DELIVERED") return "success";
  return letter.state === "HANDED_OVER" ? "info" : undefined;
}

/** What is known beside the state: what the provider told, and what its owner is to do. */
export function told({ state, posting, changedAt }: Letter): string {
  const parts = [needs(state), posting && state === "HANDED_OVER" ? onItsWay(posting) : "", posting?.cost ? money(posting.cost) : ""];
  return parts.filter(Boolean).join(" · ") || day(changedAt);
}

function needs(state: LetterState): string {
  switch (state) {
    case "NO_ADDRESS":
    case "BAD_ADDRESS":
      return t("Ask the member for a postal address, then send it again.");
    case "UNDELIVERABLE":
      return t("Ask the member for a new address, then send a new code.");
    case "FAILED":
      return t("The provider could not print or mail it.");
  }
  return "";
}

function onItsWay({ state, expectedOn }: NonNullable<Letter["posting"]>): string {
  switch (state) {
    case "SENT":
      return expectedOn ? t("At the provider, expected on {day}", { day: day(`${expectedOn}T12:00:00`) }) : t("At the provider");
    case "MAILED":
      return t("Handed to the post");
    case "IN_TRANSIT":
      return t("On its way");
    case "DELIVERED":
      return t("Delivered");
  }
  return "";
}

export function retryable(state: LetterState): boolean {
  return ["NO_ADDRESS", "BAD_ADDRESS", "UNDELIVERABLE", "FAILED"].includes(state);
}

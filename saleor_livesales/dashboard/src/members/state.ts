/** What the Members page shows and asks for. */

import type { Way } from "../codes/state";
import type { Money } from "../types";
import { t } from "../words";

export type MembershipState = "TRIAL" | "ACTIVE" | "PAST_DUE" | "GRACE" | "LAPSED" | "CANCELLED" | "REFUNDED";

export interface Plan {
  id: string;
  name: string;
  active: boolean;
}

export interface Charge {
  id: string;
  kind: "ORDER" | "HAND" | "GIFT";
  orderNumber: string | null;
  amount: Money | null;
  refunded: Money | null;
  periods: number;
  returned: number;
  createdAt: string;
}

export interface Change {
  id: string;
  kind: string;
  after: MembershipState;
  actor: string;
  reason: string;
  at: string;
}

export interface Card {
  id: string;
  brand: string;
  lastDigits: string;
  expiresOn: string | null;
}

export interface Fee {
  id: string;
  state: "PLANNED" | "MADE" | "PENDING" | "PAID" | "REFUSED" | "DROPPED" | "RETURNING" | "RETURNED";
  amount: Money;
  reason: string | null;
  createdAt: string;
}

export interface Member {
  id: string;
  state: MembershipState;
  since: string;
  paidUntil: string;
  endsWithPeriod: boolean;
  nextPlan?: { name: string } | null;
  sessions?: { used: number; limit: number | null } | null;
  channel: string;
  plan: { id: string; name: string };
  profile: { name: string; email: string } | null;
  delivery: (Way & { code: { masked: string } | null }) | null;
  paymentMethod?: Card | null;
  fees?: Fee[] | null;
  charges: Charge[] | null;
  changes: Change[] | null;
}

export interface MembersAnswer {
  liveMemberships: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    edges: Array<{ node: Member }>;
  };
}

export interface HeadAnswer {
  liveMembershipPlans: Plan[];
  liveMembershipIncome: Array<{ charged: Money; refunded: Money; kept: Money }>;
}

export const STATES: readonly MembershipState[] = ["TRIAL", "ACTIVE", "PAST_DUE", "GRACE", "LAPSED", "CANCELLED", "REFUNDED"];

export function running(member: Member): boolean {
  return ["TRIAL", "ACTIVE", "PAST_DUE", "GRACE"].includes(member.state);
}

export function stateName(state: MembershipState): string {
  switch (state) {
    case "TRIAL":
      return t("On trial");
    case "ACTIVE":
      return t("Paid");
    case "PAST_DUE":
      return t("Past due");
    case "GRACE":
      return t("In grace");
    case "LAPSED":
      return t("Lapsed");
    case "CANCELLED":
      return t("Cancelled");
    case "REFUNDED":
      return t("Refunded");
  }
}

export function stateTone(state: MembershipState): "success" | "info" | "warning" | "critical" | undefined {
  if (state === "ACTIVE") return "success";
  if (state === "TRIAL") return "info";
  return state === "PAST_DUE" || state === "GRACE" ? "warning" : undefined;
}

export function changeName({ kind }: Change): string {
  switch (kind) {
    case "try":
      return t("The trial began");
    case "pay":
      return t("Periods were added");
    case "fall_due":
      return t("The renewal was not paid in time");
    case "wait":
      return t("The days of grace began");
    case "lapse":
      return t("Lapsed");
    case "cancel":
      return t("Cancelled");
    case "refund":
      return t("Refunded");
    case "ending":
      return t("Cancelled for the end of the period");
    case "resumed":
      return t("The cancellation was taken back");
    case "chosen":
      return t("A plan was chosen for the next period");
    case "change":
      return t("Another plan took its place");
    case "carry":
      return t("What was left on another plan came in");
    case "shortened":
      return t("Periods were given back");
    case "lengthened":
      return t("A refund failed; periods came back");
  }
  return kind;
}

export function actorName(actor: string): string {
  switch (actor) {
    case "member":
      return t("Member");
    case "staff":
      return t("Staff");
    case "clock":
      return t("By itself");
  }
  return t("Shop");
}

/** From the first moment of this month to that of the next, where the owner sits. */
export function thisMonth(now: number): { since: string; until: string } {
  const today = new Date(now);
  const first = (month: number) => new Date(today.getFullYear(), month, 1).toISOString();
  return { since: first(today.getMonth()), until: first(today.getMonth() + 1) };
}

/** One cell of a CSV file. What a spreadsheet would take for a formula gets a sign before it. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
}

export function csv(members: readonly Member[]): string {
  const head = ["name", "email", "plan", "state", "since", "paid_until", "ends_with_period", "channel"];
  const rows = members.map((member) => [
    member.profile?.name ?? "",
    member.profile?.email ?? "",
    member.plan.name,
    member.state,
    member.since,
    member.paidUntil,
    String(member.endsWithPeriod),
    member.channel,
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}

/** What the page of sign-in codes shows. */

import { clock, day } from "../format";
import { t } from "../words";

export type DeliveryState = "QUEUED" | "SENT" | "DELIVERED" | "OPENED" | "BOUNCED" | "COMPLAINED" | "FAILED" | "CANCELLED" | "POST";
export type CodeState = "ISSUED" | "USED" | "EXPIRED" | "REVOKED";

export const DELIVERY_STATES: readonly DeliveryState[] = ["QUEUED", "SENT", "DELIVERED", "OPENED", "BOUNCED", "COMPLAINED", "FAILED", "CANCELLED", "POST"];
export const CODE_STATES: readonly CodeState[] = ["ISSUED", "USED", "EXPIRED", "REVOKED"];

/** What is known of a code's way to its member. */
export interface Way {
  state: DeliveryState;
  problem: string | null;
  sentAt: string | null;
  toldAt: string | null;
  endedAt: string | null;
}

export interface Delivery extends Way {
  id: string;
  createdAt: string;
  code: { masked: string } | null;
  membership: { id: string; plan: { name: string }; profile: { name: string; email: string } | null };
}

export interface Code {
  id: string;
  masked: string;
  state: CodeState;
  holder: string;
  uses: number;
  maxUses: number | null;
  validUntil: string | null;
  recipient: { reference: string; name: string } | null;
  piece: { name: string } | null;
}

export function deliveryName(state: DeliveryState): string {
  switch (state) {
    case "QUEUED":
      return t("To be mailed");
    case "SENT":
      return t("Mailed");
    case "DELIVERED":
      return t("Delivered");
    case "OPENED":
      return t("Opened");
    case "BOUNCED":
      return t("Came back");
    case "COMPLAINED":
      return t("Called spam");
    case "FAILED":
      return t("Not mailed");
    case "CANCELLED":
      return t("Ended before it was mailed");
    case "POST":
      return t("By post");
  }
}

export function deliveryTone(state: DeliveryState): "success" | "info" | "warning" | "critical" | undefined {
  if (state === "DELIVERED" || state === "OPENED") return "success";
  if (state === "SENT" || state === "POST") return "info";
  if (state === "QUEUED" || state === "CANCELLED") return undefined;
  return "critical";
}

/** Whether mails to the account's address came back, so that another one goes out only if the owner says so. */
export function stopped({ state, problem }: Pick<Way, "state" | "problem">): boolean {
  return state === "BOUNCED" || state === "COMPLAINED" || problem === "bounced_before";
}

/** One sentence about where it is. */
export function told({ state, sentAt, toldAt, endedAt, problem }: Way): string {
  if (endedAt) return t("Ended on {day}", { day: day(endedAt) });
  const at = (moment: string | null) => ({ day: day(moment ?? ""), time: clock(moment ?? "") });
  switch (state) {
    case "SENT":
      return t("Mailed on {day} at {time}", at(sentAt));
    case "DELIVERED":
      return t("Delivered on {day} at {time}", at(toldAt));
    case "OPENED":
      return t("Opened on {day} at {time}", at(toldAt));
    case "BOUNCED":
      return t("The mail came back on {day} at {time}", at(toldAt));
    case "COMPLAINED":
      return t("The member called the mail spam");
    case "FAILED":
      if (problem === "no_address") return t("Not mailed: the account has no address");
      if (problem === "bounced_before") return t("Not mailed: an earlier mail to this address came back");
      return t("Not mailed: the mail server refused it for two days");
    case "POST":
      return t("It goes by post");
    default:
      return problem ? t("Not mailed yet; it is tried again") : t("About to be mailed");
  }
}

export function codeName(state: CodeState): string {
  switch (state) {
    case "ISSUED":
      return t("Can be used");
    case "USED":
      return t("Used up");
    case "EXPIRED":
      return t("Expired");
    case "REVOKED":
      return t("Revoked");
  }
}

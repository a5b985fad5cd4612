/** Printed pieces as the API gives them, and the lists that go in and out. Pure. */

import type { Money } from "../types";
import { t } from "../words";

export interface Piece {
  id: string;
  name: string;
  kind: string;
  state: "ACTIVE" | "REVOKED";
  channel: string;
  landingUrl: string;
  personal: boolean;
  startsAt: string;
  endsAt: string | null;
  printedAt: string | null;
  product: { id: string; name: string } | null;
  counts: { codes: number; redemptions: number; sessions: number; orders: number; income: Money | null };
}

export interface CodeItem {
  id: string;
  masked: string;
  state: string;
  uses: number;
  maxUses: number | null;
  recipient: { reference: string; name: string } | null;
}

export interface Recipient {
  reference: string;
  name: string;
}

export const AT_ONCE = 5000; // recipients in one call, as the server takes
export const RECIPIENTS_LIMIT = 100_000;

export const KINDS: readonly (readonly [string, () => string])[] = [
  ["CATALOGUE", () => t("Catalogue")],
  ["AD", () => t("Advertisement")],
  ["MAILING", () => t("Mailing")],
  ["OTHER", () => t("Something else")],
];

/** An id, or the address of the product's page in the Dashboard, which ends with it. */
export function productId(text: string): string {
  const found = /\/products\/([^/?#]+)/.exec(text);
  try {
    return found ? decodeURIComponent(found[1]!) : text.trim();
  } catch {
    return text.trim();
  }
}

/** The cells of a table of text: commas or semicolons between, quotes around what holds one. */
export function cells(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const plain = text.replace(/^\uFEFF/, "");
  const separator = (plain.split("\n", 1)[0] ?? "").includes(";") ? ";" : ",";
  for (let at = 0; at < plain.length; at++) {
    const sign = plain[at]!;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (plain[at + 1] === '"') cell += plain[++at];
      else quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === separator) {
      row.push(cell);
      cell = "";
    } else if (sign === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else if (sign !== "\r") cell += sign;
  }
  if (cell || row.length) rows.push([...row, cell]);
  return rows.filter((each) => each.some((one) => one.trim()));
}

/** Recipients out of a file: reference first, then the name. A first line that says so is left out. */
export function recipientsOf(text: string): Recipient[] {
  const rows = cells(text);
  if (rows[0]?.[0]?.trim().toLowerCase() === "reference") rows.shift();
  return rows.map(([reference = "", name = ""]) => ({ reference: reference.trim(), name: name.trim() }));
}

/** A part of a list without its first line, to go behind the part before. */
export function withoutHead(list: Uint8Array): Uint8Array {
  return list.subarray(list.indexOf(10) + 1);
}

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

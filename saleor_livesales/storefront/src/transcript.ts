// The conversation as a plain text file, made here from what this window has. It goes nowhere but to the visitor's disk.
import type { PanelHost } from "./panel";
import type { Strings } from "./strings";
import type { Entry } from "./wire";

export interface Told {
  entries: readonly Entry[];
  /** What a change of state or a notice means, or nothing where it is not worth a line. */
  words(entry: Entry): string;
  rep: string;
}

/** One line for each entry: day, time, who, and what. Lines within a message are set in. */
export function transcript({ entries, words, rep }: Told, host: Pick<PanelHost, "locale" | "strings" | "kit">, shop: string, now: Date): string {
  const t = host.strings();
  const moment = new Intl.DateTimeFormat(host.locale, { dateStyle: "medium", timeStyle: "short" });
  const lines = entries.map((entry) => {
    const at = moment.format(new Date(entry.at));
    if (entry.kind !== "message") return words(entry) && `[${at}] ${words(entry)}`;
    return `[${at}] ${entry.sender === "visitor" ? t.you : rep}: ${said(entry, t).replace(/\n/g, "\n    ")}`;
  });
  const head = host.kit.fill(t.savedFrom, { shop, date: moment.format(now) });
  return [head, "", ...lines.filter(Boolean), ""].join("\n");
}

/** What a message says in words alone: of a picture that it is one, and its caption. */
export function said({ picture, text = "" }: Entry, t: Strings): string {
  return picture ? `[${t.picture}] ${text}`.trimEnd() : text;
}

/** Hands a text to the browser as a download. The mark at its start tells old editors that it is UTF-8. */
export function download({ h }: PanelHost["kit"], name: string, text: string): void {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

import { h } from "./dom";
import { ApiError } from "./live/api";
import type { Strings } from "./strings";

/** What a screen reader is told beside the page. */
export class Voice {
  readonly element = h("div", { class: "sr", role: "status", "aria-live": "polite" });

  say(text: string): void {
    this.element.textContent = "";
    setTimeout(() => (this.element.textContent = text), 50); // a change of an empty region is what gets read
  }
}

/** A failure in the visitor's words. */
export function explain(error: unknown, t: Strings): string {
  const code = error instanceof ApiError ? error.code : "";
  return code === "UNREACHABLE" || !code ? t.errorUnreachable : code === "TOO_FREQUENT" ? t.errorTooFrequent : t.errorOther;
}

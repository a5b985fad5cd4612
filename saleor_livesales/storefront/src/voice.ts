import { h } from "./dom";
import { ApiError } from "./live/api";
import type { Strings } from "./strings";

const SPOKEN_WITHIN = 10_000; // ms; long enough to be read out, and gone before somebody walks over it

/** What a screen reader is told beside the page: each text once, in order, however fast they come. */
export class Voice {
  readonly element = h("div", { class: "sr", role: "log", "aria-live": "polite" });

  say(text: string): void {
    const line = h("p", {}, text);
    this.element.append(line);
    setTimeout(() => line.remove(), SPOKEN_WITHIN);
  }
}

/** A failure in the visitor's words. */
export function explain(error: unknown, t: Strings): string {
  const code = error instanceof ApiError ? error.code : "";
  return code === "UNREACHABLE" || !code ? t.errorUnreachable : code === "TOO_FREQUENT" ? t.errorTooFrequent : t.errorOther;
}

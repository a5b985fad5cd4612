// Before somebody answers: the place in the queue, how long that may take where the shop can tell, and since when one waits.
import type { PanelHost } from "./panel";
import type { SessionView } from "./session";

export function dots({ h }: PanelHost["kit"]): HTMLElement {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

/** Whole minutes, one at least, and beyond ten in fives: nobody knows it better. */
export function minutes(seconds: number): number {
  const whole = Math.max(1, Math.round(seconds / 60));
  return whole > 10 ? Math.round(whole / 5) * 5 : whole;
}

export class Waiting {
  readonly element: HTMLElement;
  #drawn = "";

  constructor(private readonly host: PanelHost) {
    this.element = host.kit.h("div", { class: "waiting", part: "waiting", hidden: true });
  }

  draw({ position, expectedWait, queuedAt }: SessionView): void {
    const { h, fill } = this.host.kit;
    const t = this.host.strings();
    const numbers = new Intl.NumberFormat(this.host.locale);
    const place = position === null ? "" : position === 1 ? t.next : fill(t.position, { position: numbers.format(position) });
    const clock = new Intl.DateTimeFormat(this.host.locale, { hour: "numeric", minute: "2-digit" });
    const since = queuedAt ? fill(t.since, { time: clock.format(new Date(queuedAt)) }) : "";
    const unit = new Intl.NumberFormat(this.host.locale, { style: "unit", unit: "minute", unitDisplay: "long" });
    const expected = place && expectedWait !== null ? fill(t.expected, { time: unit.format(minutes(expectedWait)) }) : "";
    const state = `${place}|${expected}|${since}`;
    if (this.#drawn === state) return;
    // Told when the place changes, and not each time that the estimate does.
    if (place && this.#drawn && !this.#drawn.startsWith(`${place}|`)) this.host.announce(`${place} ${expected}`.trim());
    this.#drawn = state;
    this.element.replaceChildren(
      dots(this.host.kit),
      h("p", {}, t.waiting),
      place ? h("p", { class: "place", part: "position" }, place) : "",
      expected ? h("p", { part: "expected" }, expected) : "",
      since ? h("p", { class: "hint", part: "since" }, since) : "",
      h("p", { class: "hint" }, t.writeAlready),
    );
  }
}

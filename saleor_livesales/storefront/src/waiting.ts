// Before somebody answers: the place in the queue, and since when one waits.
import type { PanelHost } from "./panel";
import type { SessionView } from "./session";

export function dots({ h }: PanelHost["kit"]): HTMLElement {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

export class Waiting {
  readonly element: HTMLElement;
  #drawn = "";

  constructor(private readonly host: PanelHost) {
    this.element = host.kit.h("div", { class: "waiting", part: "waiting", hidden: true });
  }

  draw({ position, queuedAt }: SessionView): void {
    const { h, fill } = this.host.kit;
    const t = this.host.strings();
    const numbers = new Intl.NumberFormat(this.host.locale);
    const place = position === null ? "" : position === 1 ? t.next : fill(t.position, { position: numbers.format(position) });
    const clock = new Intl.DateTimeFormat(this.host.locale, { hour: "numeric", minute: "2-digit" });
    const since = queuedAt ? fill(t.since, { time: clock.format(new Date(queuedAt)) }) : "";
    const state = `${place}|${since}`;
    if (this.#drawn === state) return;
    if (place && this.#drawn && !this.#drawn.startsWith(`${place}|`)) this.host.announce(place);
    this.#drawn = state;
    this.element.replaceChildren(
      dots(this.host.kit),
      h("p", {}, t.waiting),
      place ? h("p", { class: "place", part: "position" }, place) : "",
      since ? h("p", { class: "hint", part: "since" }, since) : "",
      h("p", { class: "hint" }, t.writeAlready),
    );
  }
}

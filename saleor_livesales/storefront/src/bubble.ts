import { h, icon } from "./dom";
import { CHAT } from "./launcher";
import type { Strings } from "./strings";
import type { OfferMade } from "./wire";

/** The offer of help over the page: a greeting and two answers. */
export class Bubble {
  readonly element: HTMLElement;
  readonly greeting: string;
  readonly #text: HTMLElement;
  readonly #note = h("p", { class: "note", role: "alert", hidden: true });
  readonly #actions: HTMLElement;
  readonly #buttons: HTMLButtonElement[];

  constructor(offer: OfferMade, t: Strings, on: { accept(): void; decline(): void }) {
    this.greeting = offer.greeting || t.offerGreeting;
    const face = h("span", { class: "avatar", part: "avatar", "aria-hidden": "true" }, icon(CHAT)); // whoever will answer is not known yet
    this.#text = h("div", { class: "hello" }, face, h("p", { class: "greeting", dir: "auto" }, this.greeting));
    this.#buttons = [
      h("button", { type: "button", class: "primary", part: "accept", click: on.accept }, t.offerAccept),
      h("button", { type: "button", class: "plain", part: "decline", click: on.decline }, t.offerDecline),
    ];
    this.#actions = h("div", { class: "actions" }, ...this.#buttons);
    const escape = (event: KeyboardEvent) => event.key === "Escape" && on.decline();
    this.element = h(
      "section",
      { class: "bubble", part: "offer", role: "region", "aria-label": t.offerLabel, keydown: escape },
      this.#text,
      this.#note,
      this.#actions,
    );
  }

  busy(on: boolean): void {
    for (const button of this.#buttons) button.disabled = on;
  }

  say(text: string): void {
    this.#note.textContent = text;
    this.#note.hidden = false;
  }

  /** Says why there is nothing to answer any more, and goes away after a while. */
  ended(text: string, gone: () => void): void {
    this.#actions.remove();
    this.#text.remove();
    this.say(text);
    setTimeout(gone, 6000);
  }
}

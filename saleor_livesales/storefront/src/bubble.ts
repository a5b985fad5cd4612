import { avatar } from "./avatar";
import { h } from "./dom";
import { type Strings, fill } from "./strings";
import type { OfferMade } from "./wire";

/** The offer of help over the page: who would answer, a greeting and two answers. */
export class Bubble {
  readonly element: HTMLElement;
  readonly greeting: string;
  #face = avatar(null, null);
  readonly #text: HTMLElement;
  readonly #from = h("p", { class: "from", part: "from", dir: "auto" });
  readonly #note = h("p", { class: "note", role: "alert", hidden: true });
  readonly #actions: HTMLElement;
  readonly #buttons: HTMLButtonElement[];

  constructor(
    offer: OfferMade,
    private readonly t: Strings,
    on: { accept(): void; decline(): void },
  ) {
    this.greeting = offer.greeting || t.offerGreeting;
    this.#text = h("div", { class: "hello" }, this.#face, h("div", {}, this.#from, h("p", { class: "greeting", dir: "auto" }, this.greeting)));
    this.rep(offer);
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

  /** Who is there to answer now, if anybody is. */
  rep({ repName, repAvatarUrl }: OfferMade): void {
    const face = avatar(repName, repAvatarUrl);
    this.#face.replaceWith(face);
    this.#face = face;
    this.#from.textContent = repName ? fill(this.t.offerFrom, { name: repName }) : "";
    this.#from.hidden = !repName;
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

// What the visitor thought of a conversation: asked once, after its end. Loaded then, where somebody had answered.
import ASKED from "./graphql/RatingAsked.graphql";
import RATE from "./graphql/SessionRate.graphql";
import english from "./locales/rating-en.json";
import type { PanelHost } from "./panel";
import type { RatingStrings, Strings } from "./strings";
import css from "./styles/rating.css";
import type { Rated } from "./wire";

const WORDS: Record<string, () => Promise<{ default: RatingStrings }>> = {
  ar: () => import("./locales/rating-ar.json"),
  de: () => import("./locales/rating-de.json"),
  es: () => import("./locales/rating-es.json"),
  fr: () => import("./locales/rating-fr.json"),
  pl: () => import("./locales/rating-pl.json"),
};
const STAR = "M12 3l2.7 5.7 6.3.8-4.6 4.3 1.2 6.2-5.6-3-5.6 3 1.2-6.2L3 9.5l6.3-.8z";
const SCORES = [1, 2, 3, 4, 5] as const;
const LIMIT = 500; // characters, as the shop takes
const CHANGEABLE = 15 * 60_000; // ms, as the shop lets it be changed

let adopted: CSSStyleSheet | undefined;

/** Puts the question before what stands in the foot, unless it was answered or put away, or is not asked here. */
export async function ask(host: PanelHost, foot: HTMLElement, session: string): Promise<Rating | null> {
  const { liveSession } = await host.client.call<{ liveSession: { ratingAsked: boolean } | null }>(ASKED, (ticket) => ({ id: session, ticket }));
  if (!liveSession?.ratingAsked) return null;
  const words = (await WORDS[host.locale.slice(0, 2)]?.().catch(() => null))?.default ?? english;
  const root = foot.getRootNode();
  if (!(root instanceof ShadowRoot)) return null; // the window was closed meanwhile
  adopted ??= host.kit.sheet(css);
  if (!root.adoptedStyleSheets.includes(adopted)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, adopted];
  return new Rating(host, foot, session, { ...words, ...host.strings() });
}

export class Rating {
  #score = 0;
  #busy = false;
  #over = false; // answered, put away, or taken out of the window
  #changeable: ReturnType<typeof setTimeout> | undefined;
  readonly #element: HTMLElement;
  readonly #form: HTMLFormElement;
  readonly #stars: HTMLElement;
  readonly #why: HTMLElement;
  readonly #comment: HTMLTextAreaElement;
  readonly #wrong: HTMLElement;
  readonly #draft: string;

  constructor(
    private readonly host: PanelHost,
    private readonly foot: HTMLElement,
    private readonly session: string,
    private readonly t: Strings,
  ) {
    const { h, fill, storage } = host.kit;
    this.#draft = `livesales:rating:${session}`;
    this.#stars = h("div", { class: "stars", role: "radiogroup", "aria-labelledby": "rate" }, ...SCORES.map((score) => this.#star(score)));
    this.#comment = h("textarea", { id: "why", rows: 2, maxlength: LIMIT, dir: "auto", part: "rating-comment", "aria-describedby": "why-limit", input: () => this.#keep() });
    this.#why = h(
      "div",
      { class: "why" },
      h("label", { for: "why" }, t.rateComment),
      this.#comment,
      h("p", { class: "hint", id: "why-limit" }, fill(t.rateLimit, { limit: LIMIT })),
      h("button", { type: "submit", class: "primary", part: "rating-send" }, t.rateSend),
    );
    this.#wrong = h("p", { class: "wrong", role: "alert" });
    const later = h("button", { type: "button", class: "link later", part: "rating-later", click: () => this.#later() }, t.rateLater);
    this.#form = h("form", { novalidate: true, submit: (event: Event) => this.#send(event) }, h("p", { class: "rate", id: "rate" }, t.rate), h("div", { class: "choice" }, this.#stars, later), this.#wrong);
    this.#element = h("div", { class: "rating", part: "rating" }, this.#form);
    this.#restore(storage("sessionStorage").getItem(this.#draft));
    foot.prepend(this.#element);
    host.announce(t.rate);
  }

  /** Answered or put away in another window of this visitor: gone here too. */
  heard(frame: Rated): void {
    if (frame.session === this.session && !this.#busy && !this.#over) this.#leave();
  }

  /** The window is put away or turns to something else, and with it the question. */
  dispose(): void {
    const asked = !this.#over;
    this.#leave();
    // A page that goes away takes no question with it: it comes back on the next.
    if (asked && this.host.client.online) void this.#call(null).catch(() => undefined);
  }

  #star(score: (typeof SCORES)[number]): HTMLElement {
    const { h, icon, fill } = this.host.kit;
    const name = fill(this.t.rateScore, { score, meaning: this.t[`rate${score}`] });
    const input = h("input", { type: "radio", name: "score", "aria-label": name, change: () => this.#choose(score) });
    return h("label", { class: "star", part: "star", title: name }, input, icon(STAR));
  }

  #choose(score: number): void {
    this.#score = score;
    [...this.#stars.children].forEach((star, index) => star.classList.toggle("lit", index < score));
    if (!this.#why.isConnected) this.#form.append(this.#why);
    this.#keep();
  }

  #keep(): void {
    const { keep, storage } = this.host.kit;
    keep(storage("sessionStorage"), this.#draft, JSON.stringify([this.#score, this.#comment.value]));
  }

  /** What was chosen before the page was loaded again. */
  #restore(kept: string | null): void {
    try {
      const [score, comment] = JSON.parse(kept ?? "[]") as [number?, string?];
      const input = this.#stars.querySelectorAll("input")[(score ?? 0) - 1];
      if (!input) return;
      input.checked = true;
      this.#comment.value = String(comment ?? "");
      this.#choose(score!);
    } catch {
      // Not ours, or of another version.
    }
  }

  #call(score: number | null): Promise<unknown> {
    const comment = score ? this.#comment.value.trim() : "";
    return this.host.client.call(RATE, (ticket) => ({ input: { sessionId: this.session, ticket, score, comment } }));
  }

  #send(event: Event): void {
    event.preventDefault();
    if (this.#score) void this.#run(this.#score, () => this.#thank());
  }

  #later(): void {
    void this.#run(null, () => {
      this.#leave();
      this.foot.querySelector("button")?.focus();
    });
  }

  async #run(score: number | null, done: () => void): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#wrong.textContent = "";
    try {
      await this.#call(score);
      const shown = !this.#over || this.#form.isConnected;
      this.#over = true;
      if (shown) done();
    } catch (error) {
      const { code = "" } = error as { code?: string };
      this.#wrong.textContent = code === "NOT_ALLOWED_NOW" || code === "NOT_FOUND" ? this.t.rateClosed : this.host.explain(error);
    } finally {
      this.#busy = false;
    }
  }

  /** Thanks in its place, and the way back for as long as it may be changed. */
  #thank(): void {
    const { h, keep, storage } = this.host.kit;
    keep(storage("sessionStorage"), this.#draft, null);
    const back = (): void => {
      this.#element.replaceChildren(this.#form);
      this.#stars.querySelectorAll("input")[this.#score - 1]?.focus();
    };
    const change = h("button", { type: "button", class: "link", part: "rating-change", click: back }, this.t.rateChange);
    this.#changeable ??= setTimeout(() => this.#element.querySelector("[part=rating-change]")?.remove(), CHANGEABLE);
    this.#element.replaceChildren(h("p", { class: "rated", part: "rated" }, this.t.rateDone, " ", change));
    this.host.announce(this.t.rateDone);
    change.focus();
  }

  #leave(): void {
    const { keep, storage } = this.host.kit;
    clearTimeout(this.#changeable);
    if (!this.#over) keep(storage("sessionStorage"), this.#draft, null);
    this.#over = true;
    this.#element.remove();
  }
}

// The offer of help that is open: shown, kept over a navigation, answered, and taken away when it is over.
import { Bubble } from "./bubble";
import type { LiveClient } from "./client";
import { h, keep, storage } from "./dom";
import DECLINE from "./graphql/OfferDecline.graphql";
import { ApiError } from "./live/api";
import type { Panel } from "./panel";
import type { SessionNode } from "./session";
import type { Strings } from "./strings";
import type { OfferMade } from "./wire";

const NOTE_FOR = 8000; // ms
const KEPT = "livesales:offer";

export interface OffersHost {
  client(): LiveClient | null;
  strings(): Strings;
  /** Whether a session goes on, which no offer disturbs. */
  engaged(): boolean;
  /** Runs unless something else is being asked of the shop already. */
  alone(run: () => Promise<void>): Promise<void>;
  emit(name: string, detail: unknown, cancelable?: boolean): boolean;
  announce(text: string): void;
  explain(error: unknown): string;
  failed(error: unknown): void;
  /** The window can be shown: before that nothing is accepted that would have no place to be seen. */
  prepared(): Promise<Panel>;
  accepted(session: SessionNode): Promise<unknown>;
  nobody(): Promise<unknown>;
  /** The bubble came or went. */
  changed(): void;
}

export class Offers {
  #offer: OfferMade | null = null;
  #bubble: Bubble | null = null;

  constructor(
    private readonly dock: HTMLElement,
    private readonly host: OffersHost,
  ) {}

  get open(): boolean {
    return this.#bubble !== null;
  }

  /** Shows the offer of the page before, while it lasts. */
  restore(): void {
    try {
      const kept = JSON.parse(storage("sessionStorage").getItem(KEPT) ?? "null") as OfferMade | null;
      if (kept && !this.#offer && Date.parse(kept.expiresAt) > Date.now()) this.made(kept);
    } catch {
      // Not ours: the next offer replaces it.
    }
  }

  made(offer: OfferMade): void {
    if (offer.id === this.#offer?.id) return this.#bubble?.rep(offer);
    if (this.host.engaged()) return;
    if (!this.host.emit("offer", offer, true)) return;
    this.clear();
    this.#offer = offer;
    // Without who would answer: that may be another one by the next page, where the shop tells it again.
    keep(storage("sessionStorage"), KEPT, JSON.stringify({ ...offer, repName: undefined, repAvatarUrl: undefined }));
    const t = this.host.strings();
    this.#bubble = new Bubble(offer, t, {
      accept: () => void this.#accept(offer),
      decline: () => void this.#decline(offer),
    });
    this.dock.prepend(this.#bubble.element);
    this.host.announce(`${t.offerLabel}: ${this.#bubble.greeting}`);
    this.host.changed();
  }

  /** A word over the page that goes away by itself. */
  note(text: string): void {
    const note = h("p", { class: "bubble note", part: "note", role: "alert" }, text);
    this.dock.prepend(note);
    setTimeout(() => note.remove(), NOTE_FOR);
  }

  closed(id: string): void {
    if (id === this.#offer?.id) this.clear();
  }

  clear(): void {
    if (!this.#offer) return;
    keep(storage("sessionStorage"), KEPT, null);
    this.remove();
    this.host.changed();
  }

  /** Takes the bubble out of the page. The offer stays, and may be shown again. */
  remove(): void {
    this.#offer = null;
    this.#bubble?.element.remove();
    this.#bubble = null;
  }

  #accept(offer: OfferMade): Promise<void> {
    return this.host.alone(async () => {
      if (!this.host.emit("accept", offer, true)) return;
      const bubble = this.#bubble;
      bubble?.busy(true);
      try {
        const panel = await this.host.prepared();
        await this.host.accepted(await panel.accept(offer.id));
      } catch (error) {
        this.host.failed(error);
        const code = error instanceof ApiError ? error.code : "";
        if (code === "NOBODY_AVAILABLE") await this.host.nobody();
        else if (code === "OFFER_CLOSED" || code === "NOT_FOUND") bubble?.ended(this.host.strings().offerEnded, () => this.closed(offer.id));
        else {
          bubble?.busy(false);
          bubble?.say(this.host.explain(error));
        }
      }
    });
  }

  async #decline(offer: OfferMade): Promise<void> {
    if (!this.host.emit("decline", offer, true)) return;
    this.clear();
    try {
      await this.host.client()?.call(DECLINE, (ticket) => ({ id: offer.id, ticket }));
    } catch (error) {
      this.host.failed(error); // it runs out by itself
    }
  }
}

// <live-sales>: the offer bubble, the launcher, and when the window opens. The window itself is loaded when it is needed.
// Importing this module registers nothing.
import { Bubble } from "./bubble";
import { type Config, LiveClient, type SessionView, type Storefront, viewAfter, viewOf } from "./client";
import { h, icon, keep, sheet, storage } from "./dom";
import ACCEPT from "./graphql/OfferAccept.graphql";
import DECLINE from "./graphql/OfferDecline.graphql";
import START from "./graphql/SessionStart.graphql";
import { ApiError } from "./live/api";
import type { Status } from "./live/socket";
import type { Panel } from "./panel";
import { ENGLISH, type Strings, fill } from "./strings";
import base from "./styles/base.css";
import type { OfferMade, ToBrowser } from "./wire";

const KIT = { h, icon, keep, sheet, storage, fill };
export type Kit = typeof KIT;

const CHAT = "M4 5h16v11H9l-5 4z";
const LETTER = "M4 6h16v12H4zM4 7l8 6 8-6";
const OFFER = "livesales:offer";
const MINIMISED = "livesales:minimised";
const REFRESH_AFTER = 60_000; // ms; what the shop offers is asked again when the page comes back into view
const START_AGAIN = 10_000; // ms until a shop that did not answer is asked again; doubles up to the longest
const LONGEST_PAUSE = 300_000;
const CLOSED = new Set(["BELOW_THRESHOLD", "REQUESTS_NOT_ALLOWED", "CHANNEL_INACTIVE", "INACTIVE", "FORM_NOT_AVAILABLE"]);

type Setting = "channel" | "api" | "gateway" | "product" | "variant" | "checkout";
type Opening = "offer" | "request" | "restore" | "session";
type StartAnswer = { session: Parameters<typeof viewOf>[0] };

let adopted: CSSStyleSheet | undefined;

/**
 * Events, all bubbling and composed, named `livesales:…`; the cancelable ones come before the DOM changes.
 * `ready`; `offer` (cancelable; detail: OfferMade), `accept`, `decline` (cancelable); `open` (cancelable; detail.reason:
 * offer, request, restore or session), `close` (cancelable); `session` (detail: SessionView); `message` (cancelable;
 * detail: Entry); `error` (detail: ApiError).
 */
export class LiveSalesElement extends HTMLElement {
  static readonly observedAttributes = ["channel", "api", "gateway", "product", "variant", "checkout"];
  /** Settings for elements that don't carry them: the script tag's data attributes. */
  static defaults: Partial<Record<Setting, string>> = {};

  #strings: Strings = ENGLISH;
  #client: LiveClient | null = null;
  #ready: Promise<boolean> = Promise.resolve(false);
  #offer: OfferMade | null = null;
  #bubble: Bubble | null = null;
  #session: SessionView | null = null;
  #panel: Panel | null = null;
  #loading: Promise<Panel> | null = null;
  #shown = false;
  #busy = false;
  #unread = 0;
  #starts = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #changed = new Set<string>();
  readonly #dock = h("div", { class: "dock", part: "dock" });
  readonly #voice = h("div", { class: "sr", role: "status", "aria-live": "polite" });
  #launcher: HTMLButtonElement | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [(adopted ??= sheet(base))];
    root.append(this.#dock, this.#voice);
  }

  /** The words shown; set some of them to replace ours. */
  get strings(): Strings {
    return this.#strings;
  }
  set strings(some: Partial<Strings>) {
    this.#strings = { ...this.#strings, ...some };
    this.#draw();
  }

  /** The visitor's session as last heard, or null. */
  get session(): SessionView | null {
    return this.#session;
  }

  /** What the shop offers in this channel, or null before it answered. */
  get storefront(): Storefront | null {
    return this.#client?.storefront ?? null;
  }

  get opened(): boolean {
    return this.#shown;
  }

  connectedCallback(): void {
    this.#start();
    document.addEventListener("visibilitychange", this.#back);
  }

  disconnectedCallback(): void {
    this.#stop();
    document.removeEventListener("visibilitychange", this.#back);
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.#client) return;
    if (!this.#changed.size) queueMicrotask(() => this.#apply());
    this.#changed.add(name);
  }

  /** Links this browser to the shopper's account by their access token, or unlinks it with null. */
  async identify(who: { accessToken: string } | null): Promise<void> {
    if (await this.#ready) await this.#client?.identify(who?.accessToken ?? null);
  }

  /** Call after a navigation that loads no document. */
  page(): void {
    this.#client?.page();
  }

  /** The page shows this product. Ids are the shop's global ids. */
  product({ productId, variantId }: { productId: string; variantId?: string | null }): void {
    this.setAttribute("product", productId);
    if (variantId) this.setAttribute("variant", variantId);
    else this.removeAttribute("variant");
  }

  /** The visitor's checkout, so that whoever helps sees the cart. */
  cart({ checkoutId }: { checkoutId: string }): void {
    this.setAttribute("checkout", checkoutId);
  }

  /** Opens the window: the session that goes on, or a new one as `request` does. */
  async open(): Promise<void> {
    if (this.#session && (this.#session.state !== "ended" || this.#panel)) await this.#show("request", true);
    else await this.request();
  }

  /** Puts the window away. The session goes on. */
  close(): void {
    if (!this.#shown || !this.#emit("close", {}, true)) return;
    this.#hide();
  }

  /** Asks for help: starts a session, or offers to leave a message when nobody can answer. */
  async request(): Promise<void> {
    if (!(await this.#ready) || this.#busy) return;
    if (this.#session && this.#session.state !== "ended") return void (await this.#show("request", true));
    const client = this.#client!;
    this.#busy = true;
    try {
      if (!(await this.#show("request", true, (panel) => panel.connecting()))) return;
      const panel = this.#panel!;
      try {
        await client.refresh();
        if (!client.storefront?.requestsAllowed) return panel.inquiry("closed");
        if (!client.storefront.available) return panel.inquiry("nobody");
        const { channel } = client.config;
        const productId = this.#setting("product") || undefined;
        const variantId = this.#setting("variant") || undefined;
        const checkoutId = this.#setting("checkout") || undefined;
        const data = await client.call<{ liveSessionStart: StartAnswer }>(START, (ticket) => ({
          input: { ticket, channel, form: "CHAT", productId, variantId, checkoutId },
        }));
        this.#adopt(viewOf(data.liveSessionStart.session));
        panel.focus();
      } catch (error) {
        this.#failed(error);
        const code = error instanceof ApiError ? error.code : "";
        if (code === "NOBODY_AVAILABLE") panel.inquiry("nobody");
        else if (CLOSED.has(code)) panel.inquiry("closed");
        else panel.failed(this.#explain(error), () => void this.request());
      }
    } finally {
      this.#busy = false;
      this.#draw();
    }
  }

  /** Takes the widget out of the page and closes its connection. */
  destroy(): void {
    this.remove();
  }

  #setting(name: Setting): string {
    return this.getAttribute(name) ?? LiveSalesElement.defaults[name] ?? "";
  }

  #start(): void {
    const config: Config = { channel: this.#setting("channel"), api: this.#setting("api"), gateway: this.#setting("gateway") };
    if (!config.channel || !config.api) {
      console.warn("<live-sales> needs the attributes channel and api.");
      return;
    }
    const client = new LiveClient(config, {
      frame: (frame) => this.#frame(frame),
      status: (status) => this.#status(status),
    });
    this.#client = client;
    client.page();
    this.#tellProduct();
    this.#tellCart();
    this.#ready = client.start().catch((error: unknown) => {
      this.#failed(error);
      const pause = Math.min(START_AGAIN * 2 ** this.#starts++, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
      this.#again = setTimeout(() => client === this.#client && this.#start(), pause);
      return false;
    });
    void this.#ready.then((active) => {
      if (!active || client !== this.#client) return;
      this.#restoreOffer();
      this.#draw();
    });
  }

  #stop(): void {
    clearTimeout(this.#again);
    this.#client?.stop();
    this.#client = null;
    this.#ready = Promise.resolve(false);
    this.#panel?.dispose();
    this.#bubble?.element.remove();
    this.#launcher?.remove();
    this.#panel = this.#loading = this.#bubble = this.#launcher = this.#offer = this.#session = null;
    this.#shown = false;
    this.#unread = 0;
  }

  #apply(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    if (!this.#client) return;
    if (changed.has("channel") || changed.has("api") || changed.has("gateway")) {
      this.#stop();
      this.#start();
      return;
    }
    if (changed.has("product") || changed.has("variant")) this.#tellProduct();
    if (changed.has("checkout")) this.#tellCart();
  }

  #tellProduct(): void {
    const product = this.#setting("product");
    if (product) this.#client?.tell({ type: "product", product, variant: this.#setting("variant") || undefined });
  }

  #tellCart(): void {
    const checkout = this.#setting("checkout");
    if (checkout) this.#client?.tell({ type: "cart", checkout });
  }

  readonly #back = (): void => {
    const client = this.#client;
    if (document.visibilityState === "hidden" || !client?.storefront?.active) return;
    this.#panel?.seen();
    if (client.age < REFRESH_AFTER) return;
    client.refresh().then(
      () => this.#draw(),
      () => undefined, // nothing new is known; what is shown stays
    );
  };

  #status(status: Status): void {
    this.#panel?.status(status);
  }

  #frame(frame: ToBrowser): void {
    switch (frame.type) {
      case "welcome":
        this.#emit("ready", { visitor: frame.id });
        void this.#sync();
        break;
      case "resync":
        this.#resync();
        break;
      case "offer":
        if (frame.id !== this.#offer?.id) this.#offered(frame);
        break;
      case "offerClosed":
        if (frame.id === this.#offer?.id) this.#clearOffer();
        break;
      case "session":
        if (frame.id === this.#session?.id) this.#adopt(viewAfter(frame, this.#session));
        else if (frame.state !== "ended" && (!this.#session || this.#session.state === "ended")) {
          this.#adopt(viewAfter(frame, null));
          if (!this.#busy) void this.#show("session", false);
        }
        break;
    }
    this.#panel?.frame(frame);
  }

  /** Something may have been missed. Every widget hears this at once, so each waits a moment of its own. */
  #resync(): void {
    setTimeout(() => void this.#sync(), Math.random() * 2000);
  }

  /** After each Welcome: the session as it is now, whatever was missed meanwhile. */
  async #sync(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    this.#panel?.connected();
    try {
      const known = this.#session?.state === "ended" ? null : this.#session;
      const found = known ? await client.session(known.id) : await client.openSession();
      // Not ours any more (the browser lost who it was): it can't be talked to, so it must not look open.
      const view: SessionView | null = found ?? (known && { ...known, state: "ended", position: null, reason: null });
      if (client !== this.#client || !view) return;
      this.#adopt(view);
      if (known || this.#busy) return;
      if (storage("sessionStorage")?.getItem(MINIMISED)) await this.#load();
      else await this.#show("restore", false);
    } catch (error) {
      this.#failed(error);
    }
  }

  #adopt(view: SessionView): void {
    const before = this.#session;
    this.#session = view;
    if (view.state !== "ended") this.#clearOffer();
    this.#panel?.session(view);
    if (before?.id !== view.id || before.state !== view.state || before.position !== view.position) this.#emit("session", view);
    this.#draw();
  }

  #load(): Promise<Panel> {
    this.#loading ??= import("./panel")
      .then(({ Panel }) => {
        const client = this.#client;
        if (!client) throw new ApiError("UNREACHABLE", "The widget was taken out of the page.");
        const panel = new Panel({
          kit: KIT,
          client,
          strings: () => this.#strings,
          locale: this.closest<HTMLElement>("[lang]")?.lang || navigator.language,
          explain: (error) => this.#explain(error),
          emit: (name, detail, cancelable) => this.#emit(name, detail, cancelable),
          announce: (text) => this.#announce(text),
          shown: () => this.#shown,
          unread: (count) => {
            this.#unread = count;
            this.#draw();
          },
          close: () => this.close(),
          again: () => void this.request(),
          ended: (view) => this.#adopt(view),
          product: () => this.#setting("product"),
        });
        const root = this.shadowRoot!;
        if (!root.adoptedStyleSheets.includes(panel.sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, panel.sheet];
        this.#panel = panel;
        panel.element.hidden = true;
        this.#dock.prepend(panel.element);
        if (this.#session) panel.session(this.#session);
        return panel;
      })
      .catch((error: unknown) => {
        this.#loading = null;
        throw error;
      });
    return this.#loading;
  }

  /** False when the page's own code kept the window shut, or it can't be loaded. */
  async #show(reason: Opening, focus: boolean, prepare?: (panel: Panel) => void): Promise<boolean> {
    if (this.#shown) {
      if (this.#panel) prepare?.(this.#panel);
      return true;
    }
    if (!this.#emit("open", { reason }, true)) return false;
    try {
      const panel = await this.#load();
      prepare?.(panel);
      this.#shown = true;
      this.#clearOffer();
      panel.element.hidden = false;
      keep(storage("sessionStorage"), MINIMISED, null);
      this.#draw();
      panel.seen();
      if (focus) panel.focus();
      return true;
    } catch (error) {
      this.#failed(error);
      this.#announce(this.#strings.errorUnreachable);
      return false;
    }
  }

  #hide(): void {
    const panel = this.#panel;
    const inside = this.shadowRoot!.activeElement !== null;
    this.#shown = false;
    if (panel) panel.element.hidden = true;
    if (this.#session && this.#session.state !== "ended") keep(storage("sessionStorage"), MINIMISED, "1");
    else if (panel) {
      panel.dispose();
      this.#panel = this.#loading = this.#session = null;
    }
    this.#draw();
    if (inside) this.#launcher?.focus();
  }

  #restoreOffer(): void {
    try {
      const kept = JSON.parse(storage("sessionStorage")?.getItem(OFFER) ?? "null") as OfferMade | null;
      if (kept && !this.#offer && Date.parse(kept.expiresAt) > Date.now()) this.#offered(kept);
    } catch {
      // Not ours: the next offer replaces it.
    }
  }

  #offered(offer: OfferMade): void {
    if (this.#session && this.#session.state !== "ended") return;
    if (!this.#emit("offer", offer, true)) return;
    this.#clearOffer();
    this.#offer = offer;
    keep(storage("sessionStorage"), OFFER, JSON.stringify(offer));
    this.#bubble = new Bubble(offer, this.#strings, {
      accept: () => void this.#accept(offer),
      decline: () => void this.#decline(offer),
    });
    this.#dock.prepend(this.#bubble.element);
    this.#announce(`${this.#strings.offerLabel}: ${this.#bubble.greeting}`);
    this.#draw();
  }

  #clearOffer(): void {
    if (!this.#offer) return;
    this.#offer = null;
    keep(storage("sessionStorage"), OFFER, null);
    this.#bubble?.element.remove();
    this.#bubble = null;
    this.#draw();
  }

  async #accept(offer: OfferMade): Promise<void> {
    if (this.#busy || !this.#emit("accept", offer, true)) return;
    this.#busy = true;
    const bubble = this.#bubble;
    bubble?.busy(true);
    try {
      const data = await this.#client!.call<{ liveOfferAccept: StartAnswer }>(ACCEPT, (ticket) => ({ id: offer.id, ticket, form: "CHAT" }));
      this.#adopt(viewOf(data.liveOfferAccept.session));
      await this.#show("offer", true);
    } catch (error) {
      this.#failed(error);
      const code = error instanceof ApiError ? error.code : "";
      if (code === "NOBODY_AVAILABLE") await this.#show("offer", true, (panel) => panel.inquiry("nobody"));
      else if (code === "OFFER_CLOSED" || code === "NOT_FOUND") bubble?.ended(this.#strings.offerEnded, () => this.#clearOffer());
      else {
        bubble?.busy(false);
        bubble?.say(this.#explain(error));
      }
    } finally {
      this.#busy = false;
    }
  }

  async #decline(offer: OfferMade): Promise<void> {
    if (!this.#emit("decline", offer, true)) return;
    this.#clearOffer();
    try {
      await this.#client?.call(DECLINE, (ticket) => ({ id: offer.id, ticket }));
    } catch (error) {
      this.#failed(error); // it runs out by itself
    }
  }

  /** The launcher: back to the session, ask for help, or leave a message; none when none of these is possible. */
  #draw(): void {
    const t = this.#strings;
    const { storefront } = this;
    const going = this.#session !== null && this.#session.state !== "ended";
    const kind = going || storefront?.available ? "chat" : "letter";
    const wanted = !this.#shown && !this.#bubble && storefront?.active && (going || storefront.requestsAllowed);
    const label = going ? (this.#session?.repName ?? t.title) : kind === "chat" ? t.launcher : t.leaveMessage;
    const state = wanted ? `${kind}|${label}|${this.#unread}` : "";
    if (state === (this.#launcher?.dataset["state"] ?? "")) return;
    const focused = this.#launcher !== null && this.shadowRoot!.activeElement === this.#launcher;
    this.#launcher?.remove();
    this.#launcher = null;
    if (!wanted) return;
    const unread = this.#unread > 0 && fill(t.unread, { count: this.#unread });
    this.#launcher = h(
      "button",
      { type: "button", class: kind === "chat" ? "launcher" : "launcher leave", part: kind === "chat" ? "launcher" : "leave", click: () => void this.open() },
      h("span", { class: "face" }, icon(kind === "chat" ? CHAT : LETTER)),
      h("span", { class: "label" }, label),
      unread && h("span", { class: "badge", "aria-label": unread }, String(this.#unread)),
    );
    this.#launcher.dataset["state"] = state;
    this.#dock.append(this.#launcher);
    if (focused) this.#launcher.focus();
  }

  #emit(name: string, detail: unknown, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(`livesales:${name}`, { detail, cancelable, bubbles: true, composed: true }));
  }

  #failed(error: unknown): void {
    this.#emit("error", error);
  }

  #announce(text: string): void {
    this.#voice.textContent = "";
    setTimeout(() => (this.#voice.textContent = text), 50); // a change of an empty region is what gets read
  }

  #explain(error: unknown): string {
    const t = this.#strings;
    const code = error instanceof ApiError ? error.code : "";
    return code === "UNREACHABLE" || !code ? t.errorUnreachable : code === "TOO_FREQUENT" ? t.errorTooFrequent : t.errorOther;
  }
}

// <live-sales>: what the page sets and asks, what the shop tells, and which part answers. The parts are the offer's bubble,
// the launcher, and the window, whose code is loaded when it is needed. Importing this module registers nothing.
import { LiveClient, type Storefront } from "./client";
import { h, sheet } from "./dom";
import { KIT } from "./kit";
import { Launcher } from "./launcher";
import { ApiError } from "./live/api";
import { wear } from "./look";
import { Offers } from "./offers";
import { type SessionView, viewOf } from "./session";
import { ANEW, type Defaults, SETTINGS, Settings } from "./settings";
import { type Strings, Words } from "./strings";
import base from "./styles/base.css";
import { Tracker } from "./tracker";
import { Voice, explain } from "./voice";
import { ChatWindow } from "./window";
import type { ToBrowser } from "./wire";

const START_AGAIN = 10_000; // ms until a shop that did not answer is asked again; doubles up to the longest
const LONGEST_PAUSE = 300_000;

let adopted: CSSStyleSheet | undefined;

/**
 * Events, all bubbling and composed, named `livesales:…`; the cancelable ones come before the DOM changes.
 * `ready`; `offer` (cancelable; detail: OfferMade), `accept`, `decline` (cancelable); `open` (cancelable; detail.reason:
 * offer, request, restore or session), `close` (cancelable); `session` (detail: SessionView); `message` (cancelable;
 * detail: Entry); `error` (detail: ApiError).
 */
export class LiveSalesElement extends HTMLElement {
  static readonly observedAttributes = [...SETTINGS];
  /** Settings for elements that don't carry them: the script tag's data attributes. */
  static defaults: Defaults = {};
  /** A sign-in code out of the address, until it is entered; empty: one is to be asked for. */
  static code: string | undefined;

  #client: LiveClient | null = null;
  #ready: Promise<boolean> = Promise.resolve(false);
  #busy = false;
  #unread = 0;
  #starts = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #changed = new Set<string>();
  #opener: HTMLElement | null = null;
  #language = "";
  readonly #settings = new Settings(this, () => LiveSalesElement.defaults);
  readonly #words = new Words();
  readonly #voice = new Voice();
  readonly #dock = h("div", { class: "dock", part: "dock" });
  readonly #launcher = new Launcher(this.#dock, () => void this.open());
  readonly #offers: Offers;
  readonly #window: ChatWindow;
  readonly #tracker: Tracker;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [(adopted ??= sheet(base))];
    root.append(this.#dock, this.#voice.element);
    const shared = {
      client: () => this.#client,
      strings: () => this.#words.all,
      explain: (error: unknown) => explain(error, this.#words.all),
      emit: (name: string, detail: unknown, cancelable?: boolean) => this.#emit(name, detail, cancelable),
      announce: (text: string) => this.#voice.say(text),
      failed: (error: unknown) => this.#failed(error),
      changed: () => this.#draw(),
    };
    this.#tracker = new Tracker({ ...shared, window: () => this.#window, busy: () => this.#busy });
    this.#offers = new Offers(this.#dock, {
      ...shared,
      engaged: () => this.#tracker.going,
      alone: (run) => this.#alone(run),
      prepared: () => this.#window.load(),
      accepted: (node) => {
        this.#tracker.adopt(viewOf(node));
        return this.#window.show("offer", true);
      },
      nobody: () => this.#window.show("offer", true, (panel) => panel.inquiry("nobody")),
    });
    this.#window = new ChatWindow(root, this.#dock, {
      ...shared,
      language: () => this.#words.language,
      words: (words) => this.#words.window(words),
      panel: (client) => ({
        ...shared,
        kit: KIT,
        client,
        locale: this.#locale,
        shown: () => this.#window.open,
        unread: (count) => {
          this.#unread = count;
          this.#draw();
        },
        close: () => this.close(),
        again: (about) => void this.request(about),
        ended: (view) => this.#tracker.adopt(view),
        product: () => this.#settings.get("product"),
        about: () => this.#settings.about,
      }),
      loaded: (panel) => this.session && panel.session(this.session),
      failed: (error) => {
        this.#failed(error);
        this.#offers.note(this.#words.all.windowMissing);
      },
      shown: () => {
        this.#offers.clear();
        this.#draw();
      },
    });
  }

  /** The words shown; set some of them to replace ours. */
  get strings(): Strings {
    return this.#words.all;
  }
  set strings(some: Partial<Strings>) {
    this.#words.override(some);
    this.#draw();
  }

  /** The visitor's session as last heard, or null. */
  get session(): SessionView | null {
    return this.#tracker.session;
  }

  /** What the shop offers in this channel, or null before it answered. */
  get storefront(): Storefront | null {
    return this.#client?.storefront ?? null;
  }

  get opened(): boolean {
    return this.#window.open;
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

  /** Call after a navigation that loads no document. The page may speak another language then. */
  page(): void {
    if (this.#client && this.#language !== this.#settings.language) this.#anew();
    else this.#client?.page();
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
    this.#remember();
    if (this.#tracker.going || (this.session && this.#window.panel)) await this.#window.show("request", true);
    else await this.request();
  }

  /** Puts the window away. The session goes on. */
  close(): void {
    if (!this.#window.open || !this.#emit("close", {}, true)) return;
    const inside = this.shadowRoot!.activeElement !== null;
    const { going } = this.#tracker;
    this.#window.hide(going);
    if (!going) this.#tracker.leave();
    this.#draw();
    if (inside && !this.#launcher.focus() && this.#opener?.isConnected) this.#opener.focus();
  }

  /** Enters a sign-in code, in the window; without one, asks for it there. */
  enter(code = ""): void {
    LiveSalesElement.code = code;
    void this.request();
  }

  /** Asks for help: starts a session, or offers to leave a message when nobody can answer. */
  async request(about = this.#settings.about): Promise<void> {
    this.#remember();
    if (!(await this.#ready)) return;
    await this.#alone(async () => {
      const { code } = LiveSalesElement;
      LiveSalesElement.code = undefined;
      if (this.#tracker.going) return void (await this.#window.show("request", true, (panel) => panel.enter(code)));
      if (!(await this.#window.show("request", true, (panel) => panel.connecting()))) return;
      const panel = this.#window.panel!;
      try {
        const node = await panel.request(about, (error) => this.#failed(error), code);
        if (!node) return;
        this.#tracker.adopt(viewOf(node));
        panel.focus();
      } catch (error) {
        this.#failed(error);
        panel.failed(explain(error, this.#words.all), () => void this.request());
      }
    });
  }

  /** Takes the widget out of the page and closes its connection. */
  destroy(): void {
    this.remove();
  }

  /** Numbers and dates follow the words; where the page's language is none of ours, English as it is written here. */
  get #locale(): string {
    const { language } = this.#words;
    return this.#language.toLowerCase().startsWith(language) ? this.#language : language;
  }

  /** Where the focus goes back to when nothing of ours is left to take it. */
  #remember(): void {
    const active = document.activeElement;
    if (active instanceof HTMLElement && active !== this && active !== document.body) this.#opener = active;
  }

  /** Nothing is asked of the shop twice at the same time. */
  async #alone(run: () => Promise<void>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await run();
    } finally {
      this.#busy = false;
      this.#draw();
    }
  }

  #start(): void {
    const { config } = this.#settings;
    if (!config.channel || !config.api) {
      console.warn("<live-sales> needs the attributes channel and api.");
      return;
    }
    const client = new LiveClient(config, {
      frame: (frame) => this.#frame(frame),
      status: (status, code) => this.#window.panel?.status(status, code),
      storefront: () => this.#draw(),
    });
    this.#client = client;
    client.page();
    this.#settings.tellProduct(client);
    this.#settings.tellCart(client);
    this.#language = this.#settings.language;
    this.#ready = client.start(this.#words.choose(this.#language)).catch((error: unknown) => {
      this.#failed(error);
      const pause = Math.min(START_AGAIN * 2 ** this.#starts++, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
      this.#again = setTimeout(() => client === this.#client && this.#start(), pause);
      return false;
    });
    void this.#ready.then((active) => {
      if (!active || client !== this.#client) return;
      this.#offers.restore();
      this.#draw();
      if (LiveSalesElement.code !== undefined) void this.request();
    });
  }

  #stop(): void {
    clearTimeout(this.#again);
    this.#client?.stop();
    this.#client = null;
    this.#ready = Promise.resolve(false);
    this.#window.dispose();
    this.#offers.remove();
    this.#launcher.remove();
    this.#tracker.session = null;
    this.#unread = 0;
  }

  #anew(): void {
    this.#stop();
    this.#start();
  }

  #apply(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    if (!this.#client) return;
    if ([...changed].some((name) => ANEW.has(name))) return this.#anew();
    if (changed.has("product") || changed.has("variant")) this.#settings.tellProduct(this.#client);
    if (changed.has("checkout")) this.#settings.tellCart(this.#client);
    this.#draw();
  }

  readonly #back = (): void => this.#window.panel?.seen();

  #frame(frame: ToBrowser): void {
    switch (frame.type) {
      case "welcome":
        this.#emit("ready", { visitor: frame.id });
        void this.#tracker.sync();
        break;
      case "resync":
        this.#tracker.resync();
        break;
      case "offer":
        this.#client?.heard(true);
        this.#offers.made(frame);
        break;
      case "offerClosed":
        this.#offers.closed(frame.id);
        break;
      case "session":
        this.#tracker.heard(frame);
        break;
    }
    this.#window.panel?.frame(frame);
  }

  /** The launcher: back to the session, ask for help, or leave a message; none when none of these is possible. */
  #draw(): void {
    const t = this.#words.all;
    const { storefront, session } = this;
    const { going } = this.#tracker;
    if (going && this.#offers.open) return this.#offers.clear(); // which draws again
    this.#dock.lang = this.#words.language;
    this.#dock.dir = this.#words.direction;
    wear(this.#dock, storefront?.look, this.#settings.get("theme"));
    const kind = going || storefront?.available ? "chat" : "letter";
    const wanted = !this.#window.open && !this.#offers.open && storefront?.active && (going || storefront.requestsAllowed);
    const label = going ? (session?.repName ?? t.title) : kind === "chat" ? t.launcher : t.leaveMessage;
    this.#launcher.draw(wanted ? { kind, label, unread: this.#unread } : null, t);
  }

  #emit(name: string, detail: unknown, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(`livesales:${name}`, { detail, cancelable, bubbles: true, composed: true }));
  }

  #failed(error: unknown): void {
    if (error instanceof ApiError && error.code === "NOBODY_AVAILABLE") this.#client?.heard(false);
    this.#emit("error", error);
  }
}

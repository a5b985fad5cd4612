// <live-sales>: what the page sets and asks, what the shop tells, and which part answers. The parts are the offer's bubble,
// the launcher, and the window, whose code is loaded when it is needed. Importing this module registers nothing.
import { type Config, LiveClient, type SessionView, type Storefront, viewAfter, viewOf } from "./client";
import { h, sheet } from "./dom";
import { KIT } from "./kit";
import { Launcher } from "./launcher";
import { ApiError } from "./live/api";
import { Offers } from "./offers";
import { request } from "./request";
import { ENGLISH, type Strings } from "./strings";
import base from "./styles/base.css";
import { Voice, explain } from "./voice";
import { ChatWindow } from "./window";
import type { ToBrowser } from "./wire";

const START_AGAIN = 10_000; // ms until a shop that did not answer is asked again; doubles up to the longest
const LONGEST_PAUSE = 300_000;

type Setting = "channel" | "api" | "gateway" | "product" | "variant" | "checkout";

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
  #session: SessionView | null = null;
  #busy = false;
  #unread = 0;
  #starts = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #changed = new Set<string>();
  readonly #voice = new Voice();
  readonly #launcher: Launcher;
  readonly #offers: Offers;
  readonly #window: ChatWindow;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const dock = h("div", { class: "dock", part: "dock" });
    root.adoptedStyleSheets = [(adopted ??= sheet(base))];
    root.append(dock, this.#voice.element);
    const shared = {
      client: () => this.#client,
      strings: () => this.#strings,
      explain: (error: unknown) => explain(error, this.#strings),
      emit: (name: string, detail: unknown, cancelable?: boolean) => this.#emit(name, detail, cancelable),
      announce: (text: string) => this.#voice.say(text),
    };
    this.#launcher = new Launcher(dock, () => void this.open());
    this.#offers = new Offers(dock, {
      ...shared,
      engaged: () => this.#going,
      alone: (run) => this.#alone(run),
      failed: (error) => this.#failed(error),
      accepted: (node) => {
        this.#adopt(viewOf(node));
        return this.#window.show("offer", true);
      },
      nobody: () => this.#window.show("offer", true, (panel) => panel.inquiry("nobody")),
      changed: () => this.#draw(),
    });
    this.#window = new ChatWindow(root, dock, {
      ...shared,
      panel: (client) => ({
        ...shared,
        kit: KIT,
        client,
        locale: this.closest<HTMLElement>("[lang]")?.lang || navigator.language,
        shown: () => this.#window.open,
        unread: (count) => {
          this.#unread = count;
          this.#draw();
        },
        close: () => this.close(),
        again: () => void this.request(),
        ended: (view) => this.#adopt(view),
        product: () => this.#setting("product"),
      }),
      loaded: (panel) => this.#session && panel.session(this.#session),
      failed: (error) => {
        this.#failed(error);
        this.#voice.say(this.#strings.errorUnreachable);
      },
      shown: () => {
        this.#offers.clear();
        this.#draw();
      },
    });
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
    if (this.#going || (this.#session && this.#window.panel)) await this.#window.show("request", true);
    else await this.request();
  }

  /** Puts the window away. The session goes on. */
  close(): void {
    if (!this.#window.open || !this.#emit("close", {}, true)) return;
    const inside = this.shadowRoot!.activeElement !== null;
    this.#window.hide(this.#going);
    if (!this.#going) this.#session = null;
    this.#draw();
    if (inside) this.#launcher.focus();
  }

  /** Asks for help: starts a session, or offers to leave a message when nobody can answer. */
  async request(): Promise<void> {
    if (!(await this.#ready)) return;
    await this.#alone(async () => {
      if (this.#going) return void (await this.#window.show("request", true));
      if (!(await this.#window.show("request", true, (panel) => panel.connecting()))) return;
      const panel = this.#window.panel!;
      const about = {
        productId: this.#setting("product") || undefined,
        variantId: this.#setting("variant") || undefined,
        checkoutId: this.#setting("checkout") || undefined,
      };
      try {
        const view = await request(this.#client!, panel, about, (error) => this.#failed(error));
        if (view) this.#adopt(view);
        if (view) panel.focus();
      } catch (error) {
        this.#failed(error);
        panel.failed(explain(error, this.#strings), () => void this.request());
      }
    });
  }

  /** Takes the widget out of the page and closes its connection. */
  destroy(): void {
    this.remove();
  }

  /** Whether a session goes on. */
  get #going(): boolean {
    return this.#session !== null && this.#session.state !== "ended";
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
      status: (status) => this.#window.panel?.status(status),
      storefront: () => this.#draw(),
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
      this.#offers.restore();
      this.#draw();
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
    this.#session = null;
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

  readonly #back = (): void => this.#window.panel?.seen();

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
        this.#client?.heard(true);
        this.#offers.made(frame);
        break;
      case "offerClosed":
        this.#offers.closed(frame.id);
        break;
      case "session":
        if (frame.id === this.#session?.id) this.#adopt(viewAfter(frame, this.#session));
        else if (frame.state !== "ended" && !this.#going) {
          this.#adopt(viewAfter(frame, null));
          if (!this.#busy) void this.#window.show("session", false);
        }
        break;
    }
    this.#window.panel?.frame(frame);
  }

  /** Something may have been missed. Every widget hears this at once, so each waits a moment of its own. */
  #resync(): void {
    setTimeout(() => void this.#sync(), Math.random() * 2000);
  }

  /** After each Welcome: the session as it is now, whatever was missed meanwhile. */
  async #sync(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    this.#window.panel?.connected();
    try {
      const known = this.#going ? this.#session : null;
      const found = known ? await client.session(known.id) : await client.openSession();
      // Not ours any more (the browser lost who it was): it can't be talked to, so it must not look open.
      const view: SessionView | null = found ?? (known && { ...known, state: "ended", position: null, reason: null });
      if (client !== this.#client || !view) return;
      this.#adopt(view);
      if (known || this.#busy) return;
      if (this.#window.minimised) await this.#window.load();
      else await this.#window.show("restore", false);
    } catch (error) {
      this.#failed(error);
    }
  }

  #adopt(view: SessionView): void {
    const before = this.#session;
    this.#session = view;
    if (this.#going) this.#offers.clear();
    this.#window.panel?.session(view);
    if (before?.id !== view.id || before.state !== view.state || before.position !== view.position) this.#emit("session", view);
    this.#draw();
  }

  /** The launcher: back to the session, ask for help, or leave a message; none when none of these is possible. */
  #draw(): void {
    const t = this.#strings;
    const { storefront } = this;
    const kind = this.#going || storefront?.available ? "chat" : "letter";
    const wanted = !this.#window.open && !this.#offers.open && storefront?.active && (this.#going || storefront.requestsAllowed);
    const label = this.#going ? (this.#session?.repName ?? t.title) : kind === "chat" ? t.launcher : t.leaveMessage;
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

// The visitor's line to the shop: socket, ticket, GraphQL with the ticket, and what is told about the visit. Draws nothing.
import { keep, lasting, storage } from "./dom";
import IDENTIFY from "./graphql/VisitorIdentify.graphql";
import OPEN_SESSION from "./graphql/OpenSession.graphql";
import STOREFRONT from "./graphql/Storefront.graphql";
import { ApiError, ask } from "./live/api";
import { LiveSocket, type Status } from "./live/socket";
import type { Look } from "./look";
import { type SessionNode, type SessionView, viewOf } from "./session";
import type { Behaviour, FromBrowser, ToBrowser } from "./wire";

export interface Config {
  channel: string;
  api: string;
  gateway: string;
}

export interface Storefront {
  active: boolean;
  gatewayUrl: string;
  requestsAllowed: boolean;
  available: boolean;
  opensAt: string | null;
  turnsIn: number | null;
  forms: string[];
  greeting: string;
  picturesAllowed: boolean;
  look: Look;
}

export interface Listener {
  frame(frame: ToBrowser): void;
  status(status: Status, code: number): void;
  /** The shop was asked again what it offers. */
  storefront(): void;
}

const DWELL_EVERY = 10; // seconds
const FRESH = 60_000; // ms; what the shop offers is asked again when the page comes back into view
const FRESH_IN_VIEW = 120_000; // and when it is this old while the page stays in view
const TICKET_WITHIN = 15_000; // ms
const TOKEN = "livesales:token";
const VISITOR = "livesales:visitor";
const NO_COOKIE = "livesales:no-cookie";

export class LiveClient {
  storefront: Storefront | null = null;
  messageLimit = 4000;

  #socket: LiveSocket | null = null;
  #ticket: string | null = null;
  #waiting: ((ticket: string) => void)[] = [];
  #unsent = new Map<Behaviour["type"], Behaviour>();
  #dwellFrom = 0;
  #dwellTimer: ReturnType<typeof setInterval> | undefined;
  #asked = 0;

  constructor(
    readonly config: Config,
    private readonly listener: Listener,
  ) {}

  get online(): boolean {
    return this.#socket?.status === "open";
  }

  /** Asks what the shop offers here and connects. False when live sales is not active in this channel. */
  async start(before?: Promise<unknown>): Promise<boolean> {
    await Promise.all([this.refresh(), before]);
    const url = this.config.gateway || this.storefront?.gatewayUrl;
    if (!this.storefront?.active || !url) return false;
    const store = storage("localStorage");
    this.#socket = new LiveSocket({
      url,
      hello: () => ({
        type: "hello",
        role: "visitor",
        channel: this.config.channel,
        token: store.getItem(TOKEN) ?? undefined,
        // A browser that blocks cookies for this site forbids storage with them, and Chromium's cookieEnabled is true all the same.
        cookies: navigator.cookieEnabled && lasting("localStorage") && !store.getItem(NO_COOKIE),
      }),
      status: (status, code) => this.listener.status(status, code),
      frame: (frame) => {
        if (frame.type === "welcome") {
          this.messageLimit = frame.messageLimit ?? 4000;
          if (frame.token) keep(store, TOKEN, frame.token);
          // Somebody else than before, without a token to keep: the cookie did not come back. Next time without.
          else if ((store.getItem(VISITOR) ?? frame.id) !== frame.id) keep(store, NO_COOKIE, "1");
          keep(store, VISITOR, frame.id);
          for (const event of this.#unsent.values()) this.#socket?.send(event);
          this.#unsent.clear();
        }
        if ((frame.type === "welcome" || frame.type === "renewed") && frame.ticket) {
          this.#ticket = frame.ticket;
          for (const resolve of this.#waiting.splice(0)) resolve(frame.ticket);
        }
        this.listener.frame(frame);
      },
    });
    this.#socket.connect();
    this.#watch();
    return true;
  }

  stop(): void {
    this.#socket?.close();
    this.#socket = null;
    clearInterval(this.#dwellTimer);
    document.removeEventListener("visibilitychange", this.#visible);
  }

  reconnect(): void {
    this.#socket?.reconnect();
  }

  send(frame: FromBrowser): boolean {
    return this.#socket?.send(frame) ?? false;
  }

  /** Asks again what the shop offers here: whether somebody is available changes by the minute. */
  async refresh(): Promise<void> {
    this.#asked = Date.now();
    const { channel, api } = this.config;
    const data = await ask<{ liveStorefront: Storefront | null }>(api, STOREFRONT, { channel });
    this.storefront = data.liveStorefront;
  }

  /** Somebody is, or is not, available: an offer or a refusal told so. */
  heard(available: boolean): void {
    if (this.storefront) this.storefront = { ...this.storefront, available };
  }

  /** Runs a document with the visitor's ticket. */
  call<T>(document: string, variables: (ticket: string) => object, accessToken?: string | null): Promise<T> {
    return this.ticketed((ticket) => ask<T>(this.config.api, document, variables(ticket), accessToken));
  }

  /** Does something with the visitor's ticket; takes a fresh one once when the shop calls it invalid. */
  async ticketed<T>(run: (ticket: string) => Promise<T>): Promise<T> {
    try {
      return await run(await this.#currentTicket());
    } catch (error) {
      if ((error as { code?: string }).code !== "INVALID_TICKET") throw error;
      this.#ticket = null;
      this.#socket?.reconnect();
      return run(await this.#currentTicket());
    }
  }

  async openSession(): Promise<SessionView | null> {
    type Answer = { liveSessions: { edges: { node: SessionNode }[] } | null };
    const data = await this.call<Answer>(OPEN_SESSION, (ticket) => ({ ticket }));
    const node = data.liveSessions?.edges[0]?.node;
    return node ? viewOf(node) : null;
  }

  /** Links this browser to the account of the access token; without one, unlinks it. */
  async identify(accessToken: string | null): Promise<void> {
    await this.call(IDENTIFY, (ticket) => ({ input: { ticket } }), accessToken);
  }

  /** Something happened on the page. What can't be sent now is sent on connecting, the latest of each kind. */
  tell(event: Behaviour): void {
    if (!this.send(event)) this.#unsent.set(event.type, event);
  }

  /** The page as it is now, without query and fragment: these may hold secrets. */
  page(): void {
    this.#dwell();
    const url = location.origin + location.pathname;
    this.tell({ type: "page", url, title: document.title.slice(0, 300), referrer: document.referrer.split(/[?#]/)[0] });
  }

  #currentTicket(): Promise<string> {
    if (this.#ticket) return Promise.resolve(this.#ticket);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new ApiError("UNREACHABLE", "No connection to the gateway.")), TICKET_WITHIN);
      this.#waiting.push((ticket) => {
        clearTimeout(timer);
        resolve(ticket);
      });
    });
  }

  #watch(): void {
    this.#dwellFrom = document.visibilityState === "visible" ? performance.now() : 0;
    this.#dwellTimer = setInterval(() => {
      this.#dwell();
      this.#renew(FRESH_IN_VIEW);
    }, DWELL_EVERY * 1000);
    document.addEventListener("visibilitychange", this.#visible);
  }

  readonly #visible = (): void => {
    if (document.visibilityState === "visible") {
      this.#dwellFrom = performance.now();
      this.#renew(FRESH);
    } else {
      this.#dwell();
      this.#dwellFrom = 0;
    }
  };

  /** Asks again what the shop offers when that is older than this, or it has opened or closed since; what is not answered stays as it was. */
  #renew(age: number): void {
    const wait = Math.min(age, (this.storefront?.turnsIn ?? age) * 1000);
    if (document.visibilityState === "hidden" || Date.now() - this.#asked < wait) return;
    this.refresh().then(
      () => this.listener.storefront(),
      () => undefined,
    );
  }

  /** Reports whole seconds spent in view since the last report; what can't be sent is not worth keeping. */
  #dwell(): void {
    if (!this.#dwellFrom) return;
    const seconds = Math.round((performance.now() - this.#dwellFrom) / 1000);
    if (seconds < 1) return;
    this.#dwellFrom = performance.now();
    this.send({ type: "dwell", seconds: Math.min(seconds, 2 * DWELL_EVERY) });
  }
}

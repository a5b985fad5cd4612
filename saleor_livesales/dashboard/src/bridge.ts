/**
 * Saleor's app-bridge, spoken from inside the Dashboard's frame.
 *
 * The Dashboard hands over a token for five minutes, and a new one shortly before it runs out. The token is kept in
 * memory alone. Messages count only when they come from the parent window and from an origin that the server has
 * allowed; after the first handshake, from that origin only. Nothing is ever posted to "*".
 */

export type Theme = "light" | "dark";

interface BridgeEvents {
  token: string;
  theme: Theme;
  locale: string;
}

export interface Notification {
  status: "info" | "success" | "warning" | "error";
  title?: string;
  text?: string;
}

type Listener<K extends keyof BridgeEvents> = (value: BridgeEvents[K]) => void;

export class Bridge {
  #allowed: readonly string[];
  #origin: string | null = null;
  #actions = 0;
  #token: string | null = null;
  #listeners: { [K in keyof BridgeEvents]: Set<Listener<K>> } = { token: new Set(), theme: new Set(), locale: new Set() };
  #answers = new Map<string, (ok: boolean) => void>();

  /** `allowed` are the origins of the Dashboards that may hand over a token. */
  constructor(allowed: readonly string[]) {
    this.#allowed = allowed;
  }

  get framed(): boolean {
    return window.parent !== window;
  }

  get token(): string | null {
    return this.#token;
  }

  start(): void {
    window.addEventListener("message", this.#receive);
    for (const origin of this.#likely()) this.#post(origin, "notifyReady", {});
  }

  /** Calls `listener` for every later event; the returned function stops that. */
  on<K extends keyof BridgeEvents>(name: K, listener: Listener<K>): () => void {
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }

  /** A token other than `stale`; waits up to `milliseconds` for it. Null when none came. */
  fresh(stale: string | null, milliseconds: number): Promise<string | null> {
    if (this.#token && this.#token !== stale) return Promise.resolve(this.#token);
    return new Promise((resolve) => {
      const done = (token: string | null) => {
        stop();
        clearTimeout(timer);
        resolve(token);
      };
      const stop = this.on("token", (token) => token !== stale && done(token));
      const timer = setTimeout(() => done(null), milliseconds);
    });
  }

  /** Shows one of the Dashboard's own notices. */
  notify(notification: Notification): Promise<boolean> {
    return this.#dispatch("notification", { ...notification });
  }

  /** Goes to a page of the Dashboard ("/customers/…") or to an absolute address. */
  redirect(to: string, newContext = false): Promise<boolean> {
    return this.#dispatch("redirect", { to, newContext });
  }

  /** Where the handshake will come from: the frame's ancestor where the browser tells it, else each allowed origin. */
  #likely(): readonly string[] {
    const told = window.location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : null);
    return told && this.#allowed.includes(told) ? [told] : this.#allowed;
  }

  #post(origin: string, type: string, payload: Record<string, unknown>): string {
    const actionId = `livesales-${++this.#actions}`;
    window.parent.postMessage({ type, payload: { ...payload, actionId } }, origin);
    return actionId;
  }

  #dispatch(type: string, payload: Record<string, unknown>): Promise<boolean> {
    const origin = this.#origin;
    if (!origin) return Promise.resolve(false);
    return new Promise((resolve) => this.#answers.set(this.#post(origin, type, payload), resolve));
  }

  #tell<K extends keyof BridgeEvents>(name: K, value: BridgeEvents[K]): void {
    for (const listener of [...this.#listeners[name]]) listener(value);
  }

  #receive = (event: MessageEvent): void => {
    if (event.source !== window.parent || !this.#allowed.includes(event.origin)) return;
    if (this.#origin && this.#origin !== event.origin) return;
    const { type, payload } = (event.data ?? {}) as { type?: unknown; payload?: Record<string, unknown> };
    if (typeof type !== "string" || typeof payload !== "object" || payload === null) return;
    if (type === "handshake" || type === "tokenRefresh") {
      if (typeof payload.token !== "string" || !payload.token) return;
      this.#origin = event.origin;
      if (payload.token === this.#token) return; // the handshake comes twice
      this.#token = payload.token;
      this.#tell("token", payload.token);
    } else if (type === "theme" && (payload.theme === "light" || payload.theme === "dark")) {
      this.#tell("theme", payload.theme);
    } else if (type === "localeChanged" && typeof payload.locale === "string") {
      this.#tell("locale", payload.locale);
    } else if (type === "response" && typeof payload.actionId === "string") {
      this.#answers.get(payload.actionId)?.(payload.ok === true);
      this.#answers.delete(payload.actionId);
    }
  };
}

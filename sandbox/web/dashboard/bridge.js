// The Dashboard's side of Saleor's app-bridge: what it tells a page in its frame, and how it answers the page's actions.
// The frame's origin is fixed: nothing is sent to, or taken from, another.

const REFRESH_BEFORE = 30_000; // ms before a token's expiry; also the shortest wait between two tries

function expiresAt(token) {
  return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).exp * 1000;
}

export class Bridge {
  #frame;
  #origin;
  #token;
  #handlers;
  #renew;
  #timer = 0;
  #ready = false;

  /**
   * `handlers` maps an action's type to a function of its payload that returns whether it was done;
   * `renew` gives a fresh token; `state` gives {theme, locale, path}.
   */
  constructor({ frame, origin, token, handlers, renew, state }) {
    this.#frame = frame;
    this.#origin = origin;
    this.#token = token;
    this.#handlers = handlers;
    this.#renew = renew;
    this.state = state;
    addEventListener("message", this.#receive);
    document.addEventListener("visibilitychange", this.#visible);
    frame.addEventListener("load", this.#loaded);
    this.#schedule();
  }

  close() {
    removeEventListener("message", this.#receive);
    document.removeEventListener("visibilitychange", this.#visible);
    this.#frame.removeEventListener("load", this.#loaded);
    clearTimeout(this.#timer);
  }

  tell(type, payload) {
    if (this.#ready || type === "handshake") this.#frame.contentWindow?.postMessage({ type, payload }, this.#origin);
  }

  /** A handshake comes when the frame has loaded, and again when the page says that it is ready. */
  #handshake() {
    this.tell("handshake", { token: this.#token, version: 1, saleorVersion: "", dashboardVersion: "sandbox" });
    if (this.#ready) return;
    this.#ready = true;
    const { theme, locale, path } = this.state();
    this.tell("localeChanged", { locale });
    this.tell("theme", { theme });
    this.tell("redirect", { path });
  }

  #loaded = () => {
    this.#ready = false;
    this.#handshake();
  };

  #receive = (event) => {
    if (event.source !== this.#frame.contentWindow || event.origin !== this.#origin) return;
    const { type, payload } = event.data ?? {};
    if (typeof type !== "string" || typeof payload?.actionId !== "string") return;
    if (type === "notifyReady") this.#handshake();
    else if (!(type in this.#handlers)) return console.warn(`The stand-in Dashboard does not know the action ${type}.`);
    const ok = type === "notifyReady" || this.#handlers[type](payload);
    this.tell("response", { actionId: payload.actionId, ok });
  };

  #schedule() {
    clearTimeout(this.#timer);
    const wait = Math.max(expiresAt(this.#token) - REFRESH_BEFORE - Date.now(), REFRESH_BEFORE);
    this.#timer = setTimeout(() => this.#refresh(), wait);
  }

  #visible = () => {
    const due = expiresAt(this.#token) - REFRESH_BEFORE;
    if (document.visibilityState === "visible" && Date.now() >= due) void this.#refresh();
  };

  async #refresh() {
    const token = await this.#renew().catch(() => null);
    if (token && token !== this.#token) {
      this.#token = token;
      this.tell("tokenRefresh", { token });
    }
    this.#schedule();
  }
}

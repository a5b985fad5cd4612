/** The rep's presence and the socket that stands on it: a ticket from GraphQL, hello, a new ticket every four minutes. */

import { LiveSocket, type Status } from "../../../storefront/src/live/socket";
import type { FromBrowser, Hello, ToBrowser } from "../../../storefront/src/wire";
import { type Api, ApiError } from "../api";
import PRESENCE from "../graphql/presence.graphql";
import type { PresenceAnswer, Rep, RepStatus } from "../types";

const RENEW_EVERY = 240_000; // ms; a ticket lives five minutes
const RENEW_AGAIN = 15_000; // after a failed renewal
const FRESH = 60_000; // a ticket this young is shown as it is

export interface LinkEvents {
  frame(frame: ToBrowser): void;
  status(status: Status): void;
  rep(rep: Rep): void;
}

export class Link {
  /** What the rep has chosen; a connection that comes back says it again. */
  wanted: RepStatus = "OFFLINE";
  #api: Api;
  #events: LinkEvents;
  #socket: LiveSocket | null = null;
  #ticket = "";
  #issued = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, events: LinkEvents) {
    this.#api = api;
    this.#events = events;
  }

  /** Tells the server the rep's presence, and connects or renews with the ticket it gives. Raises ApiError. */
  async presence(status: RepStatus, capacity?: number): Promise<void> {
    const input = capacity === undefined ? { status } : { status, capacity };
    const { liveRepPresenceUpdate: answer } = await this.#api.run<PresenceAnswer>(PRESENCE, { input });
    const { rep, ticket, gatewayUrl, errors } = answer;
    if (errors[0]) throw new ApiError("server", errors[0].message);
    if (!rep || !ticket || !gatewayUrl) throw new ApiError("server", "The shop gave no ticket for the live connection.");
    this.wanted = rep.status;
    this.#ticket = ticket;
    this.#issued = Date.now();
    this.#later(RENEW_EVERY);
    this.#events.rep(rep);
    if (this.#socket) {
      this.#socket.send({ type: "renew", ticket });
      return;
    }
    this.#socket = new LiveSocket({
      url: gatewayUrl,
      hello: () => this.#hello(),
      frame: this.#events.frame,
      status: this.#events.status,
    });
    this.#socket.connect();
  }

  send(frame: FromBrowser): boolean {
    return this.#socket?.send(frame) ?? false;
  }

  reconnect(): void {
    this.#issued = 0;
    this.#socket?.reconnect();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  async #hello(): Promise<Hello> {
    if (Date.now() - this.#issued > FRESH) await this.presence(this.wanted);
    this.#issued = 0; // the next connection asks for its own
    return { type: "hello", role: "rep", ticket: this.#ticket };
  }

  #later(pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.presence(this.wanted).catch(() => this.#later(RENEW_AGAIN));
    }, pause);
  }
}

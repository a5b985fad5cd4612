// Which session is the visitor's, as last heard: from frames as they come, and asked for after each connection.
import type { LiveClient } from "./client";
import { type SessionView, viewAfter } from "./session";
import type { ChatWindow } from "./window";
import type { SessionChanged } from "./wire";

const RESYNC_WITHIN = 2000; // ms; every widget hears of it at once, so each waits a moment of its own

export interface TrackerHost {
  client(): LiveClient | null;
  window(): ChatWindow;
  /** Whether something is being asked of the shop, which opens the window itself. */
  busy(): boolean;
  emit(name: string, detail: unknown, cancelable?: boolean): boolean;
  failed(error: unknown): void;
  changed(): void;
}

export class Tracker {
  session: SessionView | null = null;
  #left: string | undefined;
  #heard = 0;

  constructor(private readonly host: TrackerHost) {}

  /** Whether a session goes on. */
  get going(): boolean {
    return this.session !== null && this.session.state !== "ended";
  }

  /** The visitor has seen the end: it does not come back on this page. */
  leave(): void {
    this.#left = this.session?.id;
    this.session = null;
  }

  adopt(view: SessionView): void {
    const before = this.session;
    this.session = view;
    this.host.window().panel?.session(view);
    const same = before?.id === view.id && before.state === view.state && before.position === view.position && before.expectedWait === view.expectedWait;
    if (!same) this.host.emit("session", view);
    this.host.changed();
  }

  heard(frame: SessionChanged): void {
    this.#heard++;
    if (frame.id === this.session?.id) {
      if (frame.lastNumber < this.session.lastNumber) return; // a later change has overtaken it
      return this.adopt(viewAfter(frame, this.session));
    }
    if (frame.state === "ended" || this.going) return;
    this.adopt(viewAfter(frame, null));
    if (!this.host.busy()) void this.host.window().show("session", false);
  }

  /** Something may have been missed. */
  resync(): void {
    setTimeout(() => void this.sync(), Math.random() * RESYNC_WITHIN);
  }

  /** After each Welcome: the session as it is now, whatever was missed meanwhile. */
  async sync(): Promise<void> {
    const client = this.host.client();
    const window = this.host.window();
    if (!client) return;
    window.panel?.connected();
    const heard = this.#heard;
    try {
      const known = this.going ? this.session : null;
      const found = known ? await (await window.load()).lookup(known.id) : await client.openSession();
      if (heard !== this.#heard) return this.sync(); // the answer may be older than what was told meanwhile
      // Not ours any more (the browser lost who it was): it can't be talked to, so it must not look open.
      const view: SessionView | null = found ?? (known && { ...known, state: "ended", position: null, reason: null });
      if (client !== this.host.client() || !view || view.id === this.#left) return;
      this.adopt(view);
      if (known || this.host.busy()) return;
      if (window.minimised) await window.load();
      else await window.show("restore", false);
    } catch (error) {
      this.host.failed(error);
    }
  }
}

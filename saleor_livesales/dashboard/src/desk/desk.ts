/** The desk's one actor: takes what the rep does and what the server tells, and keeps the state that is shown. */

import { Conversation, pendingIn } from "../../../storefront/src/live/conversation";
import type { Entry, SessionChanged, ToBrowser } from "../../../storefront/src/wire";
import { type Api, ApiError, type FieldError } from "../api";
import ACCEPT from "../graphql/accept.graphql";
import END from "../graphql/end.graphql";
import REP from "../graphql/rep.graphql";
import SESSION from "../graphql/session.graphql";
import SESSIONS from "../graphql/sessions.graphql";
import VISITORS from "../graphql/visitors.graphql";
import { Store } from "../store";
import type { Connection, Rep, RepStatus, Session, SessionsAnswer, State, VisitorItem } from "../types";
import { fit, show, touch } from "./arrange";
import { Drafts, storage } from "./drafts";
import { Link } from "./link";
import { type DeskState, type Listing, type Notice, type Pane, START, unread, visitorName } from "./state";

const POLL = 20_000; // ms; announcements may be lost, so both lists are also fetched at this pace
const QUEUE_PAUSE = 150; // ms from an announcement to the refetch: many at once cost one request
const VISITORS_PAUSE = 1000;
const DETAILS_PAUSE = 1500;
const RESYNC_SPREAD = 2000;

export class Desk {
  readonly store = new Store<DeskState>(START);
  readonly drafts = new Drafts(storage());
  readonly api: Api;
  #link: Link;
  #pending = pendingIn(storage());
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #notices = 0;

  constructor(api: Api) {
    this.api = api;
    this.#link = new Link(api, {
      frame: (frame) => this.#frame(frame),
      rep: (rep) => this.store.set({ rep }),
      status: (link) => {
        this.store.set({ link });
        if (link !== "open") for (const pane of this.#panes()) pane.talk.disconnected();
      },
    });
    const seen = () => this.#seen();
    window.addEventListener("focus", seen);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible" || this.store.state.phase !== "ready") return;
      seen();
      void this.refresh();
    });
    setInterval(() => {
      if (document.visibilityState === "visible" && this.store.state.phase === "ready") void this.refresh();
    }, POLL);
  }

  /** Loads the rep and its open sessions and connects. May be called again after a failure. */
  async start(): Promise<void> {
    this.store.set({ phase: "loading", problem: "" });
    try {
      const { liveRep: rep } = await this.api.run<{ liveRep: Rep | null }>(REP);
      if (!rep) throw new ApiError("permission", "You don't have the permission for this page.");
      this.store.set({ rep });
      await this.#link.presence(rep.status);
      this.store.set({ phase: "ready" });
      await this.refresh();
    } catch (error) {
      const forbidden = error instanceof ApiError && error.kind === "permission";
      this.store.set({ phase: forbidden ? "forbidden" : "failed", problem: sentence(error) });
    }
  }

  /** Shows the choice at once, and takes it back where the server refuses it. The last of several choices counts. */
  async setPresence(status: RepStatus, capacity?: number): Promise<void> {
    const { rep } = this.store.state;
    if (!rep) return;
    const chosen = { status, capacity: capacity ?? rep.capacity };
    this.store.set({ chosen });
    try {
      await this.#link.presence(status, capacity);
      this.#soon("queue", QUEUE_PAUSE, () => this.#refreshSessions());
    } catch (error) {
      this.notice("critical", sentence(error));
    } finally {
      if (this.store.state.chosen === chosen) this.store.set({ chosen: null });
    }
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#refreshSessions(), this.#refreshVisitors()]);
  }

  /** Takes a session from the queue, or one that rings. */
  async accept(id: string): Promise<void> {
    if (this.store.state.taking.includes(id)) return;
    this.store.set({ taking: [...this.store.state.taking, id] });
    try {
      const { liveSessionAccept: answer } = await this.api.run<{ liveSessionAccept: { errors: FieldError[] } }>(ACCEPT, { id });
      if (answer.errors[0]) throw new ApiError("server", answer.errors[0].message);
      this.#adopt(id, "ACTIVE");
      this.store.set({ writing: id });
      this.reveal(id);
    } catch (error) {
      this.notice("critical", sentence(error));
    } finally {
      this.store.set({ taking: this.store.state.taking.filter((other) => other !== id) });
      await this.#refreshSessions();
    }
  }

  async end(id: string): Promise<void> {
    this.#change(id, { ending: true, problem: null });
    try {
      const { liveSessionEnd: answer } = await this.api.run<{
        liveSessionEnd: { session: { state: State; endReason: string | null } | null; errors: FieldError[] };
      }>(END, { id });
      const error = answer.errors[0];
      if (error && error.code !== "SESSION_ENDED") throw new ApiError("server", error.message);
      const reason = answer.session?.endReason?.toLowerCase() ?? "rep";
      if (this.store.state.panes[id]?.state !== "ENDED") this.#change(id, { state: "ENDED", endReason: reason });
    } catch (error) {
      this.#change(id, { problem: sentence(error) });
    } finally {
      this.#change(id, { ending: false });
    }
  }

  say(id: string, text: string): void {
    this.drafts.set(id, "");
    this.#use(id);
    this.store.state.panes[id]?.talk.say(text);
  }

  typing(id: string, active: boolean): void {
    this.store.state.panes[id]?.talk.typing(active);
  }

  /** Puts refused words back into the input; returns them. */
  withdraw(id: string, key: string): string {
    return this.store.state.panes[id]?.talk.withdraw(key) ?? "";
  }

  /** Brings a pane side by side with the others, in place of the one used longest ago where there is no room. */
  reveal(id: string): void {
    const { shown, used, places, open, panes } = this.store.state;
    if (!panes[id]) return;
    const kept = shown.filter((other) => open.includes(other));
    this.store.set({
      open: open.includes(id) ? open : [...open, id],
      shown: show(kept, id, used, places),
      used: touch(used, id),
    });
    this.#seen();
  }

  /** Closes a pane that has ended. */
  close(id: string): void {
    this.drafts.set(id, "");
    this.#drop(id);
  }

  /** How many panes fit side by side. */
  setPlaces(places: number): void {
    const { shown, open, used } = this.store.state;
    if (places !== this.store.state.places) this.store.set({ places, shown: fit(shown, open, used, places) });
  }

  notice(kind: Notice["kind"], text: string): void {
    const others = this.store.state.notices.filter((notice) => notice.text !== text);
    this.store.set({ notices: [...others, { id: ++this.#notices, kind, text }].slice(-4) });
  }

  dismiss(id: number): void {
    this.store.set({ notices: this.store.state.notices.filter((notice) => notice.id !== id) });
  }

  /** The rep is working in this pane. */
  focus(id: string): void {
    if (this.store.state.writing) this.store.set({ writing: null });
    this.#use(id);
    this.#seen();
  }

  #panes(): Pane[] {
    return Object.values(this.store.state.panes);
  }

  #change(id: string, change: Partial<Pane>): void {
    const { panes } = this.store.state;
    const pane = panes[id];
    if (pane) this.store.set({ panes: { ...panes, [id]: { ...pane, ...change } } });
  }

  #use(id: string): void {
    this.store.set({ used: touch(this.store.state.used, id) });
  }

  #drop(id: string): void {
    const { panes, open, shown, used, places } = this.store.state;
    const { [id]: gone, ...others } = panes;
    gone?.talk.dispose();
    const left = open.filter((other) => other !== id);
    this.store.set({
      panes: others,
      open: left,
      shown: fit(shown, left, used, places),
      used: used.filter((other) => other !== id),
    });
    this.#seen();
  }

  /** Makes a pane for a session that is this rep's, unless there is one, and loads what belongs in it. */
  #adopt(id: string, state: State): void {
    const known = this.store.state.panes[id];
    if (known) {
      const changes = known.changes + 1;
      if (known.state !== state) this.#change(id, { state, changes, dueAt: null, endReason: null });
    } else {
      const talk = new Conversation({
        session: id,
        me: "rep",
        send: (frame) => this.#link.send(frame),
        stalled: () => this.#link.reconnect(),
        changed: (fresh) => this.#talked(id, fresh),
        store: this.#pending,
      });
      const pane: Pane = {
        ...{ id, talk, state, endReason: null, dueAt: null, session: null, problem: null, ending: false },
        ...{ seen: 0, unread: 0, changes: 0 },
      };
      this.store.set({ panes: { ...this.store.state.panes, [id]: pane } });
      if (this.store.state.link === "open") talk.connected();
    }
    const { open, shown, places, used } = this.store.state;
    if (state !== "RINGING" && !open.includes(id)) {
      const now = [...open, id];
      this.store.set({ open: now, shown: shown.length < places ? [...shown, id] : fit(shown, now, used, places) });
    }
    if (!known?.session || known.state !== state) void this.#load(id);
  }

  /** Fetches a session with everything beside the conversation. */
  async #load(id: string): Promise<void> {
    const before = this.store.state.panes[id]?.changes;
    try {
      const { liveSession: session } = await this.api.run<{ liveSession: Session | null }>(SESSION, { id });
      const pane = this.store.state.panes[id];
      if (!pane) return;
      const mine = session !== null && (session.rep?.id === this.store.state.rep?.id || session.state === "ENDED");
      if (!mine) {
        if (pane.state === "RINGING") this.#drop(id);
        else if (pane.state !== "ENDED") this.#change(id, { state: "ENDED", endReason: "moved", problem: null });
        return;
      }
      pane.talk.peerRead = Math.max(pane.talk.peerRead, session.visitorRead);
      const seen = Math.max(pane.seen, session.repRead);
      const told = { state: session.state, dueAt: session.dueAt, endReason: session.endReason?.toLowerCase() ?? null };
      this.#change(id, { session, problem: null, seen, unread: unread(pane.talk, seen), ...(pane.changes === before ? told : {}) });
      if (pane.changes === before && pane.state === "RINGING" && session.state === "ACTIVE") this.#adopt(id, "ACTIVE");
      this.#seen();
    } catch (error) {
      this.#change(id, { problem: sentence(error) });
    }
  }

  /** Loads a pane's details again, after its problem was shown. */
  reload(id: string): void {
    this.#change(id, { problem: null });
    void this.#load(id);
  }

  #talked(id: string, fresh: Entry[]): void {
    const pane = this.store.state.panes[id];
    if (!pane) return;
    const seen = fresh.some((entry) => entry.sender === "rep") ? Math.max(pane.seen, lastOwn(fresh)) : pane.seen;
    this.#change(id, { seen, unread: unread(pane.talk, seen) });
    if (fresh.length) this.#seen();
  }

  /** What stands side by side while the desk has the focus is seen. */
  #seen(): void {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    for (const id of this.store.state.shown) {
      const pane = this.store.state.panes[id];
      if (!pane || pane.seen >= pane.talk.lastNumber) continue;
      pane.talk.read();
      this.#change(id, { seen: pane.talk.lastNumber, unread: 0 });
    }
  }

  #soon(name: string, pause: number, action: () => unknown): void {
    if (this.#timers.has(name)) return;
    const run = () => {
      this.#timers.delete(name);
      void action();
    };
    this.#timers.set(name, setTimeout(run, pause));
  }

  async #refreshSessions(): Promise<void> {
    try {
      const { rep, queue, mine } = await this.api.run<SessionsAnswer>(SESSIONS);
      this.store.set({ queue: listing(queue) });
      if (rep && !this.store.state.chosen) this.store.set({ rep });
      const ids = new Set(mine.edges.map(({ node }) => node.id));
      for (const { node } of mine.edges) {
        const pane = this.store.state.panes[node.id];
        if (!pane || (pane.state === "RINGING" && node.state !== "RINGING") || pane.endReason === "moved") this.#adopt(node.id, node.state);
      }
      for (const pane of this.#panes()) if (!ids.has(pane.id) && pane.state !== "ENDED") void this.#load(pane.id);
    } catch (error) {
      this.store.set({ queue: { ...this.store.state.queue, problem: sentence(error) } });
    }
  }

  async #refreshVisitors(): Promise<void> {
    try {
      const { liveVisitors } = await this.api.run<{ liveVisitors: Connection<VisitorItem> }>(VISITORS);
      this.store.set({ visitors: listing(liveVisitors) });
    } catch (error) {
      this.store.set({ visitors: { ...this.store.state.visitors, problem: sentence(error) } });
    }
  }

  #frame(frame: ToBrowser): void {
    switch (frame.type) {
      case "welcome":
        this.store.set({ limit: frame.messageLimit ?? 4000 });
        for (const pane of this.#panes()) pane.talk.connected();
        if (this.store.state.phase === "ready") void this.refresh();
        break;
      case "resync": // announcements may have been missed; the pause keeps all desks from asking at once
        this.#soon("resync", Math.random() * RESYNC_SPREAD, () => {
          for (const pane of this.#panes()) pane.talk.connected();
          void this.refresh();
        });
        break;
      case "queue":
        this.#soon("queue", QUEUE_PAUSE, () => this.#refreshSessions());
        this.#soon("visitors", VISITORS_PAUSE, () => this.#refreshVisitors()); // who is in a session has changed too
        break;
      case "visitor":
        this.#soon("visitors", VISITORS_PAUSE, () => this.#refreshVisitors());
        for (const { id, session, state } of this.#panes()) {
          if (session?.visitor?.id === frame.id && state !== "ENDED") this.#soon(id, DETAILS_PAUSE, () => this.#load(id));
        }
        break;
      case "rep":
        this.#presenceTold(frame.id, frame.status.toUpperCase() as RepStatus);
        break;
      case "session":
        this.#session(frame);
        break;
      default:
        if ("session" in frame && frame.session) this.store.state.panes[frame.session]?.talk.receive(frame);
    }
  }

  /** The rep's presence was changed in another window. */
  #presenceTold(id: string, status: RepStatus): void {
    const { rep } = this.store.state;
    if (!rep || rep.id !== id || this.store.state.chosen) return;
    this.#soon("rep", QUEUE_PAUSE, async () => {
      const answer = await this.api.run<{ liveRep: Rep | null }>(REP).catch(() => null);
      if (answer?.liveRep) this.store.set({ rep: answer.liveRep });
    });
    this.#link.wanted = status;
  }

  #session(frame: SessionChanged): void {
    const state = frame.state.toUpperCase() as State;
    const pane = this.store.state.panes[frame.id];
    if (!pane || (pane.state === "RINGING" && state === "ACTIVE")) {
      if (state === "RINGING" || state === "ACTIVE" || state === "ON_HOLD") this.#adopt(frame.id, state);
    } else if (pane.state === "RINGING" && state !== "RINGING") {
      const who = visitorName(pane.session?.visitor);
      this.notice("info", state === "QUEUED" ? `Missed: ${who} rang, and went back to the queue.` : `${who} left before you answered.`);
      this.#drop(frame.id);
      return;
    }
    const before = this.store.state.panes[frame.id];
    if (!before) return;
    const told = { state, dueAt: frame.dueAt ?? null, endReason: frame.reason ?? null, changes: before.changes + 1 };
    this.#change(frame.id, state === "QUEUED" ? { ...told, state: "ENDED", endReason: "moved" } : told);
    before.talk.receive(frame);
  }
}

function lastOwn(entries: Entry[]): number {
  return Math.max(0, ...entries.filter((entry) => entry.sender === "rep").map((entry) => entry.number));
}

function listing<T>({ edges, totalCount }: Connection<T>): Listing<T> {
  const items = edges.map(({ node }) => node);
  return { items, total: totalCount ?? items.length, problem: null };
}

function sentence(error: unknown): string {
  return error instanceof ApiError ? error.message : "Something went wrong. Try again.";
}

/** The desk's one actor: takes what the rep does and what the server tells, and keeps the state that is shown. */

import { Conversation, pendingIn } from "../../../storefront/src/live/conversation";
import type { Entry, Rated, SessionChanged, ToBrowser } from "../../../storefront/src/wire";
import { type Api, ApiError, type FieldError } from "../api";
import ACCEPT from "../graphql/accept.graphql";
import END from "../graphql/end.graphql";
import OFFER from "../graphql/offerMake.graphql";
import REP from "../graphql/rep.graphql";
import SESSION from "../graphql/session.graphql";
import SESSIONS from "../graphql/sessions.graphql";
import VISITORS from "../graphql/visitors.graphql";
import { storage } from "../keep";
import { Store } from "../store";
import type { Connection, Rep, RepStatus, Session, SessionsAnswer, State, VisitorItem } from "../types";
import { t } from "../words";
import { Alerts } from "./alerts";
import { Board } from "./board";
import { Calls } from "./calls";
import { Drafts } from "./drafts";
import { Link } from "./link";
import { Pictures } from "./pictures";
import { said } from "./Shot";
import { type DeskState, type Listing, type Notice, type Pane, START, unread } from "./state";
import { awaiting, latest } from "./waiting";

const POLL = 20_000; // ms; announcements may be lost, so both lists are also fetched at this pace
const QUEUE_PAUSE = 150; // ms from an announcement to the refetch: many at once cost one request
const VISITORS_PAUSE = 1000;
const DETAILS_PAUSE = 1500;
const RESYNC_SPREAD = 2000;
const TALK_PAUSE = 40; // ms; what many visitors write within it is shown at once
const ENDED_KEPT = 20; // panes that have ended, before the oldest close by themselves

export class Desk {
  readonly store = new Store<DeskState>(START);
  readonly drafts = new Drafts(storage());
  readonly board = new Board(this.store, () => this.#seen());
  readonly alerts = new Alerts(() => document.hasFocus() || this.board.windows.anyAttended);
  readonly calls = new Calls(this.store, this.alerts, this.board);
  readonly api: Api;
  readonly pictures: Pictures;
  #link: Link;
  #pending = pendingIn(storage());
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #notices = 0;
  #talking = new Set<string>(); // panes whose conversation changed since they were last shown

  constructor(api: Api) {
    this.api = api;
    this.pictures = new Pictures(api, {
      of: (id) => this.store.state.panes[id]?.outgoing ?? [],
      put: (id, outgoing) => this.#change(id, { outgoing }),
      sent: (entry) => this.store.state.panes[entry.session]?.talk.receive(entry),
    });
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
      this.calls.forget(id);
      this.board.go(id);
    } catch (error) {
      this.notice("critical", sentence(error));
    } finally {
      this.store.set({ taking: this.store.state.taking.filter((other) => other !== id) });
      await this.#refreshSessions();
    }
  }

  /** Offers help to a visitor on the site. Why it was refused, in a sentence; null where it was made. */
  async offer(visitorId: string, greeting: string): Promise<string | null> {
    try {
      const { liveOfferMake: answer } = await this.api.run<{ liveOfferMake: { errors: FieldError[] } }>(OFFER, { input: { visitorId, greeting } });
      return answer.errors[0]?.message ?? null;
    } catch (error) {
      return sentence(error);
    } finally {
      await this.#refreshVisitors();
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
    this.board.use(id);
    this.store.state.panes[id]?.talk.say(text);
  }

  typing(id: string, active: boolean): void {
    this.store.state.panes[id]?.talk.typing(active);
  }

  /** Puts refused words back into the input; returns them. */
  withdraw(id: string, key: string): string {
    return this.store.state.panes[id]?.talk.withdraw(key) ?? "";
  }

  /** Closes a pane that has ended. */
  close(id: string): void {
    this.drafts.set(id, "");
    this.#drop(id);
  }

  /** Opens or closes a pane's question whether to end it, or its details. */
  toggle(id: string, what: "asking" | "detailed", on?: boolean): void {
    const pane = this.store.state.panes[id];
    if (pane) this.#change(id, { [what]: on ?? !pane[what] });
  }

  /** A window of the desk has got the focus. */
  attend(): void {
    this.#seen();
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
    this.board.use(id);
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

  #drop(id: string): void {
    this.pictures.forget(id);
    const { [id]: gone, ...others } = this.store.state.panes;
    gone?.talk.dispose();
    this.board.remove(id);
    this.store.set({ panes: others });
  }

  /** Closes the oldest of many panes that have ended, unless there is something in them that the rep has not seen or sent. */
  #tidy(): void {
    const { open, panes, shown, popped } = this.store.state;
    const over = open.filter((id) => panes[id]?.state === "ENDED");
    const closable = over.filter((id) => !shown.includes(id) && !popped.includes(id) && !panes[id]?.unread && !this.drafts.get(id));
    for (const id of closable.slice(0, Math.max(0, over.length - ENDED_KEPT))) this.#drop(id);
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
        ...{ seen: 0, unread: 0, awaiting: null, asking: false, detailed: false, outgoing: [], changes: 0 },
      };
      this.store.set({ panes: { ...this.store.state.panes, [id]: pane } });
      if (this.store.state.link === "open") talk.connected();
    }
    if (state !== "RINGING") {
      this.board.add(id);
      this.#tidy();
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
      this.#change(id, { session, problem: null, seen, ...counted(pane.talk, seen), ...(pane.changes === before ? told : {}) });
      if (pane.session === null && pane.state === "RINGING") this.calls.rang({ ...pane, session }, session.product?.name ?? "");
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
    const own = latest(fresh, (entry) => entry.sender === "rep")?.number ?? 0;
    if (own > pane.seen) this.#change(id, { seen: own });
    const words = latest(fresh, (entry) => entry.sender === "visitor" && entry.kind === "message" && entry.number > pane.seen);
    if (words && pane.session && words.number > pane.session.lastNumber) this.calls.wrote(pane, said(words));
    this.#talking.add(id);
    if (document.visibilityState === "hidden") this.#showTalk(); // timers are slow then, and a pane may be in a window of its own
    else this.#soon("talk", TALK_PAUSE, () => this.#showTalk());
  }

  #showTalk(): void {
    const panes = { ...this.store.state.panes };
    for (const id of this.#talking) {
      const pane = panes[id];
      if (pane) panes[id] = { ...pane, ...counted(pane.talk, pane.seen) };
    }
    this.#talking.clear();
    this.store.set({ panes });
    this.#seen();
  }

  /** What is in sight is seen. */
  #seen(): void {
    const { shown, popped } = this.store.state;
    for (const id of [...shown, ...popped]) {
      const pane = this.store.state.panes[id];
      if (!pane || pane.seen >= pane.talk.lastNumber || !this.board.inSight(id)) continue;
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
      this.calls.queued(this.store.state.queue.items ?? []);
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
        for (const pane of this.#panes()) this.#again(pane);
        if (this.store.state.phase === "ready") void this.refresh();
        break;
      case "resync": // announcements may have been missed; the pause keeps all desks from asking at once
        this.#soon("resync", Math.random() * RESYNC_SPREAD, () => {
          for (const pane of this.#panes()) this.#again(pane);
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
      case "rated":
        this.#rated(frame);
        break;
      default:
        if ("session" in frame && frame.session) this.store.state.panes[frame.session]?.talk.receive(frame);
    }
  }

  /** What a pane may have missed: entries, and how one that is over was rated. */
  #again(pane: Pane): void {
    pane.talk.connected();
    if (pane.state === "ENDED" && pane.session && pane.endReason !== "moved") void this.#load(pane.id);
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

  #rated({ session: id, score, comment = "" }: Rated): void {
    const session = this.store.state.panes[id]?.session;
    if (session && score) this.#change(id, { session: { ...session, rating: { score, comment } } });
    this.#soon(id, DETAILS_PAUSE, () => this.#load(id)); // an answer that is on its way may not know of it
  }

  #session(frame: SessionChanged): void {
    const state = frame.state.toUpperCase() as State;
    const pane = this.store.state.panes[frame.id];
    if (!pane || (pane.state === "RINGING" && state === "ACTIVE")) {
      if (state === "RINGING" || state === "ACTIVE" || state === "ON_HOLD") this.#adopt(frame.id, state);
    } else if (pane.state === "RINGING" && state !== "RINGING") {
      this.calls.missed(pane, state !== "QUEUED", this.api.now());
      this.#drop(frame.id);
      this.#soon("queue", QUEUE_PAUSE, () => this.#refreshSessions());
      return;
    }
    const before = this.store.state.panes[frame.id];
    if (!before) return;
    const told = { state, dueAt: frame.dueAt ?? null, endReason: frame.reason ?? null, changes: before.changes + 1 };
    this.#change(frame.id, state === "QUEUED" ? { ...told, state: "ENDED", endReason: "moved" } : told);
    before.talk.receive(frame);
  }
}

function counted(talk: Conversation, seen: number): Pick<Pane, "unread" | "awaiting"> {
  return { unread: unread(talk, seen), awaiting: awaiting(talk) };
}

function listing<T>({ edges, totalCount }: Connection<T>): Listing<T> {
  const items = edges.map(({ node }) => node);
  return { items, total: totalCount ?? items.length, problem: null };
}

function sentence(error: unknown): string {
  return error instanceof ApiError ? error.message : t("Something went wrong. Try again.");
}

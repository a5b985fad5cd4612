// What one side knows of one session: its numbered entries without a gap, and its own words that are not committed yet.
import type { Entry, FromBrowser, Sender, ToBrowser } from "../wire";
import { uuid } from "./ids";

/** Words of one's own without a number yet. `refused` and `code` hold why the server will never take them. */
export interface Pending {
  key: string;
  text: string;
  at: string;
  refused?: string;
  code?: string;
}

/** Keeps pending words over a reload. */
export interface PendingStore {
  load(session: string): Pending[];
  save(session: string, pending: Pending[]): void;
}

export interface ConversationOptions {
  session: string;
  me: Exclude<Sender, "system">;
  send(frame: FromBrowser): boolean;
  /** Something to show has changed. `fresh` are entries that were not known before, in order. */
  changed(fresh: Entry[]): void;
  /** The connection is open, yet a message stays unanswered: it is probably dead. */
  stalled(): void;
  store?: PendingStore;
}

const TYPING_EVERY = 3000; // ms between two frames while somebody types
const TYPING_SHOWN = 6000; // ms after the last such frame
const ACK_WITHIN = 10_000;
const RETRY_AFTER = 3000;
const FOR_NOW = new Set(["TOO_FREQUENT", "INTERNAL", "UNAVAILABLE"]); // refusals that the same message may outlive

/** Order comes from the numbers alone. A gap is asked for by Resume; what is unacked goes out again with its key. */
export class Conversation {
  readonly entries: Entry[] = [];
  pending: Pending[];
  peerRead = 0;
  /** The number up to which this side has read, in any of its windows. */
  ownRead = 0;
  peerTyping = false;

  private readonly early = new Map<number, Entry>();
  private resuming = false;
  private open = false;
  private readSent = 0;
  private typedAt = 0;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private ackTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: ConversationOptions) {
    this.pending = options.store?.load(options.session) ?? [];
  }

  /** The number up to which no entry is missing. */
  get lastNumber(): number {
    return this.entries.length;
  }

  get messages(): Entry[] {
    return this.entries.filter((entry) => entry.kind === "message");
  }

  /** Call after each Welcome: fills the gap, and sends what was not acknowledged. */
  connected(): void {
    this.open = true;
    this.resuming = false;
    this.resume();
    this.flush();
  }

  disconnected(): void {
    this.open = false;
    this.peerTyping = false;
    clearTimeout(this.ackTimer);
  }

  /** Stops all timers. Pending words stay in the store. */
  dispose(): void {
    for (const timer of [this.typingTimer, this.ackTimer, this.retryTimer]) clearTimeout(timer);
    this.open = false;
  }

  /** Sends a message, now or as soon as there is a connection, exactly once. */
  say(text: string): Pending {
    const message: Pending = { key: uuid(), text, at: new Date().toISOString() };
    this.pending.push(message);
    this.typedAt = 0;
    this.save();
    this.transmit(message);
    this.options.changed([]);
    return message;
  }

  /** Takes back words that the server refused, to show them in the input again. */
  withdraw(key: string): string | undefined {
    const message = this.pending.find((item) => item.key === key);
    this.settle(key);
    this.options.changed([]);
    return message?.text;
  }

  /** Tells the other side that one writes, at most every three seconds; `false` that one stopped. */
  typing(active: boolean): void {
    const now = Date.now();
    if (active ? now - this.typedAt < TYPING_EVERY : this.typedAt === 0) return;
    this.typedAt = active ? now : 0;
    this.options.send({ type: "typing", session: this.options.session, active });
  }

  /** Tells the other side that everything so far was seen. */
  read(): void {
    this.ownRead = Math.max(this.ownRead, this.lastNumber);
    if (this.lastNumber <= this.readSent) return;
    const sent = this.options.send({ type: "read", session: this.options.session, number: this.lastNumber });
    if (sent) this.readSent = this.lastNumber;
  }

  /** Takes a frame of this session; frames of other sessions and of other types change nothing. */
  receive(frame: ToBrowser): void {
    if (!("session" in frame) || frame.session !== this.options.session) {
      if (frame.type === "session" && frame.id === this.options.session && frame.lastNumber > this.lastNumber) this.resume();
      return;
    }
    switch (frame.type) {
      case "entry":
        this.take([frame]);
        break;
      case "resumed":
        this.resuming = false;
        this.take(frame.entries);
        if (frame.more || frame.lastNumber > this.lastNumber) this.resume();
        break;
      case "ack": {
        const message = this.pending.find((item) => item.key === frame.key);
        if (!message) break;
        const { session, number, at, key } = frame;
        this.take([{ type: "entry", session, number, kind: "message", sender: this.options.me, at, text: message.text, key }]);
        break;
      }
      case "error":
        this.refuse(frame.key, frame.code, frame.message);
        break;
      case "typing":
        if (frame.sender === this.options.me) break;
        clearTimeout(this.typingTimer);
        this.peerTyping = frame.active ?? true;
        if (this.peerTyping) {
          this.typingTimer = setTimeout(() => {
            this.peerTyping = false;
            this.options.changed([]);
          }, TYPING_SHOWN);
        }
        this.options.changed([]);
        break;
      case "read":
        if (frame.sender === this.options.me) this.ownRead = Math.max(this.ownRead, frame.number);
        else this.peerRead = Math.max(this.peerRead, frame.number);
        this.options.changed([]);
        break;
    }
  }

  private take(entries: Entry[]): void {
    for (const entry of entries) {
      if (entry.key) this.settle(entry.key);
      if (entry.number > this.lastNumber) this.early.set(entry.number, entry);
    }
    const fresh: Entry[] = [];
    for (let next = this.early.get(this.lastNumber + 1); next; next = this.early.get(this.lastNumber + 1)) {
      this.early.delete(next.number);
      this.entries.push(next);
      fresh.push(next);
    }
    if (fresh.some((entry) => entry.sender !== this.options.me)) this.peerTyping = false;
    if (this.early.size) this.resume();
    this.options.changed(fresh);
  }

  private resume(): void {
    if (!this.open || this.resuming) return;
    this.resuming = this.options.send({ type: "resume", session: this.options.session, after: this.lastNumber });
  }

  private flush(): void {
    for (const message of this.pending) this.transmit(message);
  }

  private transmit({ key, text, refused }: Pending): void {
    if (refused !== undefined) return;
    if (!this.options.send({ type: "send", session: this.options.session, key, text })) return;
    clearTimeout(this.ackTimer);
    this.ackTimer = setTimeout(() => {
      if (this.open && this.pending.some((item) => item.refused === undefined)) this.options.stalled();
    }, ACK_WITHIN);
  }

  private refuse(key: string | undefined, code: string, reason: string): void {
    const message = this.pending.find((item) => item.key === key);
    if (!message) this.resuming = false;
    if (FOR_NOW.has(code)) {
      clearTimeout(this.retryTimer);
      this.retryTimer = setTimeout(() => {
        this.resume(); // it may be that which was refused: nothing else would ask again in a session that is quiet
        this.flush();
      }, RETRY_AFTER);
      return;
    }
    if (!message) return;
    message.refused = reason;
    message.code = code;
    this.save();
    this.options.changed([]);
  }

  private settle(key: string): void {
    const left = this.pending.filter((item) => item.key !== key);
    if (left.length === this.pending.length) return;
    this.pending = left;
    this.save();
    if (!left.length) clearTimeout(this.ackTimer);
  }

  private save(): void {
    this.options.store?.save(this.options.session, this.pending);
  }
}

/** Pending words in a Storage (sessionStorage: one tab's own). A storage that is full or forbidden keeps nothing. */
export function pendingIn(storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null, prefix = "livesales:pending:"): PendingStore {
  return {
    load(session) {
      try {
        const kept: unknown = JSON.parse(storage?.getItem(prefix + session) ?? "[]");
        return Array.isArray(kept) ? (kept as Pending[]) : [];
      } catch {
        return [];
      }
    },
    save(session, pending) {
      try {
        if (pending.length) storage?.setItem(prefix + session, JSON.stringify(pending));
        else storage?.removeItem(prefix + session);
      } catch {
        // Kept in memory only: a reload may lose it, and the page still shows it as not sent.
      }
    },
  };
}

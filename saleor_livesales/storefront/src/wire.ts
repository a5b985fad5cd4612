// Written by `python -m tools.wire_types` from saleor_livesales/wire.py. Do not edit.

export type Sender = "visitor" | "rep" | "system";
export type SessionState = "requested" | "queued" | "ringing" | "active" | "on_hold" | "ended";
export type Form = "chat" | "audio" | "video";

/** What a message carries instead of, or beside, words. Pixels, so that its room is kept before it is loaded. */
export interface Picture {
  id: string;
  width: number;
  height: number;
}

/** The first frame, within five seconds. A rep shows a ticket; a visitor may show the token its storage keeps. */
export interface Hello {
  type: "hello";
  role: "rep" | "visitor";
  ticket?: string;
  token?: string;
  channel?: string;
  cookies?: boolean; // true when left out
}

/** A fresh ticket for a rep's open socket. */
export interface Renew {
  type: "renew";
  ticket: string;
}

export interface PageViewed {
  type: "page";
  url: string;
  title?: string; // "" when left out
  referrer?: string; // "" when left out
}

/** A product page. The price is looked up in the shop; the browser is never asked. */
export interface ProductViewed {
  type: "product";
  product: string;
  variant?: string;
}

/** Time spent on the current page since the last such frame. */
export interface Dwelled {
  type: "dwell";
  seconds: number;
}

/** A checkout id: a hint, which the server checks and ties to the first visitor who brought it. */
export interface CartSeen {
  type: "cart";
  checkout: string;
}

/** The visitor asked for help. */
export interface HelpRequested {
  type: "request";
}

export interface SendMessage {
  type: "send";
  session: string;
  key: string;
  text: string;
}

/** Both ways. ``sender`` is filled in by the gateway. */
export interface Typing {
  type: "typing";
  session: string;
  active?: boolean; // true when left out
  sender?: Sender;
}

/** Both ways. The number up to which the sender has seen the session. */
export interface Read {
  type: "read";
  session: string;
  number: number;
  sender?: Sender;
}

/** Asks for every entry of a session after this number. */
export interface Resume {
  type: "resume";
  session: string;
  after?: number; // 0 when left out
}

/** Answers Hello. A visitor gets a ticket for GraphQL, and its token where no cookie can keep it. */
export interface Welcome {
  type: "welcome";
  id: string;
  expiresAt: string;
  ticket?: string;
  token?: string;
  messageLimit?: number; // 4000 when left out
}

/** A fresh ticket, sent to visitors before the old one ends, and the answer to Renew. */
export interface Renewed {
  type: "renewed";
  expiresAt: string;
  ticket?: string;
}

/** The message is committed under this number. */
export interface Ack {
  type: "ack";
  session: string;
  key: string;
  number: number;
  at: string;
}

/** One numbered line of a session: a message, a change of its state, or a notice to both. ``data`` of a state entry: ``{"from", "to", "reason"?, "repName"?, "form"}``; of a notice: ``{"notice": "ends", "endsAt", "reason"}``, taken back by ``{"notice": "goes_on"}``. The text of a message with a ``picture`` is its caption, which may be empty. */
export interface Entry {
  type: "entry";
  session: string;
  number: number;
  kind: "message" | "notice" | "state";
  sender: Sender;
  at: string;
  text?: string; // "" when left out
  key?: string;
  data?: Record<string, string>; // {} when left out
  picture?: Picture;
}

/** Answers Resume: a page of entries in order; ``more`` says to ask again after the last. */
export interface Resumed {
  type: "resumed";
  session: string;
  entries: Array<Entry>;
  lastNumber: number;
  more?: boolean; // false when left out
}

/** Help is offered to this visitor. The rep is the one who would be asked at the moment of this frame. */
export interface OfferMade {
  type: "offer";
  id: string;
  forms: Array<Form>;
  greeting: string;
  expiresAt: string;
  product?: string;
  repName?: string;
  repAvatarUrl?: string;
}

/** The offer was answered elsewhere, ran out, or was withdrawn. */
export interface OfferClosed {
  type: "offerClosed";
  id: string;
  reason: "accepted" | "declined" | "expired" | "withdrawn";
}

/** To the two who take part: the session as it is now. */
export interface SessionChanged {
  type: "session";
  id: string;
  state: SessionState;
  form: Form;
  lastNumber: number;
  repName?: string;
  repAvatarUrl?: string;
  position?: number;
  expectedWait?: number;
  dueAt?: string;
  reason?: string;
}

/** To the two who took part: what the visitor thought of a session that is over. No score: it will not say. */
export interface Rated {
  type: "rated";
  session: string;
  score?: number;
  comment?: string; // "" when left out
}

/** To all reps: a session entered, moved in, or left the queue. Refetch ``liveSessions``. */
export interface QueueChanged {
  type: "queue";
  id: string;
  state: SessionState;
  channel: string;
}

/** To all reps: a visitor arrived, moved, or left. Refetch the entry from ``liveVisitors``. */
export interface VisitorChanged {
  type: "visitor";
  id: string;
  channel: string;
  online: boolean;
}

/** To all reps: somebody's presence or load changed. */
export interface RepChanged {
  type: "rep";
  id: string;
  status: "away" | "offline" | "online";
}

/** A frame was refused. ``key`` and ``session`` repeat those of the refused frame. */
export interface Refused {
  type: "error";
  code: string;
  message: string;
  session?: string;
  key?: string;
}

/** Something may have been missed: resume each open session and refetch lists, within some seconds by chance. */
export interface Resync {
  type: "resync";
}

export type FromBrowser = Hello | Renew | PageViewed | ProductViewed | Dwelled | CartSeen | HelpRequested | SendMessage | Typing | Read | Resume;

export type Behaviour = PageViewed | ProductViewed | Dwelled | CartSeen | HelpRequested;

export type ToBrowser = Welcome | Renewed | Ack | Entry | Resumed | OfferMade | OfferClosed | SessionChanged | Rated | QueueChanged | VisitorChanged | RepChanged | Refused | Typing | Read | Resync;

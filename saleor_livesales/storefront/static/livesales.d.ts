// Types of livesales.js. Served beside it, and kept true by the compiler: see published.ts.

/** The words that `strings` may replace. Those in braces are filled in. */
export type Word =
  | "title"
  | "launcher"
  | "leaveMessage"
  | "unread"
  | "offerLabel"
  | "offerGreeting"
  | "offerAccept"
  | "offerDecline"
  | "offerFrom"
  | "offerEnded"
  | "errorUnreachable"
  | "errorTooFrequent"
  | "errorOther"
  | "windowMissing"
  | "connecting"
  | "waiting"
  | "position"
  | "next"
  | "expected"
  | "writeAlready"
  | "onHold"
  | "joined"
  | "requeued"
  | "someone"
  | "held"
  | "resumed"
  | "ending"
  | "typing"
  | "you"
  | "rep"
  | "log"
  | "message"
  | "send"
  | "emoji"
  | "sending"
  | "sent"
  | "notSent"
  | "edit"
  | "count"
  | "tooLong"
  | "offline"
  | "minimise"
  | "close"
  | "end"
  | "endQuestion"
  | "endYes"
  | "endNo"
  | "endedVisitor"
  | "endedRep"
  | "endedIdle"
  | "endedNobody"
  | "endedLapsed"
  | "endedOther"
  | "again"
  | "today"
  | "yesterday"
  | "inquiryIntro"
  | "inquiryClosed"
  | "inquiryShut"
  | "opensAgain"
  | "openNow"
  | "inquiryUsed"
  | "email"
  | "inquirySend"
  | "inquiryDone"
  | "emailMissing"
  | "textMissing"
  | "retry"
  | "refusedEnded"
  | "refusedTooLong"
  | "refusedOther"
  | "since"
  | "about"
  | "aboutRep"
  | "aboutNobody"
  | "delivered"
  | "read"
  | "sentMeans"
  | "deliveredMeans"
  | "readMeans"
  | "sound"
  | "save"
  | "saveLater"
  | "savedFrom"
  | "newTab"
  | "backOnline"
  | "offlineHere"
  | "tooMany"
  | "attach"
  | "picture"
  | "picturePreview"
  | "caption"
  | "pictureReading"
  | "pictureSend"
  | "pictureRemove"
  | "pictureCancel"
  | "pictureSending"
  | "pictureChecking"
  | "pictureSent"
  | "pictureTooLarge"
  | "notAPicture"
  | "pictureRefused"
  | "picturesOff"
  | "pictureFailed"
  | "tooManyPictures"
  | "pictureLoading"
  | "pictureMissing"
  | "pictureGone"
  | "rate"
  | "rateScore"
  | "rate1"
  | "rate2"
  | "rate3"
  | "rate4"
  | "rate5"
  | "rateComment"
  | "rateLimit"
  | "rateSend"
  | "rateLater"
  | "rateDone"
  | "rateChange"
  | "rateClosed"
  | "code"
  | "codeIntro"
  | "codeSend"
  | "codeMissing"
  | "codeRefused"
  | "codeTries"
  | "codeDone"
  | "codeHave";

export interface LiveSalesOptions {
  /** Slug of the channel. */
  channel: string;
  /** Address of the shop's GraphQL API. */
  api: string;
  /** Address of the gateway's socket; without one the shop is asked for it. */
  gateway?: string;
  /** Global id of the product that the page shows. */
  product?: string;
  /** Global id of the chosen variant. */
  variant?: string;
  /** Global id of the visitor's checkout. */
  checkout?: string;
  /** Language of the widget, such as `de` or `de-AT`; without one that of the page. */
  lang?: string;
  /** Without one as the page's `color-scheme` is. */
  theme?: "light" | "dark";
  strings?: Partial<Record<Word, string>>;
  /** Where the element goes; the body without one. */
  parent?: Element;
}

export type SessionState = "requested" | "queued" | "ringing" | "active" | "on_hold" | "ended";
export type Form = "chat" | "audio" | "video";

/** The visitor's session as the visitor sees it. */
export interface SessionView {
  id: string;
  state: SessionState;
  form: Form;
  /** Number of the last entry: a message, or a change of state. */
  lastNumber: number;
  visitorRead: number;
  repRead: number;
  repName: string | null;
  /** Address of the picture of that rep. */
  repAvatarUrl: string | null;
  /** Place in the queue, from 1; null unless it waits. */
  position: number | null;
  /** Seconds until somebody takes it, as far as that can be told; null where nothing true can be said. */
  expectedWait: number | null;
  /** Since when it waits or waited: RFC 3339. */
  queuedAt: string | null;
  /** Why it ended. */
  reason: string | null;
}

/** What the shop offers in this channel. */
export interface Storefront {
  active: boolean;
  gatewayUrl: string;
  requestsAllowed: boolean;
  /** Whether somebody can answer now. */
  available: boolean;
  /** Where it is closed: when it opens, RFC 3339; null where it is open, or won't open within 400 days. */
  opensAt: string | null;
  /** Seconds, from the answer, until it opens or closes; null: not soon. */
  turnsIn: number | null;
  forms: string[];
  greeting: string;
  picturesAllowed: boolean;
  look: Look;
}

/** What the owner has set for the widget's looks; null: the widget's own. Colours are `#rrggbb`. */
export interface Look {
  accent: string | null;
  onAccent: string | null;
  accentDark: string | null;
  onAccentDark: string | null;
  radius: number | null;
  side: "END" | "START";
  theme: "PAGE" | "LIGHT" | "DARK";
}

export interface OfferMade {
  id: string;
  forms: Form[];
  greeting: string;
  expiresAt: string;
  product?: string;
  /** Who would be asked if the visitor accepted now. */
  repName?: string;
  repAvatarUrl?: string;
}

/** One numbered line of a session. */
export interface Entry {
  session: string;
  number: number;
  kind: "message" | "state" | "notice";
  sender: "visitor" | "rep" | "system";
  at: string;
  text?: string;
  key?: string;
  data?: Record<string, string>;
  /** Its text is the caption then. */
  picture?: { id: string; width: number; height: number };
}

/** What was refused. `code` is one of LiveSalesErrorCode, or UNREACHABLE where no answer came. */
export interface LiveSalesError extends Error {
  readonly code?: string;
  readonly field?: string | null;
}

/** All bubble and cross shadow roots. Those named cancelable come before anything changes. */
export interface LiveSalesEvents {
  "livesales:ready": CustomEvent<{ visitor: string }>;
  /** Cancelable. */
  "livesales:offer": CustomEvent<OfferMade>;
  /** Cancelable. */
  "livesales:accept": CustomEvent<OfferMade>;
  /** Cancelable. */
  "livesales:decline": CustomEvent<OfferMade>;
  /** Cancelable. */
  "livesales:open": CustomEvent<{ reason: "offer" | "request" | "restore" | "session" }>;
  /** Cancelable. */
  "livesales:close": CustomEvent<Record<string, never>>;
  "livesales:session": CustomEvent<SessionView>;
  /** Cancelable. */
  "livesales:message": CustomEvent<Entry>;
  /** Of the badge. */
  "livesales:member": CustomEvent<Member | null>;
  /** A sign-in code was taken. */
  "livesales:code": CustomEvent<Record<string, never>>;
  "livesales:error": CustomEvent<LiveSalesError>;
}

export declare class LiveSalesElement extends HTMLElement {
  /** Settings for elements that don't carry them. */
  static defaults: Partial<Record<"channel" | "api" | "gateway" | "product" | "variant" | "checkout" | "lang" | "theme", string>>;

  /** The words shown; set some of them to replace ours. */
  get strings(): Record<Word, string>;
  set strings(some: Partial<Record<Word, string>>);

  readonly session: SessionView | null;
  readonly storefront: Storefront | null;
  readonly opened: boolean;

  /** Links this browser to the shopper's account by their access token, or unlinks it with null. Rejects with LiveSalesError. */
  identify(who: { accessToken: string } | null): Promise<void>;
  /** Call after a navigation that loads no document. */
  page(): void;
  product(shown: { productId: string; variantId?: string | null }): void;
  cart(seen: { checkoutId: string }): void;
  open(): Promise<void>;
  /** Puts the window away. The session goes on. */
  close(): void;
  request(): Promise<void>;
  /** Enters a sign-in code in the window; without one, asks for it there. */
  enter(code?: string): void;
  /** Takes the widget out of the page and closes its connection. */
  destroy(): void;
}

/** Makes the widget and puts it into the page. */
export declare function createLiveSales(options: LiveSalesOptions): LiveSalesElement;

/** As what a visitor is known. `name` is the account's own, null for who came by a code; `left` null: no limit. */
export interface Member {
  name: string | null;
  byCode: boolean;
  plan: { name: string; level: number };
  sessions: { left: number | null; limit: number | null };
}

/** The badge, which livesales-member.js registers. */
export declare class LiveSalesMemberElement extends HTMLElement {
  /** As last heard; null before, and for whoever is no member. */
  readonly member: Member | null;
  get strings(): Record<"member" | "left" | "code" | "send" | "missing" | "refused" | "tries" | "failed", string>;
  set strings(some: Partial<Record<"member" | "left" | "code" | "send" | "missing" | "refused" | "tries" | "failed", string>>);
  /** Asks anew as what the visitor is known. Never rejects: see `livesales:error`. */
  refresh(): Promise<void>;
  /** Links this browser to the shopper's account by their access token, or unlinks it with null. Rejects with LiveSalesError. */
  identify(who: { accessToken: string } | null): Promise<void>;
}

declare global {
  interface HTMLElementTagNameMap {
    "live-sales": LiveSalesElement;
    "live-sales-member": LiveSalesMemberElement;
  }
  // On the element, and on whatever its events pass on their way up.
  interface HTMLElementEventMap extends LiveSalesEvents {}
  interface DocumentEventMap extends LiveSalesEvents {}
  interface WindowEventMap extends LiveSalesEvents {}
}

/** What the desk shows. Panes are replaced when something in them changed; their conversation object stays. */

import type { Conversation } from "../../../storefront/src/live/conversation";
import type { Status } from "../../../storefront/src/live/socket";
import type { QueueItem, Rep, RepStatus, Session, State, VisitorItem } from "../types";
import { t } from "../words";
import type { Arrangement } from "./arrange";
import type { Outgoing } from "./pictures";

export interface Pane {
  readonly id: string;
  readonly talk: Conversation;
  readonly state: State;
  readonly endReason: string | null;
  readonly dueAt: string | null;
  readonly session: Session | null; // null until it is loaded
  readonly problem: string | null;
  readonly ending: boolean; // the end is on its way to the server
  readonly seen: number; // up to which number the rep has seen it
  readonly unread: number;
  readonly awaiting: string | null; // when the visitor wrote what no rep has answered
  readonly asking: boolean; // the question whether to end it is open
  readonly detailed: boolean; // the details cover the conversation
  readonly outgoing: readonly Outgoing[]; // pictures that are about to be sent
  readonly changes: number; // how often the server told a new state
}

export interface Notice {
  readonly id: number;
  readonly kind: "info" | "critical";
  readonly text: string;
}

/** A session that rang here and was not answered. */
export interface Missed {
  readonly id: string;
  readonly name: string;
  readonly product: string;
  readonly at: string;
  readonly left: boolean; // the visitor is gone; else it went back to the queue
}

/** One of the two lists beside the panes. */
export interface Listing<T> {
  readonly items: readonly T[] | null; // null until the first answer
  readonly total: number;
  readonly problem: string | null; // why the last refresh failed; the items shown are older then
}

export interface DeskState extends Arrangement {
  readonly phase: "loading" | "ready" | "forbidden" | "failed";
  readonly problem: string;
  readonly rep: Rep | null;
  readonly chosen: { status: RepStatus; capacity: number } | null; // on its way to the server
  readonly link: Status;
  readonly limit: number; // characters of a message
  readonly queue: Listing<QueueItem>;
  readonly visitors: Listing<VisitorItem>;
  readonly panes: Readonly<Record<string, Pane>>;
  readonly taking: readonly string[]; // queue entries being accepted
  readonly writing: string | null; // accepted just now: its input gets the focus
  readonly notices: readonly Notice[];
  readonly missed: readonly Missed[];
  readonly sheet: boolean; // the sheet of shortcuts is open
  readonly lists: boolean; // queue and visitors stand beside the panes
}

export const START: DeskState = {
  phase: "loading",
  problem: "",
  rep: null,
  chosen: null,
  link: "connecting",
  limit: 4000,
  queue: { items: null, total: 0, problem: null },
  visitors: { items: null, total: 0, problem: null },
  panes: {},
  open: [],
  shown: [],
  pinned: [],
  popped: [],
  used: [],
  places: 1,
  taking: [],
  writing: null,
  notices: [],
  missed: [],
  sheet: false,
  lists: true,
};

/** Reasons of an end as sentences for the rep. The keys are those of the wire; `moved` is the desk's own. */
const ENDED: Readonly<Record<string, string>> = {
  visitor: "The visitor ended this session.",
  rep: "You ended this session.",
  idle: "Ended because nobody wrote for a long time.",
  nobody: "Ended because nobody answered.",
  abandoned: "Ended because the visitor left.",
  erased: "Ended because the customer's account was deleted.",
  lapsed: "Ended because the membership has ended.",
  moved: "This session is no longer yours. It went back to the queue or to another rep.",
};

export function endedText(reason: string | null): string {
  return t(ENDED[reason ?? ""] ?? "This session has ended.");
}

export function rings(panes: Readonly<Record<string, Pane>>): Pane[] {
  return Object.values(panes).filter((pane) => pane.state === "RINGING");
}

/** Messages of the visitor after this number. */
export function unread(talk: Conversation, seen: number): number {
  return talk.entries.slice(seen).filter((entry) => entry.kind === "message" && entry.sender === "visitor").length;
}

export function visitorName(person: { name: string; profile?: { name: string } | null } | null | undefined): string {
  return person?.profile?.name || person?.name || t("Visitor");
}

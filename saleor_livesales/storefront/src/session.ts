// A session as the visitor sees it, from GraphQL and from frames.
import type { Form, SessionChanged, SessionState } from "./wire";

/** A session as the visitor sees it. */
export interface SessionView {
  id: string;
  state: SessionState;
  form: Form;
  lastNumber: number;
  visitorRead: number;
  repRead: number;
  repName: string | null;
  /** Address of the picture of that rep. */
  repAvatarUrl: string | null;
  position: number | null;
  /** Seconds until somebody takes it, as far as that can be told. */
  expectedWait: number | null;
  queuedAt: string | null;
  reason: string | null;
}

/** A session as GraphQL tells it. */
export interface SessionNode {
  id: string;
  state: string;
  form: string;
  lastNumber: number;
  visitorRead: number;
  repRead: number;
  repName: string | null;
  repAvatarUrl: string | null;
  position: number | null;
  expectedWait: number | null;
  queuedAt: string | null;
  endReason: string | null;
}

/** GraphQL's names in upper case are the socket's in lower case. */
export function viewOf({ state, form, endReason, ...known }: SessionNode): SessionView {
  return { ...known, state: state.toLowerCase() as SessionState, form: form.toLowerCase() as Form, reason: endReason?.toLowerCase() ?? null };
}

const BLANK = { visitorRead: 0, repRead: 0, repName: null, repAvatarUrl: null, position: null, expectedWait: null, queuedAt: null, reason: null };

/** The view after a frame, which leaves out what does not hold any more. */
export function viewAfter({ type: _type, dueAt: _dueAt, ...told }: SessionChanged, before: SessionView | null): SessionView {
  const { visitorRead, repRead, queuedAt } = before ?? BLANK;
  return { ...BLANK, visitorRead, repRead, queuedAt, ...told };
}

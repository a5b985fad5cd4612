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
  position: number | null;
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
  position: number | null;
  queuedAt: string | null;
  endReason: string | null;
}

/** GraphQL's names in upper case are the socket's in lower case. */
export function viewOf(node: SessionNode): SessionView {
  return {
    id: node.id,
    state: node.state.toLowerCase() as SessionState,
    form: node.form.toLowerCase() as Form,
    lastNumber: node.lastNumber,
    visitorRead: node.visitorRead,
    repRead: node.repRead,
    repName: node.repName,
    position: node.position,
    queuedAt: node.queuedAt,
    reason: node.endReason?.toLowerCase() ?? null,
  };
}

/** The view after a frame, which leaves out what does not hold any more. */
export function viewAfter(frame: SessionChanged, before: SessionView | null): SessionView {
  return {
    id: frame.id,
    state: frame.state,
    form: frame.form,
    lastNumber: frame.lastNumber,
    visitorRead: before?.visitorRead ?? 0,
    repRead: before?.repRead ?? 0,
    repName: frame.repName ?? null,
    position: frame.position ?? null,
    queuedAt: before?.queuedAt ?? null,
    reason: frame.reason ?? null,
  };
}

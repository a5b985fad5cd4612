// The visitor takes an offer, or asks for help by hand. Comes with the window, which is loaded by then.
import ARRANGEMENT from "./graphql/Arrangement.graphql";
import ACCEPT from "./graphql/OfferAccept.graphql";
import SESSION from "./graphql/Session.graphql";
import START from "./graphql/SessionStart.graphql";
import type { Why } from "./inquiry";
import type { PanelHost } from "./panel";
import type { SessionNode, SessionView } from "./session";

const REASONS: Record<string, Why> = {
  NOBODY_AVAILABLE: "nobody",
  OUTSIDE_HOURS: "nobody",
  SESSIONS_USED_UP: "used",
  BELOW_THRESHOLD: "closed",
  REQUESTS_NOT_ALLOWED: "closed",
  CHANNEL_INACTIVE: "closed",
  INACTIVE: "closed",
  FORM_NOT_AVAILABLE: "closed",
};

/** The visitor takes an offer. */
export async function accept({ client }: PanelHost, id: string): Promise<SessionNode> {
  type Answer = { liveOfferAccept: { session: SessionNode } };
  const data = await client.call<Answer>(ACCEPT, (ticket) => ({ id, ticket, form: "CHAT" }));
  return data.liveOfferAccept.session;
}

/** A session as it is now, or null where it is not the visitor's any more. */
export async function lookup({ client, kit }: PanelHost, id: string): Promise<SessionView | null> {
  const { liveSession } = await client.call<{ liveSession: SessionNode | null }>(SESSION, (ticket) => ({ id, ticket }));
  return liveSession && kit.viewOf(liveSession);
}

/** Whether this visitor may ask for help: where others may not, a member's plan may let it. */
export async function mayAsk(client: PanelHost["client"]): Promise<boolean> {
  if (client.storefront?.requestsAllowed) return true;
  type Answer = { liveMemberBadge: { plan: { arrangement: string } } | null };
  const { liveMemberBadge: member } = await client.call<Answer>(ARRANGEMENT, (ticket) => ({ ticket }));
  return member !== null && member.plan.arrangement !== "RULES";
}

export interface About {
  productId?: string | undefined;
  variantId?: string | undefined;
  checkoutId?: string | undefined;
}

export interface Asking {
  /** Shows the message form in place of a session. */
  inquiry(why: Why): void;
  /** Shows the field for a code; one that was given is entered at once. */
  code(given: string): void;
  refused(error: unknown): void;
}

/** The session that was started, or null where the message form is shown instead. Raises what can be tried again. */
export async function request({ client }: PanelHost, about: About, { inquiry, code: enter, refused }: Asking, given?: string): Promise<SessionNode | null> {
  if (given !== undefined) return enter(given), null;
  try {
    await client.refresh();
    if (!(await mayAsk(client))) return inquiry("closed"), null;
    if (!client.storefront?.available) return inquiry("nobody"), null;
    const { channel } = client.config;
    const data = await client.call<{ liveSessionStart: { session: SessionNode } }>(START, (ticket) => ({
      input: { ticket, channel, form: "CHAT", ...about },
    }));
    return data.liveSessionStart.session;
  } catch (error) {
    const { code = "" } = error as { code?: string };
    if (code === "CODE_REQUIRED") return enter(""), null;
    const why = REASONS[code];
    if (!why) throw error;
    refused(error);
    if (code === "OUTSIDE_HOURS") await client.refresh().catch(() => undefined); // it closed between question and click
    inquiry(why);
    return null;
  }
}

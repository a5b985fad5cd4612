// The visitor asks for help by hand.
import type { LiveClient } from "./client";
import START from "./graphql/SessionStart.graphql";
import { ApiError } from "./live/api";
import type { Panel } from "./panel";
import { type SessionNode, type SessionView, viewOf } from "./session";

const CLOSED = new Set(["BELOW_THRESHOLD", "REQUESTS_NOT_ALLOWED", "CHANNEL_INACTIVE", "INACTIVE", "FORM_NOT_AVAILABLE"]);

export interface About {
  productId?: string | undefined;
  variantId?: string | undefined;
  checkoutId?: string | undefined;
}

/** The session that was started, or null where the panel shows the message form instead. Raises what can be tried again. */
export async function request(client: LiveClient, panel: Panel, about: About, refused: (error: unknown) => void): Promise<SessionView | null> {
  try {
    await client.refresh();
    if (!client.storefront?.requestsAllowed) return panel.inquiry("closed"), null;
    if (!client.storefront.available) return panel.inquiry("nobody"), null;
    const { channel } = client.config;
    const data = await client.call<{ liveSessionStart: { session: SessionNode } }>(START, (ticket) => ({
      input: { ticket, channel, form: "CHAT", ...about },
    }));
    return viewOf(data.liveSessionStart.session);
  } catch (error) {
    const code = error instanceof ApiError ? error.code : "";
    if (code !== "NOBODY_AVAILABLE" && !CLOSED.has(code)) throw error;
    refused(error);
    panel.inquiry(code === "NOBODY_AVAILABLE" ? "nobody" : "closed");
    return null;
  }
}

// The visitor's ticket for what is no widget: asked for over a socket of a moment, which says nothing about the visit.
import { keep, lasting, storage } from "./dom";
import { ApiError } from "./live/api";
import { LiveSocket } from "./live/socket";

const WITHIN = 15_000; // ms
const TOKEN = "livesales:token"; // as client.ts keeps them
const VISITOR = "livesales:visitor";
const NO_COOKIE = "livesales:no-cookie";

/** Raises ApiError where the gateway does not answer. */
export function ticketOf(url: string, channel: string): Promise<string> {
  const store = storage("localStorage");
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.close();
      reject(new ApiError("UNREACHABLE", "No connection to the gateway."));
    }, WITHIN);
    const socket = new LiveSocket({
      url,
      hello: () => ({
        type: "hello",
        role: "visitor",
        channel,
        token: store.getItem(TOKEN) ?? undefined,
        cookies: navigator.cookieEnabled && lasting("localStorage") && !store.getItem(NO_COOKIE),
      }),
      status: () => undefined,
      frame: (frame) => {
        if (frame.type !== "welcome" || !frame.ticket) return;
        clearTimeout(timer);
        if (frame.token) keep(store, TOKEN, frame.token);
        else if ((store.getItem(VISITOR) ?? frame.id) !== frame.id) keep(store, NO_COOKIE, "1");
        keep(store, VISITOR, frame.id);
        socket.close();
        resolve(frame.ticket);
      },
    });
    socket.connect();
  });
}

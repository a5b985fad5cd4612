// One socket to the gateway that comes back by itself. It knows frames, and nothing about sessions.
import type { FromBrowser, Hello, ToBrowser } from "../wire";

export type Status = "connecting" | "open" | "offline" | "closed";

export interface SocketOptions {
  url: string;
  /** The first frame of each connection; may fetch a fresh ticket first. A rejection counts as a failed attempt. */
  hello(): Hello | Promise<Hello>;
  /** Each frame, in order of arrival; Welcome is the first of a connection. */
  frame(frame: ToBrowser): void;
  /** `code` is the close code of the connection before, or 0. */
  status(status: Status, code: number): void;
}

const FIRST_PAUSE = 500; // ms; doubles up to the longest, and each pause is shortened by chance so that many clients spread
const LONGEST_PAUSE = 30_000;
const WELCOME_WITHIN = 10_000;
export const TOO_MANY = 4409; // connections of this visitor, or from this network
const SLOWLY = new Set([4400, TOO_MANY, 4429]); // close codes of a gateway that won't like the next attempt better

/** Connects, says hello, and reconnects with growing pauses until it is closed. `open` means: welcomed. */
export class LiveSocket {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private wanted = false;
  private current: Status = "closed";
  private code = 0;

  constructor(private readonly options: SocketOptions) {}

  get status(): Status {
    return this.current;
  }

  connect(): void {
    if (this.wanted) return;
    this.wanted = true;
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    addEventListener("pagehide", this.leave);
    addEventListener("pageshow", this.hurry);
    void this.attempt();
  }

  /** True when the frame was handed to an open connection. That says nothing about its arrival. */
  send(frame: FromBrowser): boolean {
    if (this.current !== "open" || !this.socket) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Drops a connection that seems dead, or whose ticket ran out, and makes another at once. */
  reconnect(): void {
    if (!this.wanted) return;
    this.drop();
    this.attempts = 0;
    void this.attempt();
  }

  close(): void {
    this.wanted = false;
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    removeEventListener("pagehide", this.leave);
    removeEventListener("pageshow", this.hurry);
    this.drop();
    this.set("closed");
  }

  // A page that is kept for the back button must hold no connection; it comes back with `pageshow`.
  private readonly leave = (): void => {
    this.drop();
    this.set("offline");
  };

  private readonly hurry = (): void => {
    if (!this.wanted || this.socket || document.visibilityState === "hidden") return;
    clearTimeout(this.timer);
    void this.attempt();
  };

  private set(status: Status): void {
    if (status === this.current) return;
    this.current = status;
    this.options.status(status, this.code);
  }

  private drop(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private async attempt(): Promise<void> {
    clearTimeout(this.timer);
    if (this.current !== "offline") this.set("connecting");
    let socket: WebSocket;
    try {
      socket = this.socket = new WebSocket(this.options.url);
    } catch {
      this.retry();
      return;
    }
    this.timer = setTimeout(() => this.lost(socket), WELCOME_WITHIN);
    socket.onclose = ({ code }) => {
      this.code = code;
      if (SLOWLY.has(code)) this.attempts = Math.max(this.attempts, 5);
      this.lost(socket);
    };
    socket.onopen = async () => {
      try {
        const hello = await this.options.hello();
        if (socket === this.socket) socket.send(JSON.stringify(hello));
      } catch {
        this.lost(socket);
      }
    };
    socket.onmessage = (event) => {
      if (typeof event.data !== "string") return;
      const frame = JSON.parse(event.data) as ToBrowser;
      if (frame.type === "welcome") {
        clearTimeout(this.timer);
        this.attempts = this.code = 0;
        this.set("open");
      }
      this.options.frame(frame);
    };
  }

  private lost(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.drop();
    this.retry();
  }

  private retry(): void {
    if (!this.wanted) return;
    this.set("offline");
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.attempts++);
    this.timer = setTimeout(() => void this.attempt(), longest * (0.5 + Math.random() / 2));
  }
}

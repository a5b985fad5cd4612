/** GraphQL over fetch, to the one address that the server wrote into the page. */

import type { Bridge } from "./bridge";
import { t } from "./words";

export type Failure = "network" | "sign-in" | "permission" | "server";

/** A request that came to nothing. `message` is a sentence for the person at the desk. */
export class ApiError extends Error {
  constructor(
    readonly kind: Failure,
    message: string,
  ) {
    super(message);
  }
}

export interface FieldError {
  field: string | null;
  message: string;
  code: string;
}

interface Answer {
  data?: unknown;
  errors?: Array<{ message: string; extensions?: { exception?: { code?: string } } }>;
}

const STALE = new Set(["ExpiredSignatureError", "InvalidTokenError", "InvalidSignatureError", "JSONWebTokenExpired"]);
const REFRESH_WAIT = 45_000; // the Dashboard renews 30 s before the end, and retries every 30 s
const TIMEOUT = 20_000;

export class Api {
  /** How far the server's clock is ahead of this machine's, in milliseconds, where the server tells its time. */
  skew = 0;
  #address: string;
  #bridge: Bridge;

  constructor(address: string, bridge: Bridge) {
    this.#address = address;
    this.#bridge = bridge;
  }

  get address(): string {
    return this.#address;
  }

  /** Does something with the Dashboard's token, and once more with its next where it is refused as stale (by its code). */
  async tokened<T>(run: (token: string) => Promise<T>): Promise<T> {
    const token = this.#bridge.token;
    if (token) {
      try {
        return await run(token);
      } catch (error) {
        if (!STALE.has((error as { code?: string }).code ?? "")) throw error;
      }
    }
    const renewed = await this.#bridge.fresh(token, REFRESH_WAIT);
    if (!renewed) throw new ApiError("sign-in", t("The Dashboard has not renewed your sign-in. Reload the page."));
    return run(renewed);
  }

  /** The `data` of the answer. A stale token is replaced by the Dashboard's next and the request sent once more. */
  async run<T>(document: string, variables: Record<string, unknown> = {}): Promise<T> {
    const token = this.#bridge.token;
    let answer = token ? await this.#ask(document, variables, token) : null;
    if (!answer || stale(answer)) {
      const renewed = await this.#bridge.fresh(token, REFRESH_WAIT);
      if (!renewed) throw new ApiError("sign-in", t("The Dashboard has not renewed your sign-in. Reload the page."));
      answer = await this.#ask(document, variables, renewed);
      if (stale(answer)) throw new ApiError("sign-in", t("Your sign-in is not accepted. Reload the page."));
    }
    const error = answer.errors?.[0];
    if (error) {
      if (error.extensions?.exception?.code === "PermissionDenied") {
        throw new ApiError("permission", t("You don't have the permission for this page."));
      }
      throw new ApiError("server", error.message || t("The shop answered with an error."));
    }
    return answer.data as T;
  }

  /** The server's time, as well as it is known. */
  now(): number {
    return Date.now() + this.skew;
  }

  async #ask(query: string, variables: Record<string, unknown>, token: string): Promise<Answer> {
    let response: Response;
    try {
      response = await fetch(this.#address, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch {
      throw new ApiError("network", t("The shop can't be reached."));
    }
    const date = Date.parse(response.headers.get("Date") ?? "");
    if (date) this.skew = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
    try {
      return (await response.json()) as Answer;
    } catch {
      throw new ApiError("server", t("The shop answered with status {status}.", { status: String(response.status) }));
    }
  }
}

function stale(answer: Answer): boolean {
  return answer.errors?.some((error) => STALE.has(error.extensions?.exception?.code ?? "")) ?? false;
}

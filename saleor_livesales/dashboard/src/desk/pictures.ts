/** Pictures of conversations: where they can be had, and how they are sent. */

import { uuid } from "../../../storefront/src/live/ids";
import { shrunk } from "../../../storefront/src/live/shrink";
import { type Sent, upload } from "../../../storefront/src/live/upload";
import type { Entry } from "../../../storefront/src/wire";
import { type Api, ApiError } from "../api";
import PICTURE from "../graphql/picture.graphql";
import SEND from "../graphql/pictureSend.graphql";
import { t } from "../words";

const MARGIN = 30_000; // ms before the end of an address from which another is asked for
const TOO_LARGE = 80_000_000; // bytes that a browser is not asked to open
const AT_ONCE = 5; // pictures that a pane can be about to send

export interface Addresses {
  small: string;
  large: string;
}

interface Told extends Addresses {
  expiresAt: string;
}

/** A picture that is about to be sent. `key` stays the same however often it is tried. */
export interface Outgoing {
  readonly key: string;
  readonly file: File;
  readonly preview: string; // a blob: address
  readonly caption: string;
  readonly part: number | null; // of it that has gone, from 0 to 1; null: it is not on its way
  readonly problem: string;
  readonly final: boolean; // it will never be taken
}

export interface Trays {
  /** What a pane is about to send. */
  of(id: string): readonly Outgoing[];
  put(id: string, outgoing: readonly Outgoing[]): void;
  sent(entry: Entry): void;
}

export class Pictures {
  #api: Api;
  #trays: Trays;
  #known = new Map<string, { told: Promise<Told | null>; until: number }>();
  #going = new Map<string, AbortController>(); // by key

  constructor(api: Api, trays: Trays) {
    this.#api = api;
    this.#trays = trays;
  }

  /** Where a picture can be had now; null when it is gone. Rejects with ApiError. */
  async addresses(id: string, anew = false): Promise<Addresses | null> {
    const known = this.#known.get(id);
    if (known && !anew && known.until > this.#api.now() + MARGIN) return known.told;
    const told = this.#api.run<{ livePicture: Told | null }>(PICTURE, { id }).then(({ livePicture }) => livePicture);
    const entry = { told, until: Infinity };
    this.#known.set(id, entry);
    try {
      const found = await told;
      entry.until = found ? Date.parse(found.expiresAt) : 0;
      return found;
    } catch (error) {
      this.#known.delete(id);
      throw error;
    }
  }

  /** Shows files in the pane before they are sent. */
  take(id: string, files: FileList): void {
    const before = this.#trays.of(id);
    this.#trays.put(id, [...before, ...[...files].slice(0, AT_ONCE - before.length).map(outgoing)]);
  }

  change(id: string, key: string, change: Partial<Outgoing>): void {
    this.#trays.put(
      id,
      this.#trays.of(id).map((item) => (item.key === key ? { ...item, ...change } : item)),
    );
  }

  /** Stops what is on its way; takes away what is not. */
  back(id: string, key: string): void {
    const going = this.#going.get(key);
    if (!going) return this.#remove(id, key);
    this.#going.delete(key);
    going.abort();
    this.change(id, key, { part: null });
  }

  /** The pane is closed. */
  forget(id: string): void {
    for (const { key } of this.#trays.of(id)) {
      this.#going.get(key)?.abort();
      this.#going.delete(key);
      this.#remove(id, key);
    }
  }

  async send(id: string, key: string): Promise<void> {
    const item = this.#trays.of(id).find((one) => one.key === key);
    if (!item || item.final || this.#going.has(key)) return;
    const abort = new AbortController();
    this.#going.set(key, abort);
    const mine = () => this.#going.get(key) === abort;
    this.change(id, key, { part: 0, problem: "" });
    try {
      const entry = await this.#upload(id, item, (part) => mine() && this.change(id, key, { part }), abort.signal);
      if (mine()) this.#going.delete(key);
      this.#trays.sent(entry);
      this.#remove(id, key);
    } catch (error) {
      if (!mine()) return; // it was stopped
      this.#going.delete(key);
      const { problem, final } = error instanceof ApiError ? { problem: error.message, final: false } : refusal(error as Sent);
      this.change(id, key, { part: null, problem, final });
    }
  }

  async #upload(session: string, { key, file, caption }: Outgoing, progress: (part: number) => void, signal: AbortSignal): Promise<Entry> {
    let bitmap: ImageBitmap;
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      throw { code: "NOT_A_PICTURE" } satisfies Sent;
    }
    const body = await shrunk(file, bitmap);
    const variables = { input: { sessionId: session, key, caption: caption.trim(), image: null } };
    const { address } = this.#api;
    const { livePictureSend } = await this.#api.tokened((accessToken) =>
      upload<{ livePictureSend: { message: Pick<Entry, "number" | "at" | "text" | "picture"> } }>({ api: address, query: SEND, variables, file: body, accessToken, progress, signal }),
    );
    const { number, at, text, picture } = livePictureSend.message;
    return { type: "entry", session, number, kind: "message", sender: "rep", at, text, key, picture };
  }

  #remove(id: string, key: string): void {
    const before = this.#trays.of(id);
    for (const item of before) if (item.key === key) URL.revokeObjectURL(item.preview);
    this.#trays.put(
      id,
      before.filter((item) => item.key !== key),
    );
  }
}

function outgoing(file: File): Outgoing {
  const item = { key: uuid(), file, preview: URL.createObjectURL(file), caption: "", part: null };
  if (!file.type.startsWith("image/")) return { ...item, problem: t("This file is not a picture that can be sent."), final: true };
  if (file.size > TOO_LARGE) return { ...item, problem: t("This picture is too large to be sent."), final: true };
  return { ...item, problem: "", final: false };
}

/** Why it was not sent, in a sentence. `final`: it never will be. */
function refusal({ code = "", message = "" }: Sent): Pick<Outgoing, "problem" | "final"> {
  switch (code) {
    case "TOO_LARGE":
      return { problem: t("This picture is too large to be sent."), final: true };
    case "NOT_A_PICTURE":
      return { problem: t("This file is not a picture that can be sent."), final: true };
    case "REFUSED_BY_SCAN":
      return { problem: t("The store's own check has refused this file."), final: true };
    case "PICTURES_NOT_ALLOWED":
      return { problem: t("Pictures are switched off in this channel."), final: true };
    case "SESSION_ENDED":
    case "NOT_FOUND":
      return { problem: t("This session takes no more pictures."), final: true };
    case "TOO_FREQUENT":
      return { problem: t("Too many pictures in a short time. Wait a moment."), final: false };
    case "UNREACHABLE":
      return { problem: t("The shop can't be reached."), final: false };
    case "UNAVAILABLE":
      return { problem: t("The picture can't be kept right now. Try again in a moment."), final: false };
  }
  return { problem: message || t("Something went wrong. Try again."), final: false };
}

// One picture before it is sent: what it looks like, a caption, how far it is, and what went wrong.
import type { Sending } from "./attach";
import { draw } from "./draw";
import SEND from "./graphql/PictureSend.graphql";
import { shrunk } from "./live/shrink";
import { type Sent, upload } from "./live/upload";
import type { PanelHost } from "./panel";
import type { Strings } from "./strings";
import type { Entry } from "./wire";

const TOO_LARGE = 80_000_000; // bytes that a browser is not asked to open
const PREVIEW = 160;
const FINAL = new Set(["TOO_LARGE", "NOT_A_PICTURE", "REFUSED_BY_SCAN", "PICTURES_NOT_ALLOWED", "SESSION_ENDED", "NOT_FOUND"]);

export interface CardHost {
  host: PanelHost;
  strings: Strings;
  key: string;
  sending: Sending;
  gone(): void;
}

interface Answer {
  livePictureSend: { message: { number: number; at: string; text: string; picture: { id: string; width: number; height: number } } };
}

export class Card {
  readonly element: HTMLElement;
  #file: Blob | null = null;
  #abort: AbortController | null = null;
  readonly #canvas: HTMLCanvasElement;
  readonly #caption: HTMLInputElement;
  readonly #status: HTMLElement;
  readonly #bar: HTMLProgressElement;
  readonly #send: HTMLButtonElement;
  readonly #away: HTMLButtonElement;

  constructor(
    private readonly chosen: File,
    private readonly on: CardHost,
  ) {
    const { h } = on.host.kit;
    const t = on.strings;
    this.#canvas = h("canvas", { role: "img", "aria-label": t.picturePreview, width: 1, height: 1 });
    this.#caption = h("input", {
      type: "text",
      maxlength: 500,
      dir: "auto",
      placeholder: t.caption,
      "aria-label": t.caption,
      part: "caption",
      keydown: (event: KeyboardEvent) => {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        void this.#go();
      },
    });
    this.#status = h("p", { class: "hint", role: "status" }, t.pictureReading);
    this.#bar = h("progress", { max: 100, value: 0, "aria-label": t.pictureSending, hidden: true });
    this.#send = h("button", { type: "button", class: "primary", part: "picture-send", disabled: true, click: () => void this.#go() }, t.pictureSend);
    this.#away = h("button", { type: "button", class: "plain", part: "picture-remove", click: () => this.#back() }, t.pictureRemove);
    this.element = h(
      "div",
      {
        class: "card",
        part: "picture-card",
        role: "group",
        "aria-label": t.picturePreview,
        keydown: (event: KeyboardEvent) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          this.#back();
        },
      },
      h("div", { class: "sample" }, this.#canvas),
      h("div", { class: "side" }, this.#caption, this.#bar, this.#status, h("div", { class: "actions" }, this.#send, this.#away)),
    );
  }

  /** Looks at the file, and makes it smaller where that is worth it. */
  async read(): Promise<void> {
    const t = this.on.strings;
    (matchMedia("(pointer: fine)").matches ? this.#caption : this.#away).focus();
    const { chosen } = this;
    if (chosen.size > TOO_LARGE) return this.#refuse(t.pictureTooLarge);
    let bitmap: ImageBitmap;
    try {
      bitmap = await createImageBitmap(chosen);
    } catch {
      return this.#refuse(t.notAPicture);
    }
    draw(this.#canvas, bitmap, PREVIEW);
    this.#file = await shrunk(chosen, bitmap);
    this.#status.textContent = this.#size(this.#file.size);
    this.#send.disabled = false;
  }

  /** Takes it away, and what is on its way with it. */
  remove(): void {
    this.#abort?.abort();
    this.#abort = null;
    const inside = this.element.matches(":focus-within");
    this.element.remove();
    this.on.gone();
    if (inside) this.on.sending.form.querySelector("textarea")?.focus();
  }

  /** While it is being sent: stops that. Otherwise: takes it away. */
  #back(): void {
    if (!this.#abort) return this.remove();
    this.#abort.abort();
    this.#abort = null;
    this.#idle(this.#size(this.#file!.size));
  }

  async #go(): Promise<void> {
    const file = this.#file;
    if (!file || this.#abort || this.#send.disabled) return;
    const { host, strings: t, key, sending } = this.on;
    const abort = (this.#abort = new AbortController());
    this.#status.removeAttribute("role");
    this.#status.classList.remove("wrong");
    this.#bar.hidden = false;
    this.#bar.value = 0;
    this.#send.disabled = this.#caption.disabled = true;
    this.#away.textContent = t.pictureCancel;
    this.#away.focus();
    const progress = (part: number): void => {
      this.#bar.value = part * 100;
      this.#status.textContent = part < 1 ? `${t.pictureSending} ${new Intl.NumberFormat(host.locale, { style: "percent" }).format(part)}` : t.pictureChecking;
    };
    progress(0);
    try {
      const caption = this.#caption.value.trim();
      const { livePictureSend } = await host.client.ticketed((ticket) => {
        const input = { sessionId: sending.session, key, caption, ticket, image: null };
        return upload<Answer>({ api: host.client.config.api, query: SEND, variables: { input }, file, progress, signal: abort.signal });
      });
      if (this.#abort === abort) this.#abort = null;
      const { number, at, text, picture } = livePictureSend.message;
      const entry: Entry = { type: "entry", session: sending.session, number, kind: "message", sender: "visitor", at, text, key, picture };
      sending.sent(entry);
      if (!this.element.isConnected) return;
      host.announce(t.pictureSent);
      this.remove();
    } catch (error) {
      if (this.#abort !== abort) return; // it was stopped, or taken away
      this.#abort = null;
      const { code = "" } = error as Sent;
      const words: Record<string, string> = {
        TOO_LARGE: t.pictureTooLarge,
        NOT_A_PICTURE: t.notAPicture,
        REFUSED_BY_SCAN: t.pictureRefused,
        PICTURES_NOT_ALLOWED: t.picturesOff,
        TOO_FREQUENT: t.errorTooFrequent,
        UNREACHABLE: t.errorUnreachable,
      };
      if (FINAL.has(code)) this.#refuse(words[code] ?? host.kit.fill(t.notSent, { reason: code === "SESSION_ENDED" ? t.refusedEnded : t.refusedOther }));
      else this.#idle(words[code] ?? t.pictureFailed, t.retry);
    }
  }

  /** Ready to be sent, again where something went wrong. */
  #idle(status: string, again = ""): void {
    const t = this.on.strings;
    this.#bar.hidden = true;
    this.#send.disabled = this.#caption.disabled = false;
    this.#send.textContent = again || t.pictureSend;
    this.#away.textContent = t.pictureRemove;
    this.#tell(status, again !== "");
    this.#send.focus();
  }

  /** It will never be taken. */
  #refuse(why: string): void {
    this.#bar.hidden = true;
    this.#send.hidden = this.#caption.hidden = true;
    this.#away.textContent = this.on.strings.pictureRemove;
    this.#tell(why, true);
    this.#away.focus();
  }

  #tell(text: string, wrong: boolean): void {
    this.#status.setAttribute("role", wrong ? "alert" : "status");
    this.#status.classList.toggle("wrong", wrong);
    this.#status.textContent = text;
  }

  #size(bytes: number): string {
    const unit = bytes < 1_000_000 ? "kilobyte" : "megabyte";
    const format = new Intl.NumberFormat(this.on.host.locale, { style: "unit", unit, maximumFractionDigits: bytes < 1_000_000 ? 0 : 1 });
    return format.format(Math.max(1, bytes / (unit === "kilobyte" ? 1000 : 1_000_000)));
  }
}

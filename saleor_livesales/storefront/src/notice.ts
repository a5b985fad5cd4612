// How the connection stands, when that is worth a word: not for a blink, and not longer than it is true.
import type { Status } from "./live/socket";
import type { PanelHost } from "./panel";

const OFFLINE_AFTER = 1500; // ms; a blink of the network is not worth a word
const BACK_FOR = 4000; // ms that "connected again" stays

export class Notice {
  readonly element: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #away = false;

  constructor(private readonly host: PanelHost) {
    this.element = host.kit.h("p", { class: "notice", role: "status", part: "notice", hidden: true });
  }

  say(text: string): void {
    if (this.element.textContent !== text) this.element.textContent = text;
    this.element.hidden = false;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#away = false;
    this.element.hidden = true;
  }

  /** `wanted` is asked when it would be shown: without a session that goes on there is nothing to say. */
  status(status: Status, code: number, wanted: () => boolean): void {
    const t = this.host.strings();
    clearTimeout(this.#timer);
    if (status === "open") {
      if (!this.#away) return this.clear();
      this.#away = false;
      this.say(t.backOnline);
      this.#timer = setTimeout(() => this.clear(), BACK_FOR);
      return;
    }
    const tell = () => {
      if (!wanted()) return;
      this.#away = true;
      this.say(code === this.host.kit.TOO_MANY ? t.tooMany : this.host.kit.lasting("sessionStorage") ? t.offline : t.offlineHere);
    };
    if (this.#away) tell();
    else this.#timer = setTimeout(tell, OFFLINE_AFTER);
  }
}

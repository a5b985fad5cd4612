// Where the visitor writes. Enter sends, Shift+Enter makes a line; what is too long is not sent.
import { emojiButton } from "./emoji-button";
import type { PanelHost } from "./panel";

const ARROW = "M5 12h13M12 5l7 7-7 7";
const COUNT_FROM = 400; // characters before the limit at which the counter appears

export interface Writing {
  draft: string;
  say(text: string): void;
  typing(active: boolean): void;
  keep(text: string): void;
}

export class Composer {
  readonly element: HTMLFormElement;
  readonly #input: HTMLTextAreaElement;
  readonly #counter: HTMLElement;
  readonly #button: HTMLButtonElement;

  constructor(
    private readonly host: PanelHost,
    private readonly on: Writing,
  ) {
    const { h, icon } = host.kit;
    const t = host.strings();
    this.#input = h("textarea", {
      rows: 1,
      dir: "auto",
      placeholder: t.message,
      "aria-label": t.message,
      "aria-describedby": "count",
      enterkeyhint: "send",
      part: "input",
      input: () => this.#edited(),
      keydown: (event: KeyboardEvent) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#send();
      },
    });
    this.#button = h("button", { type: "submit", class: "send", part: "send", "aria-label": t.send }, icon(ARROW));
    this.#counter = h("p", { id: "count", class: "count", "aria-live": "polite", hidden: true });
    this.element = h(
      "form",
      {
        class: "composer",
        novalidate: true,
        submit: (event: Event) => {
          event.preventDefault();
          this.#send();
        },
      },
      h("div", { class: "row" }, emojiButton(host, this.#input), this.#input, this.#button),
      this.#counter,
    );
    this.#input.value = on.draft;
    this.#measure();
  }

  /** Puts words that did not get through back into the input, before what is there. */
  write(text: string): void {
    this.#input.value = this.#input.value ? `${text}\n${this.#input.value}` : text;
    this.#edited();
    this.#input.focus();
  }

  /** The session is over: whoever was writing is not any more. */
  stop(): void {
    this.on.keep("");
  }

  get #text(): string {
    return this.#input.value.trim();
  }

  #edited(): void {
    this.#measure();
    this.on.keep(this.#input.value);
    this.on.typing(this.#text !== "");
  }

  #measure(): void {
    const limit = this.host.client.messageLimit;
    const count = [...this.#text].length; // code points, as the server counts
    const over = count > limit;
    const t = this.host.strings();
    this.#counter.hidden = count < limit - COUNT_FROM;
    this.#counter.classList.toggle("over", over);
    const number = new Intl.NumberFormat(this.host.locale);
    const values = { count: number.format(count), limit: number.format(limit) };
    this.#counter.textContent = this.#counter.hidden ? "" : this.host.kit.fill(over ? t.tooLong : t.count, values);
    this.#input.setAttribute("aria-invalid", String(over));
    this.#button.disabled = over || count === 0;
    this.#input.style.height = "auto";
    if (this.#input.scrollHeight) this.#input.style.height = `${Math.min(this.#input.scrollHeight + 2, 140)}px`;
  }

  #send(): void {
    const text = this.#text;
    if (!text || this.#button.disabled) return;
    this.#input.value = "";
    this.#measure();
    this.on.keep("");
    this.on.say(text);
    this.#input.focus();
  }
}

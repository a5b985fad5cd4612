// The emoji picker: a grid of buttons of which Tab reaches one and the arrows the others. It puts in text, no pictures.
import english from "./locales/emoji-en.json";
import type { PanelHost } from "./panel";
import css from "./styles/emoji.css";

/** In rows of eight, as `names` in the files of words. */
const EMOJIS =
  "😀 😊 😂 😉 😍 😎 🤔 😮 😢 😕 😡 😴 🥳 🤗 😅 🙄 👍 👎 👌 🙏 👏 🙌 💪 👋 ❤️ 💔 ✨ 🎉 🎁 🔥 ⭐ 💯 ✅ ❌ ❓ ❗ 📦 🚚 💳 📷".split(" ");
const ACROSS = 8; // as in emoji.css

type Names = typeof english;
const NAMES: Record<string, () => Promise<{ default: Names }>> = {
  ar: () => import("./locales/emoji-ar.json"),
  de: () => import("./locales/emoji-de.json"),
  es: () => import("./locales/emoji-es.json"),
  fr: () => import("./locales/emoji-fr.json"),
  pl: () => import("./locales/emoji-pl.json"),
};

export interface Picking {
  pick(emoji: string): void;
  /** `back`: the focus goes back to where the picker was opened. */
  close(back: boolean): void;
}

let adopted: CSSStyleSheet | undefined;

export class Picker {
  readonly element: HTMLElement;
  readonly #buttons: HTMLButtonElement[];

  /** With names in the window's language, in English where they don't come. */
  static async make(host: PanelHost, on: Picking): Promise<Picker> {
    const table = await NAMES[host.locale.slice(0, 2)]?.().catch(() => null);
    return new Picker(host, table?.default ?? english, on);
  }

  private constructor(
    private readonly host: PanelHost,
    { label, names }: Names,
    private readonly on: Picking,
  ) {
    const { h } = host.kit;
    const named = names.split("|");
    this.#buttons = EMOJIS.map((emoji, index) =>
      h("button", { type: "button", tabindex: index ? -1 : 0, "aria-label": named[index], title: named[index], click: () => on.pick(emoji) }, emoji),
    );
    this.element = h(
      "div",
      {
        id: "emojis",
        class: "emojis",
        part: "emojis",
        role: "group",
        "aria-label": label,
        keydown: (event: KeyboardEvent) => this.#pressed(event),
      },
      ...this.#buttons,
    );
  }

  focus(): void {
    const root = this.element.getRootNode() as ShadowRoot;
    adopted ??= this.host.kit.sheet(css);
    if (!root.adoptedStyleSheets.includes(adopted)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, adopted];
    this.#buttons[0]!.focus();
  }

  #pressed(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation(); // the window stays
      return this.on.close(true);
    }
    const forward = getComputedStyle(this.element).direction === "rtl" ? -1 : 1;
    const last = this.#buttons.length - 1;
    const at = this.#buttons.findIndex((button) => button.tabIndex === 0);
    const steps: Record<string, number> = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: ACROSS, ArrowUp: -ACROSS, Home: -at, End: last - at };
    const to = at + (steps[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    const next = this.#buttons[to];
    if (!next) return;
    this.#buttons[at]!.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}

// The widget's words: English comes with the code, another language as a file of its own, and the page's own words go first.
import page from "./locales/page-en.json";
import type pictureWords from "./locales/pictures-en.json";
import type ratingWords from "./locales/rating-en.json";
import type windowWords from "./locales/window-en.json";

/** Words over the page: launcher and offer. The window brings those of its own. */
export type PageStrings = Record<keyof typeof page, string>;
export type WindowStrings = Record<keyof typeof windowWords, string>;
/** Those about pictures come with the first picture: until then `strings` has the page's own alone. */
export type PictureStrings = Record<keyof typeof pictureWords, string>;
/** And those of the question at the end with that. */
export type RatingStrings = Record<keyof typeof ratingWords, string>;
export type Strings = PageStrings & WindowStrings & PictureStrings & RatingStrings;

const PAGES: Record<string, () => Promise<{ default: PageStrings }>> = {
  ar: () => import("./locales/page-ar.json"),
  de: () => import("./locales/page-de.json"),
  es: () => import("./locales/page-es.json"),
  fr: () => import("./locales/page-fr.json"),
  pl: () => import("./locales/page-pl.json"),
};

/** Puts values into a text: `fill("number {position}", { position: 2 })`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export class Words {
  /** The language of the words, which is English where the page's is none of ours. */
  language = "en";
  #page: PageStrings = page;
  #window: Partial<WindowStrings> = {};
  #own: Partial<Strings> = {};

  /** Everything that is loaded. The window's words are there once the window is. */
  get all(): Strings {
    return { ...this.#page, ...this.#window, ...this.#own } as Strings;
  }

  /** "rtl", or nothing where the page's own direction holds. */
  get direction(): string {
    return this.language === "ar" ? "rtl" : "";
  }

  override(some: Partial<Strings>): void {
    this.#own = { ...this.#own, ...some };
  }

  /** Takes the language of a tag (`de-AT`). Where its file can't be loaded the words stay English. Never rejects. */
  async choose(tag: string): Promise<void> {
    const language = tag.toLowerCase().split(/[-_]/)[0]!;
    if (language === this.language) return;
    this.#window = {};
    this.language = "en";
    this.#page = page;
    const table = await PAGES[language]?.().catch(() => null);
    if (!table) return;
    this.#page = table.default;
    this.language = language;
  }

  window(words: WindowStrings): void {
    this.#window = words;
  }
}

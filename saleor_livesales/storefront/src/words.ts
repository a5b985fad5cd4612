// The window's words, in the language that the page's part has chosen.
import english from "./locales/window-en.json";
import type { WindowStrings } from "./strings";

const WINDOWS: Record<string, () => Promise<{ default: WindowStrings }>> = {
  ar: () => import("./locales/window-ar.json"),
  de: () => import("./locales/window-de.json"),
  es: () => import("./locales/window-es.json"),
  fr: () => import("./locales/window-fr.json"),
  pl: () => import("./locales/window-pl.json"),
};

/** English where there is no file for the language, or it can't be loaded. Never rejects. */
export async function windowWords(language: string): Promise<WindowStrings> {
  const table = await WINDOWS[language]?.().catch(() => null);
  return table?.default ?? english;
}

/** The console's texts. English stands in the source and is the key; other languages are files that are loaded when needed. */

type Catalog = Readonly<Record<string, string>>;

const CATALOGS: Readonly<Record<string, () => Promise<{ default: Catalog }>>> = {
  ar: () => import("./locales/ar.json"),
};
const FROM_RIGHT = new Set(["ar"]);

let catalog: Catalog = {};
let language = "en";

/** The text in the language that is spoken, with `{name}` replaced by the value of that name. */
export function t(text: string, values: Readonly<Record<string, string>> = {}): string {
  return (catalog[text] ?? text).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Speaks the language of this locale, English where there is no file for it, and turns the page accordingly. */
export async function speak(locale: string): Promise<void> {
  const wanted = locale.slice(0, 2).toLowerCase();
  const load = CATALOGS[wanted];
  language = load ? wanted : "en";
  const loaded = load ? await load().catch(() => null) : null;
  if (language !== (load ? wanted : "en")) return; // another was asked for meanwhile
  catalog = loaded?.default ?? {};
  document.documentElement.lang = loaded ? wanted : "en";
  document.documentElement.dir = loaded && FROM_RIGHT.has(wanted) ? "rtl" : "ltr";
}

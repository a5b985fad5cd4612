/**
 * Windows of single panes, popped out of the Dashboard's frame.
 *
 * A window is empty and of the desk's own origin; the desk fills it itself, so there is one connection and one state
 * however many windows there are. They close with the desk, and closing one gives its pane back. Dashboards before
 * 3.22 let no page in a frame open windows.
 */

const SIZE = "popup,width=420,height=720";
const DRESSED = ["data-theme", "dir", "lang"];

export class PopOuts {
  #windows = new Map<string, { page: Window; empty: () => void }>();
  #closed: (id: string) => void;

  constructor(closed: (id: string) => void) {
    this.#closed = closed;
    window.addEventListener("pagehide", () => {
      for (const id of [...this.#windows.keys()]) this.close(id);
    });
    new MutationObserver(() => {
      for (const { page } of this.#windows.values()) dress(page.document);
    }).observe(document.documentElement, { attributes: true, attributeFilter: DRESSED });
  }

  /** Opens a window and lets `fill` put the pane into it; `fill` returns what empties it. False where none opened. */
  open(id: string, fill: (page: Document) => () => void): boolean {
    let page: Window | null = null;
    try {
      page = window.open("", "", SIZE);
      if (!page?.document.body) return false;
    } catch {
      page?.close();
      return false; // it has another origin: nothing of a conversation may go there
    }
    page.document.open();
    page.document.write("<!doctype html><title></title>"); // an empty window is in quirks mode
    page.document.close();
    dress(page.document);
    outfit(page as Window & typeof globalThis);
    this.#windows.set(id, { page, empty: fill(page.document) });
    page.addEventListener("pagehide", () => {
      if (this.#windows.get(id)?.page === page) this.#closed(id);
    });
    return true;
  }

  focus(id: string): void {
    this.#windows.get(id)?.page.focus();
  }

  entitle(id: string, title: string): void {
    const page = this.#windows.get(id)?.page;
    if (page) page.document.title = title;
  }

  close(id: string): void {
    const known = this.#windows.get(id);
    if (!known) return;
    this.#windows.delete(id);
    known.empty();
    known.page.close();
  }

  /** Whether somebody is looking at this window. */
  attended(id: string): boolean {
    const page = this.#windows.get(id)?.page.document;
    return page !== undefined && page.visibilityState === "visible" && page.hasFocus();
  }

  /** Whether somebody is looking at any of them. */
  get anyAttended(): boolean {
    return [...this.#windows.keys()].some((id) => this.attended(id));
  }
}

/** Gives a window the desk's rules and typeface without its asking the server: an empty window can't be relied on to. */
function outfit(page: Window & typeof globalThis): void {
  page.document.adoptedStyleSheets = [...document.styleSheets].map((sheet) => {
    const copy = new page.CSSStyleSheet();
    const rules = [...sheet.cssRules];
    copy.replaceSync(rules.filter((rule) => !(rule instanceof CSSFontFaceRule)).map((rule) => rule.cssText).join("\n"));
    for (const rule of rules) if (rule instanceof CSSFontFaceRule) void typeface(page, rule, sheet.href ?? location.href);
    return copy;
  });
}

async function typeface(page: Window & typeof globalThis, { style }: CSSFontFaceRule, base: string): Promise<void> {
  const told = (name: string) => style.getPropertyValue(name);
  const address = /url\("?([^")]+)"?\)/.exec(told("src"))?.[1];
  if (!address) return;
  try {
    const letters = await (await fetch(new URL(address, base))).arrayBuffer();
    const face = new page.FontFace(told("font-family").replaceAll('"', ""), letters, {
      weight: told("font-weight"),
      unicodeRange: told("unicode-range"),
    });
    page.document.fonts.add(await face.load());
  } catch {
    // The window keeps the system's letters.
  }
}

function dress(page: Document): void {
  for (const name of DRESSED) page.documentElement.setAttribute(name, document.documentElement.getAttribute(name) ?? "");
}

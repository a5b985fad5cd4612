type Child = Node | string | null | undefined | false;
type Value = string | number | boolean | null | undefined | ((event: never) => void);

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (values that are functions, by the event's name) and children as nodes or text. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fit(document.createElement(tag), attributes, children);
}

function fit<E extends Element>(element: E, attributes: Record<string, Value>, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** A line drawing of 24 by 24, for the eye only: its button carries the words. */
export function icon(path: string): SVGSVGElement {
  const line = fit(document.createElementNS(SVG, "path"), { d: path }, []);
  return fit(document.createElementNS(SVG, "svg"), { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true", class: "icon" }, [line]);
}

/** A style sheet for `adoptedStyleSheets`, which a page's style-src has no say over. */
export function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

/** What we need of a Storage. */
export type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Keeps for as long as the page lasts what the browser does not keep for us. */
class Memory extends Map<string, string> implements Kept {
  getItem(key: string): string | null {
    return this.get(key) ?? null;
  }
  readonly setItem = this.set;
  readonly removeItem = this.delete;
}

type Kind = "localStorage" | "sessionStorage";
const memory = { localStorage: new Memory(), sessionStorage: new Memory() };

function real(kind: Kind): Storage | null {
  try {
    const store = window[kind];
    store.setItem("livesales:probe", "1");
    store.removeItem("livesales:probe");
    return store;
  } catch {
    return null;
  }
}

/** A Storage of the page. Where the browser forbids it, or keeps nothing, one that lasts as long as the page. */
export function storage(kind: Kind): Kept {
  return real(kind) ?? memory[kind];
}

/** Whether what is kept there outlasts the page. */
export function lasting(kind: Kind): boolean {
  return real(kind) !== null;
}

export function keep(store: Kept, key: string, value: string | null): void {
  try {
    if (value === null) store.removeItem(key);
    else store.setItem(key, value);
  } catch {
    // Full: nothing is kept.
  }
}

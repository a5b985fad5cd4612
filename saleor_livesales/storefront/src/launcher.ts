import { CHAT } from "./avatar";
import { h, icon } from "./dom";
import { type Strings, fill } from "./strings";

const LETTER = "M4 6h16v12H4zM4 7l8 6 8-6";

/** What the launcher leads to: a chat, or a message that is left. */
export interface Face {
  kind: "chat" | "letter";
  label: string;
  unread: number;
}

/** The button over the page. It is made anew when its face changes, and keeps the focus then. */
export class Launcher {
  #button: HTMLButtonElement | null = null;

  constructor(
    private readonly dock: HTMLElement,
    private readonly press: () => void,
  ) {}

  /** No face, no button. */
  draw(face: Face | null, t: Strings): void {
    const state = face ? `${face.kind}|${face.label}|${face.unread}|${t.unread}` : "";
    if (state === (this.#button?.dataset["state"] ?? "")) return;
    const root = this.dock.getRootNode() as ShadowRoot;
    const focused = this.#button !== null && root.activeElement === this.#button;
    this.remove();
    if (!face) return;
    const { kind, label } = face;
    const unread = face.unread > 0 && fill(t.unread, { count: face.unread });
    this.#button = h(
      "button",
      { type: "button", class: kind === "chat" ? "launcher" : "launcher leave", part: kind === "chat" ? "launcher" : "leave", click: this.press },
      h("span", { class: "face" }, icon(kind === "chat" ? CHAT : LETTER)),
      h("span", { class: "label" }, label),
      unread && h("span", { class: "badge", "aria-label": unread }, String(face.unread)),
    );
    this.#button.dataset["state"] = state;
    this.dock.append(this.#button);
    if (focused) this.focus();
  }

  /** False when there is none to take it. */
  focus(): boolean {
    this.#button?.focus();
    return this.#button !== null;
  }

  remove(): void {
    this.#button?.remove();
    this.#button = null;
  }
}

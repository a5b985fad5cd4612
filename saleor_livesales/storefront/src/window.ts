// Whether the window stands open. Its code is loaded when it is first needed; that it was put away is kept over a reload.
import type { LiveClient } from "./client";
import { keep, storage } from "./dom";
import { ApiError } from "./live/api";
import type { Panel, PanelHost } from "./panel";
import type { WindowStrings } from "./strings";

const MINIMISED = "livesales:minimised";

export type Opening = "offer" | "request" | "restore" | "session";

export interface WindowHost {
  client(): LiveClient | null;
  /** In which language the window is to speak, and the words that were found for it. */
  language(): string;
  words(words: WindowStrings): void;
  /** What the panel works with. */
  panel(client: LiveClient): PanelHost;
  /** Called with the window still hidden. */
  loaded(panel: Panel): void;
  emit(name: string, detail: unknown, cancelable?: boolean): boolean;
  /** It can't be loaded. */
  failed(error: unknown): void;
  shown(): void;
}

export class ChatWindow {
  panel: Panel | null = null;
  open = false;
  #loading: Promise<Panel> | null = null;

  constructor(
    private readonly root: ShadowRoot,
    private readonly dock: HTMLElement,
    private readonly host: WindowHost,
  ) {}

  /** Whether the visitor put it away on an earlier page. */
  get minimised(): boolean {
    return Boolean(storage("sessionStorage").getItem(MINIMISED));
  }

  /** Loads it without showing it, so that it can count what is unread. */
  load(): Promise<Panel> {
    this.#loading ??= import("./panel")
      .then(async ({ Panel, windowWords }) => {
        this.host.words(await windowWords(this.host.language()));
        const client = this.host.client();
        if (!client) throw new ApiError("UNREACHABLE", "The widget was taken out of the page.");
        const panel = new Panel(this.host.panel(client));
        const { root } = this;
        if (!root.adoptedStyleSheets.includes(panel.sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, panel.sheet];
        this.panel = panel;
        panel.element.hidden = true;
        this.dock.prepend(panel.element);
        this.host.loaded(panel);
        return panel;
      })
      .catch((error: unknown) => {
        this.#loading = null;
        throw error;
      });
    return this.#loading;
  }

  /** False when the page's own code kept the window shut, or it can't be loaded. */
  async show(reason: Opening, focus: boolean, prepare?: (panel: Panel) => void): Promise<boolean> {
    if (this.open) {
      if (this.panel) prepare?.(this.panel);
      return true;
    }
    if (!this.host.emit("open", { reason }, true)) return false;
    try {
      const panel = await this.load();
      prepare?.(panel);
      this.open = true;
      panel.element.hidden = false;
      keep(storage("sessionStorage"), MINIMISED, null);
      this.host.shown();
      panel.seen();
      if (focus) panel.focus();
      return true;
    } catch (error) {
      this.host.failed(error);
      return false;
    }
  }

  /** Puts it away. What does not go on is forgotten. */
  hide(goesOn: boolean): void {
    this.open = false;
    if (this.panel) this.panel.element.hidden = true;
    if (goesOn) keep(storage("sessionStorage"), MINIMISED, "1");
    else this.dispose();
  }

  dispose(): void {
    this.open = false;
    this.panel?.dispose();
    this.panel = this.#loading = null;
  }
}

/**
 * The real widget in a frame of its own, on a page that stands for the shop's. Its shop and gateway are here: nothing that
 * it asks leaves the page, and it keeps nothing. Built anew for another scene; another look it puts on as it is.
 */

import type { LiveSalesElement } from "../../../storefront/src/livesales";
import type { Look } from "../../../storefront/src/look";
import type { FromBrowser, ToBrowser } from "../../../storefront/src/wire";
import { SAMPLES } from "./sample";
import pageStyle from "./stage.css";

export interface Scene {
  view: "launcher" | "offer" | "conversation";
  language: "en" | "ar";
  greeting: string;
}

const SESSION = "preview";

export class Stage {
  #scene: Scene | null = null;
  #look: Look | null = null;
  #widget: LiveSalesElement | null = null;
  #loaded: Promise<void> | null = null;

  constructor(
    private readonly frame: HTMLIFrameElement,
    private readonly address: string, // of livesales.js
  ) {}

  /** Shows the scene in this look, on a page that is light or dark. Rejects where the widget can't be loaded. */
  async show(scene: Scene, look: Look, dark: boolean): Promise<void> {
    this.#look = look;
    this.#loaded ??= this.#prepare();
    await this.#loaded;
    const page = this.#page.documentElement;
    page.style.setProperty("color-scheme", dark ? "dark" : "light");
    const before = this.#scene;
    if (before && before.view === scene.view && before.language === scene.language && before.greeting === scene.greeting) return this.#wear();
    this.#scene = scene;
    this.#widget?.destroy();
    page.lang = scene.language;
    page.dir = scene.language === "ar" ? "rtl" : "ltr";
    const widget = (this.#widget = this.#page.createElement("live-sales"));
    // Nobody answers there, and nobody is asked: see #prepare.
    for (const [name, value] of Object.entries({ channel: "preview", api: "https://preview.invalid/", gateway: "wss://preview.invalid/" })) {
      widget.setAttribute(name, value);
    }
    this.#page.body.append(widget);
  }

  get #page(): Document {
    return this.frame.contentDocument!;
  }

  /** The widget draws itself anew when words are set, in the look that its shop told. */
  #wear(): void {
    const widget = this.#widget;
    if (!widget?.storefront || !this.#look) return;
    Object.assign(widget.storefront, { look: this.#look });
    widget.strings = {};
  }

  #prepare(): Promise<void> {
    const page = this.#page;
    const realm = page.defaultView as Window & typeof globalThis;
    const sheet = new realm.CSSStyleSheet();
    sheet.replaceSync(pageStyle);
    page.adoptedStyleSheets = [sheet];
    for (const name of ["head", "line", "line short", "price", "button", "line", "line", "line short"]) {
      page.body.append(Object.assign(page.createElement("i"), { className: name }));
    }
    const stage = this;
    const kept = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
    class Gateway {
      onopen: (() => void) | null = null;
      onmessage: ((event: { data: string }) => void) | null = null;
      onclose: ((event: { code: number }) => void) | null = null;
      constructor() {
        setTimeout(() => this.onopen?.());
      }
      send(text: string): void {
        for (const frame of stage.#answer(JSON.parse(text) as FromBrowser)) setTimeout(() => this.onmessage?.({ data: JSON.stringify(frame) }));
      }
      close(): void {}
    }
    Object.defineProperties(realm, {
      WebSocket: { value: Gateway },
      localStorage: { value: kept },
      sessionStorage: { value: kept },
      fetch: { value: async (_: string, { body }: { body: string }) => new Response(JSON.stringify({ data: stage.#asked(JSON.parse(body).query as string) })) },
    });
    return new Promise((loaded, failed) => {
      const script = page.createElement("script");
      script.type = "module";
      script.src = this.address;
      script.onload = () => loaded();
      script.onerror = () => failed(new Error("The widget could not be loaded."));
      page.head.append(script);
    });
  }

  /** The shop's answers. */
  #asked(query: string): object {
    const talks = this.#scene?.view === "conversation";
    if (query.includes("liveStorefront")) {
      return { liveStorefront: { active: true, gatewayUrl: "", requestsAllowed: true, available: true, forms: ["CHAT"], greeting: "", look: this.#look } };
    }
    return { liveSessions: { edges: talks ? [{ node: this.#session }] : [] } };
  }

  get #session(): object {
    const { rep, lines } = SAMPLES[this.#scene?.language ?? "en"];
    const lastNumber = lines.length + 1;
    return { id: SESSION, state: "ACTIVE", form: "CHAT", lastNumber, visitorRead: lastNumber, repRead: lastNumber, repName: rep, position: null, queuedAt: null, endReason: null };
  }

  /** The gateway's. */
  #answer(frame: FromBrowser): ToBrowser[] {
    const scene = this.#scene;
    if (!scene) return [];
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    if (frame.type === "hello") {
      const welcome: ToBrowser = { type: "welcome", id: "preview", ticket: "preview", expiresAt: at(-5) };
      return scene.view === "offer" ? [welcome, { type: "offer", id: "preview", forms: ["chat"], greeting: scene.greeting, expiresAt: at(-60) }] : [welcome];
    }
    if (frame.type !== "resume") return [];
    const { rep, lines } = SAMPLES[scene.language];
    const joined: ToBrowser = { type: "entry", session: SESSION, number: 1, kind: "state", sender: "system", at: at(6), data: { from: "queued", to: "active", repName: rep } };
    const said = lines.map(([sender, text], index) => ({ type: "entry" as const, session: SESSION, number: index + 2, kind: "message" as const, sender, at: at(5 - index), text }));
    return [{ type: "resumed", session: SESSION, entries: [joined, ...said].slice(frame.after ?? 0), lastNumber: said.length + 1 }];
  }
}

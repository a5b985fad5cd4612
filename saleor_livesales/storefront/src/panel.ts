// The window over the page: waiting, conversation, end, or a message form. Loaded when it is first needed.
// What the eager part has already (helpers, words, the client) comes with the host, so that nothing is shipped twice.
import type { LiveClient, SessionView } from "./client";
import type { Kit } from "./kit";
import END from "./graphql/SessionEnd.graphql";
import { Composer } from "./composer";
import { inquiryForm } from "./inquiry";
import { Conversation, pendingIn } from "./live/conversation";
import type { Status } from "./live/socket";
import { Log } from "./log";
import type { Strings } from "./strings";
import css from "./styles/panel.css";
import type { Entry, ToBrowser } from "./wire";

export interface PanelHost {
  kit: Kit;
  client: LiveClient;
  locale: string;
  strings(): Strings;
  explain(error: unknown): string;
  emit(name: string, detail: unknown, cancelable?: boolean): boolean;
  announce(text: string): void;
  shown(): boolean;
  unread(count: number): void;
  close(): void;
  again(): void;
  ended(view: SessionView): void;
  product(): string;
}

const MINUS = "M6 12h12";
const OFFLINE_AFTER = 1500; // ms; a blink of the network is not worth a word

let adopted: CSSStyleSheet | undefined;

export class Panel {
  readonly element: HTMLElement;
  readonly sheet: CSSStyleSheet;

  #view: SessionView | null = null;
  #conversation: Conversation | null = null;
  #log: Log | null = null;
  #composer: Composer | null = null;
  #known = 0; // entries up to this number are history: they ring no bell
  #unread = 0;
  #offlineTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #title: HTMLElement;
  readonly #subtitle: HTMLElement;
  readonly #end: HTMLButtonElement;
  readonly #notice: HTMLElement;
  readonly #body: HTMLElement;
  readonly #foot: HTMLElement;
  readonly #waiting: HTMLElement;
  readonly #confirm: HTMLElement;

  constructor(private readonly host: PanelHost) {
    const { h, icon, sheet } = host.kit;
    const t = host.strings();
    this.sheet = adopted ??= sheet(css);
    this.#title = h("h2", { id: "title" }, t.title);
    this.#subtitle = h("p", { class: "subtitle" });
    this.#end = h("button", { type: "button", class: "quiet", part: "end", hidden: true, click: () => this.#ask(true) }, t.end);
    const away = h("button", { type: "button", class: "quiet round", part: "minimise", "aria-label": t.minimise, click: () => host.close() }, icon(MINUS));
    this.#notice = h("p", { class: "notice", role: "status", part: "notice", hidden: true });
    this.#body = h("div", { class: "body" });
    this.#foot = h("div", { class: "foot" });
    this.#waiting = h("div", { class: "waiting", part: "waiting" });
    this.#confirm = h(
      "div",
      { class: "confirm", role: "alertdialog", "aria-labelledby": "question", part: "confirm", hidden: true },
      h("p", { id: "question" }, t.endQuestion),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", class: "primary", part: "confirm-end", click: () => void this.#finish() }, t.endYes),
        h("button", { type: "button", class: "plain", part: "confirm-stay", click: () => this.#ask(false) }, t.endNo),
      ),
    );
    this.element = h(
      "section",
      { class: "panel", part: "window", role: "dialog", "aria-labelledby": "title", tabindex: "-1" },
      h("header", {}, h("div", { class: "who" }, this.#title, this.#subtitle), this.#end, away),
      this.#notice,
      this.#body,
      this.#confirm,
      this.#foot,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      if (!this.#confirm.hidden) this.#ask(false);
      else host.close();
    });
    // A phone's keyboard shrinks the visual viewport alone: the window follows it, so the input stays in sight.
    visualViewport?.addEventListener("resize", this.#fit);
  }

  /** The session as it is now; a new id begins a new conversation. */
  session(view: SessionView): void {
    const before = this.#view;
    if (before?.id !== view.id) this.#begin(view);
    this.#view = view;
    const t = this.host.strings();
    const ended = view.state === "ended";
    const waiting = !ended && view.state !== "active" && view.state !== "on_hold";
    this.#title.textContent = (!waiting && view.repName) || t.title;
    this.#end.hidden = ended;
    if (ended) this.#confirm.hidden = true;
    this.#waiting.hidden = !waiting;
    if (waiting) this.#drawWaiting(view);
    this.#drawSubtitle();
    if (ended && before?.state !== "ended") this.#drawEnded(view);
    else if (!ended && this.#composer && !this.#composer.element.isConnected) this.#foot.replaceChildren(this.#composer.element);
    if (this.#conversation && view.repRead > this.#conversation.peerRead) {
      this.#conversation.receive({ type: "read", session: view.id, number: view.repRead, sender: "rep" });
    }
  }

  connecting(): void {
    const { h } = this.host.kit;
    this.#reset();
    this.#body.replaceChildren(h("div", { class: "waiting" }, this.#dots(), h("p", {}, this.host.strings().connecting)));
  }

  failed(text: string, retry: () => void): void {
    const { h } = this.host.kit;
    const t = this.host.strings();
    this.#reset();
    this.#body.replaceChildren(h("p", { class: "message", role: "alert" }, text));
    this.#foot.replaceChildren(
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", class: "primary", part: "retry", click: retry }, t.retry),
        h("button", { type: "button", class: "plain", part: "close", click: () => this.host.close() }, t.close),
      ),
    );
    this.focus();
  }

  /** The message form: nobody is there, or live help is not to be had for this item. */
  inquiry(why: "nobody" | "closed"): void {
    this.#reset();
    this.#title.textContent = this.host.strings().leaveMessage;
    const form = inquiryForm(this.host, why, (done) => {
      this.#body.replaceChildren(done);
      this.host.announce(done.textContent ?? "");
      this.focus();
    });
    this.#body.replaceChildren(form);
    this.focus();
  }

  frame(frame: ToBrowser): void {
    this.#conversation?.receive(frame);
  }

  status(status: Status): void {
    clearTimeout(this.#offlineTimer);
    if (status === "open") {
      this.#notice.hidden = true;
      return;
    }
    this.#conversation?.disconnected();
    this.#drawSubtitle();
    this.#offlineTimer = setTimeout(() => {
      if (!this.#view || this.#view.state === "ended") return;
      this.#notice.textContent = this.host.strings().offline;
      this.#notice.hidden = false;
    }, OFFLINE_AFTER);
  }

  connected(): void {
    this.#conversation?.connected();
  }

  /** The visitor may be looking at it now. */
  seen(): void {
    if (!this.host.shown() || document.visibilityState === "hidden") return;
    this.#fit();
    this.#log?.stick();
    this.#conversation?.read();
    this.#count(0);
  }

  focus(): void {
    if (!this.host.shown()) return;
    const target = this.element.querySelector<HTMLElement>(".foot textarea, .body input, .body textarea, .foot button, .body button");
    (target ?? this.element).focus();
  }

  dispose(): void {
    this.#reset();
    clearTimeout(this.#offlineTimer);
    visualViewport?.removeEventListener("resize", this.#fit);
    this.element.remove();
  }

  #reset(): void {
    this.#conversation?.dispose();
    this.#conversation = this.#log = this.#composer = this.#view = null;
    this.#title.textContent = this.host.strings().title;
    this.#subtitle.textContent = "";
    this.#end.hidden = this.#confirm.hidden = this.#notice.hidden = true;
    this.#body.replaceChildren();
    this.#foot.replaceChildren();
    this.element.classList.add("short");
    this.#count(0);
  }

  #begin(view: SessionView): void {
    const { client, kit } = this.host;
    this.#reset();
    this.element.classList.remove("short");
    this.#known = view.lastNumber;
    const store = kit.storage("sessionStorage");
    const conversation = new Conversation({
      session: view.id,
      me: "visitor",
      store: pendingIn(store),
      send: (frame) => client.send(frame),
      changed: (fresh) => this.#changed(fresh),
      stalled: () => client.reconnect(),
    });
    const draft = `livesales:draft:${view.id}`;
    this.#conversation = conversation;
    this.#log = new Log(this.host, (key) => {
      const text = conversation.withdraw(key);
      if (text) this.#composer?.write(text);
    });
    this.#composer = new Composer(this.host, {
      draft: store?.getItem(draft) ?? "",
      say: (text) => conversation.say(text),
      typing: (active) => conversation.typing(active),
      keep: (text) => kit.keep(store, draft, text || null),
    });
    this.#body.replaceChildren(this.#waiting, this.#log.element);
    this.#foot.replaceChildren(this.#composer.element);
    if (client.online) conversation.connected();
    else this.#changed([]);
  }

  #changed(fresh: Entry[]): void {
    const conversation = this.#conversation;
    if (!conversation || !this.#log) return;
    let heard = 0;
    for (const entry of fresh) {
      const news = entry.number > this.#known;
      if (entry.kind === "message" && news && !this.host.emit("message", entry, true)) continue;
      if (entry.kind === "message" && entry.sender !== "visitor" && news) heard += 1;
      this.#log.add(entry);
    }
    this.#log.update(conversation);
    this.#drawSubtitle();
    const looking = this.host.shown() && document.visibilityState === "visible";
    if (looking) conversation.read();
    else if (heard) this.#count(this.#unread + heard);
  }

  #count(unread: number): void {
    if (unread === this.#unread) return;
    this.#unread = unread;
    this.host.unread(unread);
  }

  #dots(): HTMLElement {
    const { h } = this.host.kit;
    return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  }

  #drawWaiting({ position }: SessionView): void {
    const { h } = this.host.kit;
    const t = this.host.strings();
    const place = position === null ? "" : position === 1 ? t.next : this.host.kit.fill(t.position, { position });
    if (this.#waiting.dataset["place"] === place && this.#waiting.childElementCount) return;
    if (place && this.#waiting.childElementCount) this.host.announce(place);
    this.#waiting.dataset["place"] = place;
    this.#waiting.replaceChildren(
      this.#dots(),
      h("p", {}, t.waiting),
      place ? h("p", { class: "place", part: "position" }, place) : "",
      h("p", { class: "hint" }, t.writeAlready),
    );
  }

  #drawSubtitle(): void {
    const view = this.#view;
    const t = this.host.strings();
    let text = "";
    if (view?.state === "on_hold") text = t.onHold;
    else if (view?.state === "active") {
      const name = view.repName ?? t.rep;
      text = this.#conversation?.peerTyping ? this.host.kit.fill(t.typing, { name }) : t.title;
    }
    if (this.#subtitle.textContent !== text) this.#subtitle.textContent = text;
  }

  #drawEnded({ reason }: SessionView): void {
    const { h } = this.host.kit;
    const t = this.host.strings();
    const words: Record<string, string> = { visitor: t.endedVisitor, rep: t.endedRep, idle: t.endedIdle, nobody: t.endedNobody };
    const text = words[reason ?? ""] ?? t.endedOther;
    const inside = this.element.contains((this.element.getRootNode() as ShadowRoot).activeElement);
    const { client } = this.host;
    this.#composer?.stop();
    this.#foot.replaceChildren(
      h("p", { class: "ended", part: "ended" }, text),
      h(
        "div",
        { class: "actions" },
        client.storefront?.requestsAllowed ? h("button", { type: "button", class: "primary", part: "again", click: () => this.host.again() }, t.again) : "",
        h("button", { type: "button", class: "plain", part: "close", click: () => this.host.close() }, t.close),
      ),
    );
    this.host.announce(text);
    if (inside) this.focus();
    if (!this.host.shown()) this.#count(this.#unread + 1);
  }

  #ask(open: boolean): void {
    this.#confirm.hidden = !open;
    if (open) this.#confirm.querySelector("button")?.focus();
    else this.focus();
  }

  async #finish(): Promise<void> {
    const view = this.#view;
    if (!view) return;
    const buttons = [...this.#confirm.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      await this.host.client.call(END, (ticket) => ({ id: view.id, ticket }));
      if (this.#view?.id === view.id && this.#view.state !== "ended") this.host.ended({ ...this.#view, state: "ended", reason: "visitor", position: null });
      this.focus();
    } catch (error) {
      if ((error as { code?: string }).code === "SESSION_ENDED") {
        const now = await this.host.client.session(view.id).catch(() => null);
        this.host.ended(now ?? { ...view, state: "ended" });
        return;
      }
      this.#notice.textContent = this.host.explain(error);
      this.#notice.hidden = false;
      this.#ask(false);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  readonly #fit = (): void => {
    const height = visualViewport ? `${Math.round(visualViewport.height)}px` : "100dvh";
    this.element.style.setProperty("--_height", height);
  };
}

// The window over the page: waiting, conversation, end, or a message form. Loaded when it is first needed.
// What the eager part has already (helpers, words, the client) comes with the host, so that nothing is shipped twice.
import { About } from "./about";
import { Attach } from "./attach";
import type { LiveClient } from "./client";
import { codeForm, redeem, refusal } from "./codes";
import { Composer } from "./composer";
import { Fit } from "./fit";
import { ended, failed, question } from "./foot";
import END from "./graphql/SessionEnd.graphql";
import { inquiryForm, type Why } from "./inquiry";
import type { Kit } from "./kit";
import { Conversation, pendingIn } from "./live/conversation";
import type { Status } from "./live/socket";
import { Log } from "./log";
import { Notice } from "./notice";
import type { Rating } from "./rating";
import { accept, lookup, mayAsk, type About as Subject, request } from "./request";
import type { SessionNode, SessionView } from "./session";
import { Sound } from "./sound";
import type { Strings } from "./strings";
import css from "./styles/panel.css";
import { download, said, transcript } from "./transcript";
import { Waiting, dots } from "./waiting";
import type { Entry, ToBrowser } from "./wire";

export { windowWords } from "./words";

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
  /** Asks for help, about this where it is given. */
  again(about?: Subject): void;
  ended(view: SessionView): void;
  product(): string;
  about(): Subject;
}

const MINUS = "M6 12h12";
const MORE = "M7 10l5 5l5-5";

const SERVED = new Set<string>(["active", "on_hold", "ended"]); // states in which a rep's name belongs to the session

let adopted: CSSStyleSheet | undefined;

export class Panel {
  readonly element: HTMLElement;
  readonly sheet: CSSStyleSheet;

  #view: SessionView | null = null;
  #conversation: Conversation | null = null;
  #log: Log | null = null;
  #composer: Composer | null = null;
  readonly #withheld = new Set<number>(); // entries that the page keeps back
  #known = 0; // entries up to this number are history: they are not told again
  #unread = 0;
  #endMissed = false;
  #rating: Promise<Rating | null> | null = null;
  readonly #face: HTMLElement;
  readonly #title: HTMLElement;
  readonly #subtitle: HTMLElement;
  readonly #who: HTMLButtonElement;
  readonly #end: HTMLButtonElement;
  readonly #body: HTMLElement;
  readonly #foot: HTMLElement;
  readonly #confirm: HTMLElement;
  readonly #notice: Notice;
  readonly #waiting: Waiting;
  readonly #about: About;
  readonly #sound: Sound;
  readonly #fit: Fit;
  readonly #attach: Attach;

  constructor(private readonly host: PanelHost) {
    const { h, icon, sheet } = host.kit;
    const t = host.strings();
    this.sheet = adopted ??= sheet(css);
    this.#sound = new Sound(host.kit);
    this.#notice = new Notice(host);
    this.#waiting = new Waiting(host);
    this.#about = new About(host, this.#sound, () => this.#save());
    this.#face = h("span", { class: "face" });
    this.#title = h("h2", { id: "title", dir: "auto" }, t.title);
    this.#subtitle = h("p", { class: "subtitle", dir: "auto" });
    this.#who = h(
      "button",
      { type: "button", class: "quiet round", part: "who", "aria-label": t.about, "aria-expanded": "false", "aria-controls": "about", hidden: true, click: () => this.#tell(Boolean(this.#about.element.hidden)) },
      icon(MORE),
    );
    this.#end = h("button", { type: "button", class: "quiet", part: "end", hidden: true, click: () => this.#ask(true) }, t.end);
    const away = h("button", { type: "button", class: "quiet round", part: "minimise", "aria-label": t.minimise, click: () => host.close() }, icon(MINUS));
    this.#body = h("div", { class: "body" });
    this.#foot = h("div", { class: "foot" });
    this.#confirm = question(host, () => void this.#finish(), () => this.#ask(false));
    this.element = h(
      "section",
      { class: "panel", part: "window", role: "dialog", "aria-labelledby": "title", tabindex: "-1", pointerdown: this.#sound.touched },
      h("header", {}, this.#face, h("div", { class: "who" }, this.#title, this.#subtitle), this.#who, this.#end, away),
      this.#about.element,
      this.#notice.element,
      this.#body,
      this.#confirm,
      this.#foot,
    );
    this.element.addEventListener("keydown", (event) => {
      this.#sound.touched();
      if (event.key === "Tab") this.#fit.tab(event);
      if (event.key !== "Escape") return;
      event.stopPropagation();
      if (!this.#confirm.hidden) this.#ask(false);
      else if (!this.#about.element.hidden) this.#tell(false);
      else host.close();
    });
    this.#fit = new Fit(this.element);
    this.#attach = new Attach(host, this.element);
    this.#draw();
  }

  /** The session as it is now; a new id begins a new conversation. */
  session(view: SessionView): void {
    const before = this.#view;
    if (before?.id !== view.id) this.#begin(view);
    this.#view = view;
    const over = view.state === "ended";
    const waiting = !over && view.state !== "active" && view.state !== "on_hold";
    this.#end.hidden = over;
    this.#who.hidden = false;
    this.#waiting.element.hidden = !waiting;
    if (waiting) this.#waiting.draw(view);
    if (over) this.#confirm.hidden = true;
    this.#about.draw(view);
    this.#draw();
    if (over && before?.state !== "ended") this.#drawEnded(view);
    else if (!over && this.#composer && !this.#composer.element.isConnected) this.#foot.replaceChildren(this.#composer.element);
    const conversation = this.#conversation!;
    conversation.ownRead = Math.max(conversation.ownRead, view.visitorRead);
    conversation.peerRead = Math.max(conversation.peerRead, view.repRead);
    this.#changed([]);
    if (before?.id === view.id && before.state !== "active" && view.state === "active" && !this.#looking) this.#sound.ring();
  }

  connecting(): void {
    const { h } = this.host.kit;
    this.#reset();
    this.#body.replaceChildren(h("div", { class: "waiting" }, dots(this.host.kit), h("p", {}, this.host.strings().connecting)));
  }

  /** Takes an offer. Raises ApiError. */
  accept(id: string): Promise<SessionNode> {
    return accept(this.host, id);
  }

  lookup(id: string): Promise<SessionView | null> {
    return lookup(this.host, id);
  }

  /** Asks for a session: see `request`. */
  request(about: Subject, refused: (error: unknown) => void, code?: string): Promise<SessionNode | null> {
    return request(this.host, about, { inquiry: (why) => this.inquiry(why), code: (given) => this.code(given), refused }, code);
  }

  /** The field for a sign-in code; one that is given is entered at once. What it is about, help is asked for then. */
  code(given: string): void {
    this.#reset();
    const t = this.host.strings();
    this.#title.textContent = t.code;
    const form = codeForm(this.host, given, (about) => {
      this.host.announce(t.codeDone);
      this.host.emit("code", {});
      this.#body.replaceChildren(this.host.kit.h("div", { class: "done", part: "code-done" }, this.host.kit.h("p", {}, t.codeDone)));
      this.focus();
      void mayAsk(this.host.client).then(
        (may) => may && this.host.again({ ...this.host.about(), ...about }),
        () => undefined, // the code is taken all the same
      );
    });
    this.#body.replaceChildren(form);
    this.focus();
  }

  /** A code that the address carried while a session goes on: entered beside it, without a field. */
  enter(code: string | undefined): void {
    if (!code) return;
    redeem(this.host, code).then(
      () => {
        this.host.announce(this.host.strings().codeDone);
        this.host.emit("code", {});
      },
      (error: unknown) => this.#notice.say(refusal(this.host, error)),
    );
  }

  failed(text: string, retry: () => void): void {
    this.#reset();
    this.#body.replaceChildren(this.host.kit.h("p", { class: "message", role: "alert" }, text));
    this.#foot.replaceChildren(failed(this.host, retry));
    this.focus();
  }

  /** The message form, and why it is shown. */
  inquiry(why: Why): void {
    this.#reset();
    this.#title.textContent = this.host.strings().leaveMessage;
    const form = inquiryForm(this.host, why, (done) => {
      this.#body.replaceChildren(done);
      this.host.announce(done.querySelector("p")?.textContent ?? "");
      this.focus();
    });
    const { h } = this.host.kit;
    this.#body.replaceChildren(form, h("button", { type: "button", class: "plain", part: "code", click: () => this.code("") }, this.host.strings().codeHave));
    this.focus();
  }

  frame(frame: ToBrowser): void {
    if (frame.type === "rated") void this.#rating?.then((rating) => rating?.heard(frame));
    this.#conversation?.receive(frame);
  }

  status(status: Status, code: number): void {
    if (status !== "open") this.#conversation?.disconnected();
    this.#draw();
    this.#notice.status(status, code, () => this.#view !== null && this.#view.state !== "ended");
  }

  connected(): void {
    this.#conversation?.connected();
  }

  /** The visitor may be looking at it now. */
  seen(): void {
    if (!this.#looking) return;
    this.#fit.now();
    this.#log?.stick();
    this.#endMissed = false;
    this.#changed([]);
  }

  focus(): void {
    if (!this.host.shown()) return;
    const find = (selectors: string) => this.element.querySelector<HTMLElement>(selectors);
    (find(".foot textarea, .body input, .body textarea, .stars input") ?? find(".foot button, .body button") ?? this.element).focus();
  }

  dispose(): void {
    this.#reset();
    this.#fit.stop();
    this.#sound.stop();
    this.element.remove();
  }

  /** Whether a rep has the session, or had it to the end. */
  get #served(): boolean {
    const view = this.#view;
    return view !== null && SERVED.has(view.state) && (view.state !== "ended" || view.repName !== null);
  }

  get #shown(): Entry[] {
    return this.#conversation?.entries.filter((entry) => !this.#withheld.has(entry.number)) ?? [];
  }

  get #looking(): boolean {
    return this.host.shown() && document.visibilityState !== "hidden";
  }

  #reset(): void {
    this.#conversation?.dispose();
    void this.#rating?.then((rating) => rating?.dispose());
    this.#rating = null;
    this.#attach.stop();
    this.#conversation = this.#log = this.#composer = this.#view = null;
    this.#end.hidden = this.#who.hidden = this.#confirm.hidden = this.#about.element.hidden = true;
    this.#notice.clear();
    this.#endMissed = false;
    this.#withheld.clear();
    this.#draw();
    this.#body.replaceChildren();
    this.#foot.replaceChildren();
    this.element.classList.add("short");
    this.#count();
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
    const edit = (key: string): void => {
      const text = conversation.withdraw(key);
      if (text) this.#composer?.write(text);
    };
    this.#log = new Log(this.host, edit, (entry) => this.#attach.slot(entry));
    this.#composer = new Composer(this.host, {
      draft: store.getItem(draft) ?? "",
      say: (text) => conversation.say(text),
      typing: (active) => conversation.typing(active),
      keep: (text) => kit.keep(store, draft, text || null),
    });
    this.#attach.begin({ session: view.id, form: this.#composer.element, sent: (entry) => conversation.receive(entry) });
    this.#body.replaceChildren(this.#waiting.element, this.#log.element);
    this.#foot.replaceChildren(this.#composer.element);
    if (client.online) conversation.connected();
    else this.status("offline", 0);
  }

  #changed(fresh: Entry[]): void {
    const conversation = this.#conversation;
    const log = this.#log;
    if (!conversation || !log) return;
    let heard = false;
    for (const entry of fresh) {
      const news = entry.number > this.#known;
      if (entry.kind === "message" && news && !this.host.emit("message", entry, true)) {
        this.#withheld.add(entry.number);
        continue;
      }
      log.add(entry);
      if (!news || entry.sender === "visitor") continue;
      const text = entry.kind === "message" ? `${log.rep}: ${said(entry, this.host.strings())}` : log.words(entry);
      if (text) this.host.announce(text);
      heard ||= entry.kind === "message";
    }
    log.update(conversation, this.#served);
    this.#draw();
    if (this.#looking) conversation.read();
    else if (heard) this.#sound.ring();
    this.#count();
  }

  /** Messages of the other side that this visitor has not read in any window, and an end that it has not seen. */
  #count(): void {
    const read = this.#conversation?.ownRead ?? 0;
    const missed = this.#shown.filter((entry) => entry.kind === "message" && entry.sender !== "visitor" && entry.number > read);
    const unread = missed.length + Number(this.#endMissed);
    if (unread === this.#unread) return;
    this.#unread = unread;
    this.host.unread(unread);
  }

  /** The window's head. */
  #draw(): void {
    const view = this.#view;
    const t = this.host.strings();
    const name = view && SERVED.has(view.state) ? view.repName : null;
    let text = "";
    if (view?.state === "on_hold") text = t.onHold;
    else if (view?.state === "active") text = this.#conversation?.peerTyping ? t.typing : t.title;
    if (this.#subtitle.textContent !== text) this.#subtitle.textContent = text;
    const title = name ?? t.title;
    const picture = name ? view!.repAvatarUrl : null;
    const state = `${title}|${picture}`;
    if (this.#face.dataset["of"] === state && this.#title.textContent === title) return;
    this.#face.dataset["of"] = state;
    this.#title.textContent = title;
    this.#face.replaceChildren(this.host.kit.avatar(name, picture));
  }

  #drawEnded({ id, reason, repName }: SessionView): void {
    const inside = this.element.contains((this.element.getRootNode() as ShadowRoot).activeElement);
    this.#composer?.stop();
    this.#attach.stop();
    const { text, nodes } = ended(this.host, reason, () => {
      if (!this.#save()) this.#notice.say(this.host.strings().saveLater);
    });
    this.#notice.clear();
    this.#foot.replaceChildren(...nodes);
    this.host.announce(text);
    if (inside) this.focus();
    this.#endMissed = !this.#looking;
    this.#count();
    // Who was answered is asked how it was, now and never before.
    if (repName) this.#rating = import("./rating").then(({ ask }) => ask(this.host, this.#foot, id)).catch(() => null);
  }

  /** Whether everything was here to be saved. */
  #save(): boolean {
    const view = this.#view;
    const conversation = this.#conversation;
    const log = this.#log;
    if (!view || !conversation || !log || conversation.lastNumber < view.lastNumber) return false;
    const told = { entries: this.#shown, words: (entry: Entry) => log.words(entry), rep: log.rep };
    const now = new Date();
    const day = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
    download(this.host.kit, `${location.hostname}-${day}.txt`, transcript(told, this.host, location.hostname, now));
    return true;
  }

  #tell(open: boolean): void {
    this.#about.element.hidden = !open;
    this.#who.setAttribute("aria-expanded", String(open));
    this.#who.focus();
  }

  #ask(open: boolean): void {
    this.#confirm.hidden = !open;
    if (open) this.#confirm.querySelector("button")?.focus();
    else this.#end.focus();
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
        const now = await this.lookup(view.id).catch(() => null);
        this.host.ended(now ?? { ...view, state: "ended" });
        return;
      }
      this.#ask(false);
      this.#notice.say(this.host.explain(error));
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }
}

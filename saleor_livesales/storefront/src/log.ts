// The conversation as lines: messages by number, changes of state in words, and what is still on its way at the end.
import { linked } from "./links";
import type { Conversation, Pending } from "./live/conversation";
import type { PanelHost } from "./panel";
import type { Entry } from "./wire";

const NEAR = 80; // px from the end within which the log follows new lines
const CLOCK = "M12 7v5l3 2M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16z";
const TICK = "M5 12l5 5l9-10";
const TICKS = "M2 12l5 5l8-10M12 16l1 1l9-10";

/** How far a message of the visitor's has come. See the words `sentMeans` to `readMeans`. */
export type Way = "sending" | "sent" | "delivered" | "read";

export class Log {
  readonly element: HTMLElement;
  readonly #list: HTMLElement;
  readonly #onTheWay = new Map<string, HTMLElement>();
  readonly #own: { number: number; status: HTMLElement }[] = [];
  readonly #time: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #dots: HTMLElement;
  #day = "";
  #name = "";

  constructor(
    private readonly host: PanelHost,
    private readonly edit: (key: string) => void,
    private readonly slot: (entry: Entry) => HTMLElement,
  ) {
    const { h } = host.kit;
    this.#time = new Intl.DateTimeFormat(host.locale, { hour: "numeric", minute: "2-digit" });
    this.#date = new Intl.DateTimeFormat(host.locale, { weekday: "long", day: "numeric", month: "long" });
    this.#dots = h("div", { class: "writing", "aria-hidden": "true", hidden: true }, h("span", { class: "dots" }, h("i"), h("i"), h("i")));
    // Not live by itself: what is new is told once, by the window, and neither history nor a tick is.
    this.#list = h("div", { class: "lines" });
    let atEnd = true;
    this.element = h(
      "div",
      { class: "log", part: "log", role: "log", "aria-live": "off", "aria-label": host.strings().log, tabindex: "0", scroll: () => (atEnd = this.#follows()) },
      this.#list,
      this.#dots,
    );
    // What comes between log and input (a question, a growing input, the end) must not hide the last line.
    new ResizeObserver(() => atEnd && this.stick()).observe(this.element);
  }

  /** Whoever answers, or "" before somebody did. */
  get rep(): string {
    return this.#name || this.host.strings().rep;
  }

  /** Adds an entry that follows all added before. */
  add(entry: Entry): void {
    const follows = this.#follows();
    if (entry.kind === "message") this.#addMessage(entry);
    else this.#addState(entry);
    if (follows || entry.sender === "visitor") this.stick();
  }

  /** Shows what is on its way, how far the rest has come, and whether the other side writes. */
  update({ pending, peerRead, peerTyping }: Conversation, served: boolean): void {
    const follows = this.#follows();
    const keys = new Set(pending.map((item) => item.key));
    for (const [key, line] of this.#onTheWay) {
      if (keys.has(key)) continue;
      this.#onTheWay.delete(key);
      line.remove();
    }
    for (const item of pending) this.#way(item);
    const seen = this.#own.filter(({ number }) => number <= peerRead).at(-1);
    for (const own of this.#own) {
      const way = own.number <= peerRead ? "read" : served ? "delivered" : "sent";
      this.#mark(own.status, way, own === seen || own === this.#own.at(-1));
    }
    this.#dots.hidden = !peerTyping;
    if (follows) this.stick();
  }

  /** To the end. */
  stick(): void {
    this.element.scrollTop = this.element.scrollHeight;
  }

  /** What a change of state or a notice means to the visitor, or "" where it is not worth a line. */
  words({ data = {} }: Entry): string {
    const t = this.host.strings();
    const { fill } = this.host.kit;
    if (data["notice"]) return data["notice"] === "ends" ? fill(t.ending, { time: this.#time.format(new Date(data["endsAt"]!)) }) : t.resumed;
    const name = data["repName"] || this.#name || t.someone;
    if (data["to"] === "active") return data["from"] === "on_hold" ? t.resumed : fill(t.joined, { name });
    if (data["to"] === "on_hold") return t.held;
    return data["to"] === "queued" && (data["from"] === "active" || data["from"] === "on_hold") ? fill(t.requeued, { name }) : "";
  }

  #follows(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  /** Ticks on each line; the word too on the last, and on the last that was read: colour alone would not tell it. */
  #mark(status: HTMLElement, way: Way, word: boolean): void {
    const state = `${way} ${word}`;
    if (status.dataset["state"] === state) return;
    const { h, icon } = this.host.kit;
    const text = this.host.strings()[way];
    status.dataset["state"] = state;
    const path = way === "sending" ? CLOCK : way === "sent" ? TICK : TICKS;
    status.replaceChildren(h("span", { class: word ? "" : "sr" }, text), h("span", { class: `tick ${way}`, title: text }, icon(path)));
  }

  /** Before the lines on their way, which stay the last ones. */
  #place(line: HTMLElement): void {
    const [first] = this.#onTheWay.values();
    this.#list.insertBefore(line, first ?? null);
  }

  #newDay(at: string): void {
    const { h } = this.host.kit;
    const t = this.host.strings();
    const moment = new Date(at);
    const day = moment.toDateString();
    if (day === this.#day) return;
    this.#day = day;
    const now = new Date();
    const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
    const text = day === now.toDateString() ? t.today : day === yesterday.toDateString() ? t.yesterday : this.#date.format(moment);
    this.#place(h("p", { class: "day", part: "day" }, text));
  }

  #addMessage(entry: Entry): void {
    this.#newDay(entry.at);
    const mine = entry.sender === "visitor";
    const key = entry.key ?? "";
    const waiting = this.#onTheWay.get(key);
    this.#onTheWay.delete(key);
    const line = waiting ?? this.#line(entry.text ?? "", mine, entry.picture && this.slot(entry));
    const status = line.querySelector<HTMLElement>(".status")!;
    line.classList.remove("way");
    line.querySelector("time")!.textContent = this.#time.format(new Date(entry.at));
    line.querySelector("time")!.setAttribute("datetime", entry.at);
    // A line that is already the first of those on their way is where it belongs: moving it would lose a selection.
    if (!waiting) this.#place(line);
    else if (waiting.nextElementSibling !== ([...this.#onTheWay.values()][0] ?? null)) this.#place(line);
    if (mine) this.#own.push({ number: entry.number, status });
  }

  #addState(entry: Entry): void {
    const text = this.words(entry);
    if (entry.data?.["to"] === "active") this.#name = entry.data["repName"] || this.#name || this.host.strings().someone;
    if (!text) return;
    this.#newDay(entry.at);
    this.#place(this.host.kit.h("p", { class: "state", part: "state", dir: "auto" }, text));
  }

  #line(text: string, mine: boolean, picture?: HTMLElement): HTMLElement {
    const { h } = this.host.kit;
    const t = this.host.strings();
    return h(
      "div",
      { class: mine ? "line mine" : "line theirs", part: mine ? "message mine" : "message theirs" },
      h("span", { class: "sr" }, `${mine ? t.you : this.rep}: `),
      picture,
      (text || !picture) && h("p", { class: "text", dir: "auto" }, ...linked(this.host.kit, text, t.newTab)),
      h("p", { class: "meta" }, h("time"), h("span", { class: "status" })),
    );
  }

  #way(item: Pending): void {
    const { h } = this.host.kit;
    const t = this.host.strings();
    let line = this.#onTheWay.get(item.key);
    if (!line) {
      line = this.#line(item.text, true);
      line.classList.add("way");
      this.#onTheWay.set(item.key, line);
      this.#list.append(line);
      this.stick();
    }
    const status = line.querySelector<HTMLElement>(".status")!;
    if (item.refused === undefined) return this.#mark(status, "sending", true);
    if (line.classList.contains("refused")) return;
    line.classList.add("refused");
    const reasons: Record<string, string> = { SESSION_ENDED: t.refusedEnded, TOO_LONG: t.refusedTooLong };
    const text = this.host.kit.fill(t.notSent, { reason: reasons[item.code ?? ""] ?? t.refusedOther });
    status.replaceChildren(`${text} `, h("button", { type: "button", class: "link", part: "edit", click: () => this.edit(item.key) }, t.edit));
    this.host.announce(text);
  }
}

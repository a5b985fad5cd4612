// The conversation as lines: messages by number, changes of state in words, and what is still on its way at the end.
import type { Conversation, Pending } from "./live/conversation";
import type { PanelHost } from "./panel";
import type { Entry } from "./wire";

const NEAR = 80; // px from the end within which the log follows new lines

export class Log {
  readonly element: HTMLElement;
  readonly #list: HTMLElement;
  readonly #onTheWay = new Map<string, HTMLElement>();
  readonly #own: { number: number; status: HTMLElement }[] = [];
  readonly #time: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;
  #day = "";
  #name = "";

  constructor(
    private readonly host: PanelHost,
    private readonly edit: (key: string) => void,
  ) {
    const { h } = host.kit;
    this.#time = new Intl.DateTimeFormat(host.locale, { hour: "numeric", minute: "2-digit" });
    this.#date = new Intl.DateTimeFormat(host.locale, { weekday: "long", day: "numeric", month: "long" });
    this.#list = h("div", { class: "lines", role: "log", "aria-live": "polite", "aria-label": host.strings().log });
    let atEnd = true;
    this.element = h("div", { class: "log", part: "log", tabindex: "0", scroll: () => (atEnd = this.#follows()) }, this.#list);
    // What comes between log and input (a question, a growing input, the end) must not hide the last line.
    new ResizeObserver(() => atEnd && this.stick()).observe(this.element);
  }

  /** Adds an entry that follows all added before. */
  add(entry: Entry): void {
    const follows = this.#follows();
    if (entry.kind === "state") this.#addState(entry);
    else this.#addMessage(entry);
    if (follows || entry.sender === "visitor") this.stick();
  }

  /** Shows what is on its way, and how far the other side has read. */
  update({ pending, peerRead }: Conversation): void {
    const t = this.host.strings();
    const follows = this.#follows();
    const keys = new Set(pending.map((item) => item.key));
    for (const [key, line] of this.#onTheWay) {
      if (keys.has(key)) continue;
      this.#onTheWay.delete(key);
      line.remove();
    }
    for (const item of pending) this.#way(item);
    const last = this.#own.at(-1);
    for (const own of this.#own) {
      const text = own === last ? (own.number <= peerRead ? t.seen : t.sent) : "";
      if (own.status.textContent !== text) own.status.textContent = text;
    }
    if (follows) this.stick();
  }

  /** To the end. */
  stick(): void {
    this.element.scrollTop = this.element.scrollHeight;
  }

  #follows(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  /** Before the lines on their way, which stay the last ones. */
  #place(line: HTMLElement): void {
    const [first] = this.#onTheWay.values();
    this.#list.insertBefore(line, first ?? null);
  }

  #mark(at: string): void {
    const { h } = this.host.kit;
    const t = this.host.strings();
    const moment = new Date(at);
    const day = moment.toDateString();
    if (day === this.#day) return;
    this.#day = day;
    const now = new Date();
    const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
    const text = day === now.toDateString() ? t.today : day === yesterday.toDateString() ? t.yesterday : this.#date.format(moment);
    this.#place(h("p", { class: "day" }, text));
  }

  #addMessage(entry: Entry): void {
    this.#mark(entry.at);
    const mine = entry.sender === "visitor";
    const key = entry.key ?? "";
    const waiting = this.#onTheWay.get(key);
    this.#onTheWay.delete(key);
    const line = waiting ?? this.#line(entry.text ?? "", mine);
    const status = line.querySelector<HTMLElement>(".status")!;
    line.classList.remove("way");
    line.querySelector("time")!.textContent = this.#time.format(new Date(entry.at));
    line.querySelector("time")!.setAttribute("datetime", entry.at);
    status.textContent = "";
    // A line that is already the first of those on their way is where it belongs: moving it would be read out again.
    if (!waiting) this.#place(line);
    else if (waiting.nextElementSibling !== ([...this.#onTheWay.values()][0] ?? null)) this.#place(line);
    if (mine) this.#own.push({ number: entry.number, status });
  }

  #addState({ at, data = {} }: Entry): void {
    const t = this.host.strings();
    const { fill } = this.host.kit;
    const name = data["repName"] || this.#name || t.someone;
    let text = "";
    if (data["to"] === "active") text = data["from"] === "on_hold" ? t.resumed : fill(t.joined, { name });
    else if (data["to"] === "on_hold") text = t.held;
    else if (data["to"] === "queued" && (data["from"] === "active" || data["from"] === "on_hold")) text = fill(t.requeued, { name });
    if (data["to"] === "active") this.#name = name;
    if (!text) return;
    this.#mark(at);
    this.#place(this.host.kit.h("p", { class: "state", dir: "auto" }, text));
  }

  #line(text: string, mine: boolean): HTMLElement {
    const { h } = this.host.kit;
    const t = this.host.strings();
    return h(
      "div",
      { class: mine ? "line mine" : "line theirs", part: mine ? "message mine" : "message theirs" },
      h("span", { class: "sr" }, `${mine ? t.you : this.#name || t.rep}: `),
      h("p", { class: "text", dir: "auto" }, text),
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
    if (item.refused === undefined) {
      if (status.textContent !== t.sending) status.textContent = t.sending;
      return;
    }
    if (line.classList.contains("refused")) return;
    line.classList.add("refused");
    const reasons: Record<string, string> = { SESSION_ENDED: t.refusedEnded, TOO_LONG: t.refusedTooLong };
    const reason = reasons[item.code ?? ""] ?? t.refusedOther;
    status.replaceChildren(
      `${this.host.kit.fill(t.notSent, { reason })} `,
      h("button", { type: "button", class: "link", part: "edit", click: () => this.edit(item.key) }, t.edit),
    );
  }
}

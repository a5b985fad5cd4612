// <live-sales-member>: as what the visitor is known, or the field for a member's sign-in code. A file of its own, for any
// page of the shop, with the widget on it or without.
import { h, sheet } from "./dom";
import { takeCode } from "./fragment";
import BADGE from "./graphql/MemberBadge.graphql";
import REDEEM from "./graphql/SignInCodeRedeem.graphql";
import STOREFRONT from "./graphql/Storefront.graphql";
import IDENTIFY from "./graphql/VisitorIdentify.graphql";
import { ticketOf } from "./line";
import { ask } from "./live/api";
import arabic from "./locales/member-ar.json";
import german from "./locales/member-de.json";
import english from "./locales/member-en.json";
import spanish from "./locales/member-es.json";
import french from "./locales/member-fr.json";
import polish from "./locales/member-pl.json";
import { type Look, wear } from "./look";
import css from "./styles/member.css";

export type MemberWords = typeof english;

/** As what a visitor is known. `name` is the account's own, null for who came by a code. */
export interface Member {
  name: string | null;
  byCode: boolean;
  plan: { name: string; level: number };
  sessions: { left: number | null; limit: number | null };
}

interface Storefront {
  active: boolean;
  gatewayUrl: string;
  look: Look;
}

const TAG = "live-sales-member";
const WIDGET = "live-sales";
const WORDS: Record<string, MemberWords> = { ar: arabic, de: german, en: english, es: spanish, fr: french, pl: polish };
const SETTINGS = ["channel", "api", "gateway", "lang", "theme"] as const;
const AGAIN = 30_000; // ms until a shop that did not answer is asked again

let adopted: CSSStyleSheet | undefined;
let waiting: string | undefined; // a code out of the address, until it is entered

/**
 * Parts: `badge`, `name`, `plan`, `sessions`; `form`, `label`, `code`, `send`, `problem`. Events, bubbling and composed:
 * `livesales:member` (detail: Member or null), `livesales:code` (one was taken), `livesales:error` (detail: ApiError).
 */
export class LiveSalesMemberElement extends HTMLElement {
  static readonly observedAttributes = [...SETTINGS];

  #member: Member | null = null;
  #known = false;
  #storefront: Storefront | null = null;
  #ticket: string | null = null;
  #run = 0; // of what was begun: whatever an earlier one answers is too late
  #own: Partial<MemberWords> = {};
  #again: ReturnType<typeof setTimeout> | undefined;
  #queued = false;
  readonly #dock = h("div", { class: "dock" });

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [(adopted ??= sheet(css))];
    root.append(this.#dock);
  }

  /** As last heard; null before, and for whoever is no member. */
  get member(): Member | null {
    return this.#member;
  }

  /** The words shown; set some of them to replace ours. */
  get strings(): MemberWords {
    return { ...(WORDS[this.#language] ?? english), ...this.#own };
  }
  set strings(some: Partial<MemberWords>) {
    this.#own = { ...this.#own, ...some };
    this.#draw();
  }

  connectedCallback(): void {
    document.addEventListener("livesales:code", this.#heard);
    void this.refresh();
  }

  disconnectedCallback(): void {
    document.removeEventListener("livesales:code", this.#heard);
    clearTimeout(this.#again);
    this.#run++;
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === "lang" || name === "theme") return this.#draw();
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      this.#storefront = this.#ticket = null;
      void this.refresh();
    });
  }

  /** Asks anew as what the visitor is known. Never rejects: see `livesales:error`. */
  async refresh(): Promise<void> {
    const run = ++this.#run;
    clearTimeout(this.#again);
    const [channel, api] = [this.#get("channel"), this.#get("api")];
    if (!channel || !api) return console.warn(`<${TAG}> needs the attributes channel and api.`);
    try {
      this.#storefront ??= (await ask<{ liveStorefront: Storefront | null }>(api, STOREFRONT, { channel })).liveStorefront;
      if (run !== this.#run || !this.#storefront?.active) return;
      const { liveMemberBadge: member } = await this.#call<{ liveMemberBadge: Member | null }>(BADGE, {});
      if (run !== this.#run) return;
      this.#take(member);
    } catch (error) {
      if (run !== this.#run) return;
      this.#emit("error", error);
      this.#again = setTimeout(() => void this.refresh(), AGAIN);
      return;
    }
    if (waiting === undefined || document.readyState !== "complete") return; // a widget may still come
    const code = waiting;
    waiting = undefined;
    if (code) await this.#enter(code);
    else this.#field()?.focus();
  }

  /** Links this browser to the shopper's account by their access token, or unlinks it with null. Rejects with ApiError. */
  async identify(who: { accessToken: string } | null): Promise<void> {
    if (!this.#storefront) await this.refresh();
    await this.#call(IDENTIFY, {}, who?.accessToken ?? null, true);
    await this.refresh();
  }

  readonly #heard = (event: Event): void => {
    if (event.target !== this) void this.refresh();
  };

  #get(name: (typeof SETTINGS)[number]): string {
    const widget = document.querySelector(WIDGET);
    const script = document.querySelector<HTMLScriptElement>("script[data-channel][data-api]");
    return this.getAttribute(name) ?? widget?.getAttribute(name) ?? script?.dataset[name] ?? "";
  }

  /** Of the element, else of the page around it, else of the browser. */
  get #language(): string {
    const tag = this.#get("lang") || this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
    const language = tag.toLowerCase().split(/[-_]/)[0]!;
    return WORDS[language] ? language : "en";
  }

  async #call<T>(document: string, variables: object, token?: string | null, input = false): Promise<T> {
    const [channel, api] = [this.#get("channel"), this.#get("api")];
    const run = async (): Promise<T> => {
      this.#ticket ??= await ticketOf(this.#get("gateway") || this.#storefront?.gatewayUrl || "", channel);
      const given = { ticket: this.#ticket, ...variables };
      return ask<T>(api, document, input ? { input: given } : given, token);
    };
    try {
      return await run();
    } catch (error) {
      if ((error as { code?: string }).code !== "INVALID_TICKET") throw error;
      this.#ticket = null; // they are good for minutes
      return run();
    }
  }

  #take(member: Member | null): void {
    const news = !this.#known || JSON.stringify(member) !== JSON.stringify(this.#member);
    this.#known = true;
    this.#member = member;
    if (!news) return;
    this.#draw();
    this.#emit("member", member);
  }

  #field(): HTMLInputElement | null {
    return this.#dock.querySelector("input");
  }

  #draw(): void {
    if (!this.#known) return;
    const t = this.strings;
    const language = this.#language;
    const typed = this.#field()?.value ?? "";
    this.#dock.lang = language;
    this.#dock.dir = language === "ar" ? "rtl" : "";
    wear(this.#dock, this.#storefront?.look, this.#get("theme"));
    this.#dock.replaceChildren(this.#member ? this.#badge(this.#member, t) : this.#form(t, typed));
  }

  #badge({ name, plan, sessions }: Member, t: MemberWords): HTMLElement {
    const left = sessions.left === null ? "" : t.left.replace("{left}", new Intl.NumberFormat(this.#language).format(sessions.left));
    return h(
      "div",
      { class: "badge", part: "badge" },
      h("p", { class: "name", part: "name", dir: "auto" }, name || t.member),
      h("p", { class: "plan", part: "plan", dir: "auto" }, plan.name),
      left && h("p", { class: "left", part: "sessions" }, left),
    );
  }

  #form(t: MemberWords, typed: string): HTMLElement {
    const field = h("input", { id: "code", part: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true, maxlength: 64, dir: "ltr", "aria-describedby": "problem" });
    field.value = typed;
    return h(
      "form",
      { part: "form", novalidate: true, submit: (event: Event) => (event.preventDefault(), void this.#enter(field.value)) },
      h("label", { for: "code", part: "label" }, t.code),
      field,
      h("button", { type: "submit", part: "send" }, t.send),
      h("p", { id: "problem", class: "problem", part: "problem", role: "alert", hidden: true }),
    );
  }

  /** Sent, and forgotten: it is kept nowhere. */
  async #enter(code: string): Promise<void> {
    const send = this.#dock.querySelector("button");
    if (send?.disabled) return;
    if (!code.trim()) return this.#complain(this.strings.missing);
    if (send) send.disabled = true;
    try {
      await this.#call(REDEEM, { code });
      const field = this.#field();
      if (field) field.value = "";
      this.#emit("code", {});
      await this.refresh();
    } catch (error) {
      const t = this.strings;
      const { code: reason } = error as { code?: string };
      this.#complain(reason === "CODE_REFUSED" ? t.refused : reason === "TOO_MANY_TRIES" ? t.tries : t.failed);
      this.#emit("error", error);
    } finally {
      if (send) send.disabled = false;
    }
  }

  #complain(words: string): void {
    const problem = this.#dock.querySelector<HTMLElement>("#problem");
    const field = this.#field();
    if (!problem || !field) return;
    problem.textContent = words;
    problem.hidden = false;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  }

  #emit(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(`livesales:${name}`, { detail, bubbles: true, composed: true }));
  }
}

/** A code in the address goes no further than here: to the widget where the page has one, else to the badge. */
function look(): void {
  waiting = takeCode() ?? waiting;
  if (waiting === undefined) return;
  const hand = () => {
    const widget = document.querySelector<HTMLElement & { enter?(code: string): void }>(WIDGET);
    if (widget?.enter && waiting !== undefined) {
      widget.enter(waiting);
      waiting = undefined;
    } else void document.querySelector<LiveSalesMemberElement>(TAG)?.refresh();
  };
  if (document.readyState === "complete") hand();
  else addEventListener("load", hand, { once: true });
}

look();
addEventListener("hashchange", look);
if (!customElements.get(TAG)) customElements.define(TAG, LiveSalesMemberElement);

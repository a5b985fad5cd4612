// Pictures: those that are about to be sent, those in the log, and one in large. Loaded with the first picture.
// They are drawn on canvases, so a page's img-src need not name the shop, nor blob: addresses.
import type { Sending } from "./attach";
import { Card } from "./card";
import { draw } from "./draw";
import PICTURE from "./graphql/Picture.graphql";
import english from "./locales/pictures-en.json";
import type { PanelHost } from "./panel";
import type { PictureStrings, Strings } from "./strings";
import css from "./styles/pictures.css";

const WORDS: Record<string, () => Promise<{ default: PictureStrings }>> = {
  ar: () => import("./locales/pictures-ar.json"),
  de: () => import("./locales/pictures-de.json"),
  es: () => import("./locales/pictures-es.json"),
  fr: () => import("./locales/pictures-fr.json"),
  pl: () => import("./locales/pictures-pl.json"),
};
const CROSS = "M6 6l12 12M18 6l-12 12";
const AT_ONCE = 5; // pictures that one can be about to send

let adopted: CSSStyleSheet | undefined;

export async function open(host: PanelHost, panel: HTMLElement, uuid: () => string): Promise<Gallery> {
  const words = (await WORDS[host.locale.slice(0, 2)]?.().catch(() => null))?.default ?? english;
  const root = panel.getRootNode() as ShadowRoot;
  adopted ??= host.kit.sheet(css);
  if (!root.adoptedStyleSheets.includes(adopted)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, adopted];
  return new Gallery(host, panel, uuid, words);
}

export class Gallery {
  readonly #cards = new Set<Card>();

  constructor(
    private readonly host: PanelHost,
    private readonly panel: HTMLElement,
    private readonly uuid: () => string,
    private readonly words: PictureStrings,
  ) {}

  get #strings(): Strings {
    return { ...this.words, ...this.host.strings() };
  }

  /** Shows files before they are sent. */
  propose(files: File[], sending: Sending): void {
    const t = this.#strings;
    const room = AT_ONCE - this.#cards.size;
    if (files.length > room) this.host.announce(this.host.kit.fill(t.tooManyPictures, { count: AT_ONCE }));
    for (const file of files.slice(0, Math.max(0, room))) {
      const card = new Card(file, { host: this.host, strings: t, key: this.uuid(), sending, gone: () => this.#cards.delete(card) });
      this.#cards.add(card);
      sending.form.querySelector(".row")!.before(card.element);
      void card.read();
    }
  }

  /** Gives up all that is not sent. */
  drop(): void {
    for (const card of [...this.#cards]) card.remove();
  }

  /** Draws a picture into its room in the log. */
  async fill(box: HTMLElement, id: string): Promise<void> {
    box.dataset["state"] = "loading";
    try {
      box.replaceChildren(await this.#drawn(id, "SMALL"));
      box.dataset["state"] = "there";
    } catch (error) {
      box.dataset["state"] = "failed";
      const t = this.#strings;
      box.replaceChildren(this.host.kit.h("span", {}, error === GONE ? t.pictureGone : t.pictureMissing));
    }
  }

  /** Opens a picture in large over the page, or tries again to show it where it was not there. */
  view(id: string, caption: string, label: string, opener: HTMLElement): void {
    if (opener.dataset["state"] === "failed") return void this.fill(opener, id);
    const { h, icon } = this.host.kit;
    const t = this.#strings;
    const stage = h("div", { class: "stage", role: "status" }, h("p", {}, t.pictureLoading));
    const dialog = h(
      "dialog",
      { class: "viewer", part: "viewer", "aria-label": label, keydown: (event: Event) => event.stopPropagation() },
      h("button", { type: "button", class: "shut", part: "viewer-close", "aria-label": t.close, click: () => dialog.close() }, icon(CROSS)),
      stage,
      caption && h("p", { class: "told", dir: "auto" }, caption),
    );
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target === stage) dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      opener.focus();
    });
    this.panel.parentElement!.append(dialog);
    dialog.showModal();
    this.#drawn(id, "LARGE").then(
      (canvas) => {
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", label);
        stage.removeAttribute("role");
        stage.replaceChildren(canvas);
      },
      (error: unknown) => stage.replaceChildren(h("p", {}, error === GONE ? t.pictureGone : t.pictureMissing)),
    );
  }

  async #drawn(id: string, size: "SMALL" | "LARGE"): Promise<HTMLCanvasElement> {
    const { livePicture } = await this.host.client.call<{ livePicture: { url: string } | null }>(PICTURE, (ticket) => ({ id, size, ticket }));
    if (!livePicture) throw GONE;
    const response = await fetch(livePicture.url, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (!response.ok) throw response.status === 404 ? GONE : new Error(String(response.status));
    return draw(this.host.kit.h("canvas"), await createImageBitmap(await response.blob()));
  }
}

const GONE = new Error("gone");

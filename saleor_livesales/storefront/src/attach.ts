// Where pictures come in and where they stand: button, paste and drop, and the room of each picture in the log. Whatever
// is done with a picture is loaded with the first one.
import { uuid } from "./live/ids";
import type { PanelHost } from "./panel";
import type { Gallery } from "./pictures";
import type { Entry } from "./wire";

const PICTURE = "M4 5h16v14H4zM4 16l5-5l4 4l3-3l4 4M9 9h.01";
const SHOWN = 232; // CSS pixels of the longer side in the log
const NEAR = "300px"; // to the part of the log in view, from where a picture is loaded

/** What one conversation gives to those who send pictures in it. */
export interface Sending {
  session: string;
  form: HTMLElement;
  sent(entry: Entry): void;
}

export class Attach {
  #sending: Sending | null = null;
  #gallery: Promise<Gallery> | null = null;
  readonly #waiting = new WeakMap<Element, () => void>();
  readonly #observer = new IntersectionObserver(
    (seen) => {
      for (const { isIntersecting, target } of seen) if (isIntersecting) this.#show(target);
    },
    { rootMargin: NEAR },
  );

  constructor(
    private readonly host: PanelHost,
    private readonly panel: HTMLElement,
  ) {
    // Over the window nothing that is dropped may take the place of the shop's page.
    panel.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    panel.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.#take(event.dataTransfer.files);
    });
  }

  /** Lets the visitor send pictures in this conversation, where the shop takes them. */
  begin(sending: Sending): void {
    if (!this.host.client.storefront?.picturesAllowed) return;
    const { h, icon } = this.host.kit;
    const { attach } = this.host.strings();
    this.#sending = sending;
    const input = h("input", { type: "file", accept: "image/*", multiple: true, hidden: true });
    input.addEventListener("change", () => {
      this.#take(input.files!);
      input.value = "";
    });
    const button = h("button", { type: "button", class: "attach", part: "attach", "aria-label": attach, title: attach, click: () => input.click() }, icon(PICTURE));
    sending.form.querySelector(".row")!.prepend(button, input);
    sending.form.addEventListener("paste", (event) => {
      const data = event.clipboardData;
      if (!data?.files.length || data.types.includes("text/plain")) return; // words that were copied with a picture of them
      event.preventDefault();
      this.#take(data.files);
    });
  }

  /** The conversation takes no more: what is on its way is given up. */
  stop(): void {
    this.#sending = null;
    void this.#gallery?.then((gallery) => gallery.drop());
  }

  /** The room of a picture in the log, of its size before it is there; opens it. */
  slot({ picture, text }: Entry): HTMLElement {
    const { h } = this.host.kit;
    const { id, width, height } = picture!;
    const label = [this.host.strings().picture, text].filter(Boolean).join(": ");
    const box = h("button", { type: "button", class: "shot", part: "picture", "aria-label": label, click: () => void this.#load().then((gallery) => gallery.view(id, text ?? "", label, box), this.#failed) });
    box.style.inlineSize = `${Math.round(Math.min(SHOWN, width, (SHOWN * width) / height))}px`;
    box.style.aspectRatio = `${width} / ${height}`;
    this.#waiting.set(box, () => void this.#load().then((gallery) => gallery.fill(box, id), this.#failed));
    this.#observer.observe(box);
    return box;
  }

  #show(box: Element): void {
    this.#observer.unobserve(box);
    this.#waiting.get(box)?.();
  }

  #take(list: FileList): void {
    const sending = this.#sending;
    const files = [...list]; // the list is emptied for the next choice, and after a drop
    if (!sending?.form.isConnected || !files.length) return;
    void this.#load().then((gallery) => gallery.propose(files, sending), this.#failed);
  }

  #load(): Promise<Gallery> {
    this.#gallery ??= import("./pictures").then(({ open }) => open(this.host, this.panel, uuid));
    this.#gallery.catch(() => (this.#gallery = null));
    return this.#gallery;
  }

  readonly #failed = (): void => this.host.announce(this.host.strings().errorUnreachable);
}

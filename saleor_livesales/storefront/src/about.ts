// "Who am I talking to?": a sheet under the window's head, with what the ticks mean, the sound's switch and the transcript.
import type { PanelHost } from "./panel";
import type { SessionView } from "./session";
import type { Sound } from "./sound";

export class About {
  readonly element: HTMLElement;
  readonly #face: HTMLElement;
  readonly #who: HTMLElement;
  readonly #note: HTMLElement;

  constructor(
    private readonly host: PanelHost,
    sound: Sound,
    save: () => boolean,
  ) {
    const { h } = host.kit;
    const t = host.strings();
    this.#face = h("div");
    this.#who = h("p", { dir: "auto" });
    this.#note = h("p", { class: "hint", role: "status" });
    const mark = (word: string, means: string) => h("li", {}, h("b", {}, word), ": ", means);
    const turn = () => {
      sound.on = !sound.on;
      control.setAttribute("aria-checked", String(sound.on));
      sound.ring();
    };
    const control = h(
      "button",
      { type: "button", class: "switch", role: "switch", "aria-checked": String(sound.on), part: "sound", click: turn },
      h("span", {}, t.sound),
      h("i", { "aria-hidden": "true" }),
    );
    const keep = () => (this.#note.textContent = save() ? "" : t.saveLater);
    this.element = h(
      "div",
      { id: "about", class: "about", part: "about", role: "group", "aria-label": t.about, hidden: true },
      h("div", { class: "person" }, this.#face, this.#who),
      h("ul", {}, mark(t.sent, t.sentMeans), mark(t.delivered, t.deliveredMeans), mark(t.read, t.readMeans)),
      control,
      h("button", { type: "button", class: "plain", part: "save", click: keep }, t.save),
      this.#note,
    );
  }

  draw(view: SessionView): void {
    const t = this.host.strings();
    const name = view.repName;
    const text = name ? this.host.kit.fill(t.aboutRep, { name, shop: location.hostname }) : t.aboutNobody;
    const picture = name ? view.repAvatarUrl : null;
    const state = `${text}|${picture}`;
    if (this.#who.dataset["of"] === state) return;
    this.#who.dataset["of"] = state;
    this.#face.replaceChildren(this.host.kit.avatar(name, picture));
    this.#who.textContent = text;
  }
}

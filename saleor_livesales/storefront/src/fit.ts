// On a phone the window is the whole screen: as high as what the keyboard leaves, and the only thing that Tab reaches.
export const WHOLE_SCREEN = "(max-width: 480px), (max-height: 420px)"; // as in panel.css

const PINCHED = 1.01; // from this scale on the visitor has zoomed in, and what is visible is not what there is room for
const REACHED = "button:not(:disabled), input, textarea, a[href], [tabindex='0']";

export class Fit {
  readonly #screen = matchMedia(WHOLE_SCREEN);

  constructor(private readonly panel: HTMLElement) {
    visualViewport?.addEventListener("resize", this.now);
    visualViewport?.addEventListener("scroll", this.now);
    this.#screen.addEventListener("change", this.now);
    this.now();
  }

  stop(): void {
    visualViewport?.removeEventListener("resize", this.now);
    visualViewport?.removeEventListener("scroll", this.now);
    this.#screen.removeEventListener("change", this.now);
  }

  readonly now = (): void => {
    const view = visualViewport;
    const follows = view !== null && view.scale < PINCHED;
    const { style } = this.panel;
    style.setProperty("--_height", follows ? `${Math.round(view.height)}px` : "100dvh");
    style.setProperty("--_top", follows ? `${Math.round(view.offsetTop)}px` : "0px");
    this.panel.setAttribute("aria-modal", String(this.#screen.matches));
  };

  /** Keeps Tab inside while nothing else can be seen. */
  tab(event: KeyboardEvent): void {
    if (!this.#screen.matches) return;
    const all = [...this.panel.querySelectorAll<HTMLElement>(REACHED)].filter((element) => element.getClientRects().length);
    const active = (this.panel.getRootNode() as ShadowRoot).activeElement;
    const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
    if (active !== from && active !== this.panel) return;
    event.preventDefault();
    to?.focus();
  }
}

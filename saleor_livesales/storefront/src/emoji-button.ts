// The button beside the input that opens the emoji picker, whose code and names are loaded when it is first pressed.
// Not shown where a finger is the pointer: the keyboard there brings its own, which knows the language and all of them.
import type { Picker } from "./emoji";
import type { PanelHost } from "./panel";

const SMILE = "M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16zM9 10v.01M15 10v.01M8.5 14a4 4 0 0 0 7 0";

export function emojiButton(host: PanelHost, input: HTMLTextAreaElement): HTMLElement {
  const { h, icon } = host.kit;
  const t = host.strings();
  let picker: Picker | null = null;
  let loading = false;

  const close = (back: boolean): void => {
    picker?.element.remove();
    picker = null;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
    if (back) button.focus();
  };
  const outside = (event: Event): void => {
    if (!event.composedPath().includes(place)) close(false);
  };
  const pick = (emoji: string): void => {
    close(false);
    input.setRangeText(emoji, input.selectionStart, input.selectionEnd, "end");
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  };
  const open = async (): Promise<void> => {
    if (picker) return close(true);
    if (loading) return;
    loading = true;
    try {
      const { Picker } = await import("./emoji");
      const made = await Picker.make(host, { pick, close });
      if (!place.isConnected) return; // the session has ended meanwhile
      picker = made;
      place.prepend(made.element);
      button.title = "";
      button.setAttribute("aria-expanded", "true");
      document.addEventListener("pointerdown", outside);
      made.focus();
    } catch {
      host.announce((button.title = t.errorUnreachable)); // no connection right now: it can be pressed again
    } finally {
      loading = false;
    }
  };
  const button = h(
    "button",
    { type: "button", class: "tool", part: "emoji", "aria-label": t.emoji, "aria-expanded": "false", "aria-controls": "emojis", click: () => void open() },
    icon(SMILE),
  );
  const left = ({ relatedTarget }: FocusEvent): void => {
    if (picker && relatedTarget instanceof Node && !place.contains(relatedTarget)) close(false);
  };
  const place = h("div", { class: "emoji", focusout: left }, button);
  return place;
}

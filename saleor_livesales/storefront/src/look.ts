// What the owner has set in the console for the widget's looks. The page's own style sheet goes before it: see base.css.

/** Null: the widget's own. Colours are `#rrggbb`. */
export interface Look {
  accent: string | null;
  onAccent: string | null;
  accentDark: string | null;
  onAccentDark: string | null;
  radius: number | null;
  side: "END" | "START";
  theme: "PAGE" | "LIGHT" | "DARK";
}

/** Puts it on. `theme` is what the page says, which goes first. Whatever is no plain word, number or colour is left out. */
export function wear(dock: HTMLElement, look: Partial<Look> = {}, theme: string): void {
  for (const [name, value] of Object.entries(look) as [string, string | null][]) {
    if (/^#?\w+$/.test(value!)) dock.style.setProperty(`--_set-${name}`, value); // null takes it away
  }
  dock.dataset["side"] = look.side ?? "";
  dock.dataset["theme"] = theme || (look.theme ?? "");
}

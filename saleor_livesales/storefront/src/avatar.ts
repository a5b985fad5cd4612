// Who one talks to, at a glance: the initials of a name. For the eye only; the name stands beside it.
import type { Kit } from "./kit";

const CHAT = "M4 5h16v11H9l-5 4z";

/** The first letters of the first and the last word: "Anna Maria Smith" gives "AS". */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
}

export function avatar({ h, icon }: Kit, name: string | null): HTMLElement {
  return h("span", { class: "avatar", part: "avatar", "aria-hidden": "true" }, (name && initials(name)) || icon(CHAT));
}

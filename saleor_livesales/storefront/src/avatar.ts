// Who one talks to, at a glance: a picture, or the initials of a name. For the eye only; the name stands beside it.
import { h, icon } from "./dom";

export const CHAT = "M4 5h16v11H9l-5 4z";

/** The first letters of the first and the last word: "Anna Maria Smith" gives "AS". */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
}

/** The picture takes the initials' place once it is here. One that does not come, or that the page's policy forbids, never does. */
export function avatar(name: string | null | undefined, picture: string | null | undefined): HTMLElement {
  const face = h("span", { class: "avatar", part: "avatar", "aria-hidden": "true" }, (name && initials(name)) || icon(CHAT));
  if (picture) {
    const image: HTMLElement = h("img", { alt: "", referrerpolicy: "no-referrer", load: () => face.replaceChildren(image), src: picture });
  }
  return face;
}

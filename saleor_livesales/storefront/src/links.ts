// Addresses in what somebody wrote, as links that do no harm: http and https alone, shown as they are written, to a new tab.
import type { Kit } from "./kit";

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi;
const TAIL = /[.,;:!?)\]}»”’…]+$/; // belongs to the sentence, unless a bracket was opened in the address
const DISGUISE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/; // turns or hides letters: what one reads would not be where one goes

function trimmed(found: string): string {
  const cut = found.replace(TAIL, "");
  return cut.includes("(") && found[cut.length] === ")" ? found.slice(0, cut.length + 1) : cut;
}

/** Whether this may be a link. Not with a name and password: `https://shop.example@evil.example` reads as the wrong place. */
function harmless(address: string): boolean {
  try {
    const { protocol, username, password } = new URL(address);
    return (protocol === "http:" || protocol === "https:") && !username && !password && !DISGUISE.test(address);
  } catch {
    return false;
  }
}

/** The text as nodes. */
export function linked({ h }: Kit, text: string, note: string): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!harmless(address)) continue;
    nodes.push(
      text.slice(from, match.index),
      h(
        "a",
        { href: address, target: "_blank", rel: "noopener noreferrer nofollow ugc", dir: "ltr", part: "link" },
        address,
        h("span", { class: "sr" }, ` ${note}`),
      ),
    );
    from = match.index + address.length;
  }
  return [...nodes, text.slice(from)];
}

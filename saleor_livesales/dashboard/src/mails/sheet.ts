/**
 * A mail's HTML in a frame that runs nothing and takes no clicks. The page's policy lets no style through that stands in
 * markup, so that the mail's own is read under other names and put on by hand.
 */

const FOREIGN = "script, base, meta, link, title, iframe, object, embed, form";

export function show(frame: HTMLIFrameElement, html: string): void {
  const page = frame.contentDocument;
  const view = frame.contentWindow as (Window & typeof globalThis) | null;
  if (!page || !view) return;
  const read = new DOMParser().parseFromString(renamed(html), "text/html");
  for (const element of read.querySelectorAll(FOREIGN)) element.remove();
  page.adoptedStyleSheets = [...read.querySelectorAll<HTMLTemplateElement>("template[data-sheet]")].map((element) => {
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(element.content.textContent ?? "");
    element.remove();
    return sheet;
  });
  const root = page.documentElement;
  root.lang = read.documentElement.lang;
  root.dir = read.documentElement.dir;
  page.body.replaceChildren(...[...read.body.childNodes].map((node) => page.importNode(node, true)));
  page.body.style.cssText = read.body.dataset.style ?? "";
  for (const element of page.body.querySelectorAll<HTMLElement>("[data-style]")) element.style.cssText = element.dataset.style ?? "";
  frame.style.blockSize = "0"; // so that it can become lower, too
  frame.style.blockSize = `${root.scrollHeight}px`;
}

/** Attributes that the policy would complain of, and style sheets, under names that mean nothing to a browser. */
function renamed(html: string): string {
  return html
    .replace(/<style\b/gi, "<template data-sheet")
    .replace(/<\/style\s*>/gi, "</template>")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, " data-$1="));
}

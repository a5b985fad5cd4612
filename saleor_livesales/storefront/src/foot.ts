// What stands where one writes once there is nothing to write to: the end of a session, or what went wrong.
import type { PanelHost } from "./panel";

/** The end in words, and what may be done then. Gives the words too, to be told. */
export function ended(host: PanelHost, reason: string | null, save: () => void): { text: string; nodes: Node[] } {
  const { h } = host.kit;
  const t = host.strings();
  const words: Record<string, string> = { visitor: t.endedVisitor, rep: t.endedRep, idle: t.endedIdle, nobody: t.endedNobody, lapsed: t.endedLapsed };
  const text = words[reason ?? ""] ?? t.endedOther;
  const again = host.client.storefront?.requestsAllowed;
  const actions = h(
    "div",
    { class: "actions" },
    again && h("button", { type: "button", class: "primary", part: "again", click: () => host.again() }, t.again),
    h("button", { type: "button", class: "plain", part: "close", click: () => host.close() }, t.close),
    h("button", { type: "button", class: "plain", part: "save", click: save }, t.save),
  );
  return { text, nodes: [h("p", { class: "ended", part: "ended" }, text), actions] };
}

export function failed(host: PanelHost, retry: () => void): Node {
  const { h } = host.kit;
  const t = host.strings();
  return h(
    "div",
    { class: "actions" },
    h("button", { type: "button", class: "primary", part: "retry", click: retry }, t.retry),
    h("button", { type: "button", class: "plain", part: "close", click: () => host.close() }, t.close),
  );
}

/** The question before the end. `yes` ends, `no` goes back to where one was. */
export function question(host: PanelHost, yes: () => void, no: () => void): HTMLElement {
  const { h } = host.kit;
  const t = host.strings();
  return h(
    "div",
    { class: "confirm", role: "alertdialog", "aria-labelledby": "question", part: "confirm", hidden: true },
    h("p", { id: "question" }, t.endQuestion),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", class: "primary", part: "confirm-end", click: yes }, t.endYes),
      h("button", { type: "button", class: "plain", part: "confirm-stay", click: no }, t.endNo),
    ),
  );
}

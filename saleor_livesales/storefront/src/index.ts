// The module that a page loads: registers <live-sales>, and puts one into the page when the script tag says where it is.
import { LiveSalesElement } from "./element";
import { takeCode } from "./fragment";
import type { LiveSalesOptions } from "./livesales";

export { LiveSalesElement };
export type { LiveSalesOptions } from "./livesales";
export type { Storefront } from "./client";
export type { SessionView } from "./session";
export type { Entry, OfferMade } from "./wire";

const TAG = "live-sales";

// Before anything else: a code in the address goes no further.
LiveSalesElement.code = takeCode();
addEventListener("hashchange", () => {
  LiveSalesElement.code = takeCode() ?? LiveSalesElement.code;
  if (LiveSalesElement.code !== undefined) void document.querySelector<LiveSalesElement>(TAG)?.request();
});

if (!customElements.get(TAG)) customElements.define(TAG, LiveSalesElement);

/** Makes the widget and puts it into the page. `destroy()` on what it returns takes it out again. */
export function createLiveSales({ parent, strings, ...settings }: LiveSalesOptions): LiveSalesElement {
  const element = document.createElement(TAG) as LiveSalesElement;
  for (const [name, value] of Object.entries(settings)) if (value) element.setAttribute(name, value);
  if (strings) element.strings = strings;
  (parent ?? document.body).append(element);
  return element;
}

/** Module scripts have no `document.currentScript`: the tag is the one with this module's address. */
function ownScript(): HTMLScriptElement | undefined {
  return [...document.querySelectorAll<HTMLScriptElement>("script[src]")].find((script) => script.src === import.meta.url);
}

const script = ownScript();
if (script?.dataset["channel"]) {
  LiveSalesElement.defaults = { ...script.dataset };
  const place = () => document.querySelector(TAG) ?? document.body.append(document.createElement(TAG));
  const { consent } = script.dataset; // the event of the page's own that says that the visitor agreed
  if (document.body && !consent) place();
  else addEventListener(consent || "DOMContentLoaded", place);
}

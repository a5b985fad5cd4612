// Why the visitor reads a message form: nobody is there, no help is given here, or the shop is closed, and until when.
import type { Why } from "./inquiry";
import type { PanelHost } from "./panel";

const LONGEST = 2 ** 31 - 1; // ms; timers take no more
const SPREAD = 5000; // ms over which the pages that are open ask again, so that not all do in the same second

/** "tomorrow, 09:00", "Monday, 09:00", "Monday, January 4, 09:00": the day and the time where the visitor is. */
export function when(opens: Date, now: Date, locale: string): { day: string; time: string } {
  const midnight = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((midnight(opens) - midnight(now)) / 86_400_000);
  const told = (options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(locale, options).format(opens);
  const time = told({ timeStyle: "short" });
  if (days < 2) return { day: new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day"), time };
  return { day: told(days < 7 ? { weekday: "long" } : { weekday: "long", day: "numeric", month: "long" }), time };
}

/** The words over the message form. They follow when the shop opens or closes, while they are in the page. */
export function intro(host: PanelHost, why: Why): HTMLElement {
  const { h, fill } = host.kit;
  const element = h("div", { class: "intro" });
  let drawn = "";

  const draw = (): void => {
    const t = host.strings();
    const { available, opensAt } = host.client.storefront ?? {};
    const back = why === "nobody" && drawn && available;
    const opens = opensAt && new Date(opensAt);
    const text = why === "closed" ? t.inquiryClosed : why === "used" ? t.inquiryUsed : back ? t.openNow : opens ? t.inquiryShut : t.inquiryIntro;
    const until = why === "nobody" && opens ? fill(t.opensAgain, { ...when(opens, new Date(), host.locale) }) : "";
    const state = `${text} ${until}`;
    if (drawn === state) return;
    element.replaceChildren(
      h("p", { part: "intro" }, text),
      until ? h("p", { class: "until", part: "opens" }, until) : "",
      back ? h("button", { type: "button", class: "primary", part: "chat", click: () => host.again() }, t.launcher) : "",
    );
    if (drawn) host.announce(state.trim());
    drawn = state;
  };

  const wait = (): void => {
    const turns = host.client.storefront?.turnsIn;
    if (typeof turns !== "number") return;
    setTimeout(async () => {
      if (!element.isConnected) return;
      await host.client.refresh().catch(() => undefined);
      draw();
      wait();
    }, Math.min(Math.max(turns, 5) * 1000 + Math.random() * SPREAD, LONGEST));
  };

  draw();
  wait();
  return element;
}

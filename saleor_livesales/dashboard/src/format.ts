/** Numbers, money and time in the Dashboard's language. The texts are English, so the page stays left to right. */

import type { Money } from "./types";

let locale = "en";

/** Takes the Dashboard's locale; one that the browser doesn't know is ignored. */
export function setLocale(name: string): void {
  try {
    locale = Intl.getCanonicalLocales(name.replace("_", "-"))[0] ?? locale;
  } catch {
    // Not a locale: what was there stays.
  }
}

export function money({ amount, currency }: Money): string {
  try {
    return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount);
  } catch {
    return `${amount.toFixed(2)} ${currency}`;
  }
}

export function count(value: number): string {
  return new Intl.NumberFormat(locale).format(value);
}

export function clock(moment: string | number): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(new Date(moment));
}

export function day(moment: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(moment));
}

export function country(code: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "0:07", "12:40", "1:02:03": how long it lasts by now. */
export function elapsed(since: string | null, now: number): string {
  const seconds = since ? Math.max(0, Math.floor((now - Date.parse(since)) / 1000)) : 0;
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const pad = (value: number) => String(value).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** Whole seconds until then, never below 0. */
export function remaining(until: string | null, now: number): number {
  return until ? Math.max(0, Math.ceil((Date.parse(until) - now) / 1000)) : 0;
}

/** The path of a page's address; the address as it is where it is none. */
export function path(address: string | null): string {
  if (!address) return "";
  try {
    const url = new URL(address);
    return url.pathname + url.search;
  } catch {
    return address;
  }
}

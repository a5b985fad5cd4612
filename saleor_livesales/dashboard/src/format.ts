/** Numbers, money and time in the Dashboard's language. */

import { when } from "../../storefront/src/opening";
import type { Money } from "./types";
import { t } from "./words";

let locale = "en";

/** Takes the Dashboard's locale; one that the browser doesn't know is ignored. */
export function setLocale(name: string): void {
  try {
    locale = Intl.getCanonicalLocales(name.replace("_", "-"))[0] ?? locale;
  } catch {
    // Not a locale: what was there stays.
  }
  kept.clear();
}

const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>(); // making one costs more than using it

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  if (!kept.has(key)) kept.set(key, new Intl.NumberFormat(locale, options));
  return kept.get(key) as Intl.NumberFormat;
}

function times(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  if (!kept.has(key)) kept.set(key, new Intl.DateTimeFormat(locale, options));
  return kept.get(key) as Intl.DateTimeFormat;
}

export function money({ amount, currency }: Money): string {
  try {
    return numbers({ style: "currency", currency }).format(amount);
  } catch {
    return `${amount.toFixed(2)} ${currency}`;
  }
}

/** A file's size as people say it. */
export function size(bytes: number): string {
  const large = bytes >= 1_000_000;
  return numbers({ style: "unit", unit: large ? "megabyte" : "kilobyte", maximumFractionDigits: large ? 1 : 0 }).format(Math.max(1, bytes / (large ? 1_000_000 : 1000)));
}

export function count(value: number): string {
  return numbers({}).format(value);
}

/** One that is not whole, to one digit: 4.3. */
export function average(value: number): string {
  return numbers({ minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
}

export function clock(moment: string | number): string {
  return times({ hour: "2-digit", minute: "2-digit" }).format(new Date(moment));
}

export function day(moment: string): string {
  return times({ dateStyle: "medium" }).format(new Date(moment));
}

export function language(code: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "tomorrow, 09:00", "Monday, 09:00": when something is that comes soon, where the reader is. */
export function soon(moment: string, now: number): string {
  const { day: date, time } = when(new Date(moment), new Date(now), locale);
  return t("{day}, {time}", { day: date, time });
}

/** Day and time on the clock of a time zone. Raises RangeError for a zone that the browser doesn't know. */
export function inZone(moment: string, timeZone: string): string {
  const options = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZone } as const;
  return times(options).format(new Date(moment));
}

/** The name of a day of the week, from 0 for Monday. */
export function weekday(index: number): string {
  return times({ weekday: "long", timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + index));
}

export function month(moment: string, year = false): string {
  return times({ month: "short", ...(year ? { year: "numeric" } : {}) }).format(new Date(moment));
}

export function country(code: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "0:07", "12:40", "1:02:03" in the locale's digits: how long it lasts by now. */
export function elapsed(since: string | null, now: number): string {
  return lasting(since ? Math.max(0, Math.floor((now - Date.parse(since)) / 1000)) : 0);
}

/** Whole seconds in the same way. */
export function lasting(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const pad = (value: number) => numbers({ minimumIntegerDigits: 2 }).format(value);
  return hours ? `${count(hours)}:${pad(minutes)}:${pad(rest)}` : `${count(minutes)}:${pad(rest)}`;
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

import en from "./locales/en.json";

export type Strings = Record<keyof typeof en, string>;

export const ENGLISH: Strings = en;

/** Puts values into a text: `fill("number {position}", { position: 2 })`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

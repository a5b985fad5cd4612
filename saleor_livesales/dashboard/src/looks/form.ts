/** The appearance as text and choices, what is wrong with it, and what of it goes to the API. Pure. */

import type { Look } from "../../../storefront/src/look";
import { count } from "../format";
import { t } from "../words";
import { colour, contrast, forTheDark, OWN, RADIUS_LIMIT, READABLE, shortened, textOn } from "./look";

export interface ChannelLook {
  channel: string;
  name: string;
  greeting: string;
  appearance: Look;
}

export const COLOURS = ["accent", "onAccent", "accentDark", "onAccentDark"] as const;
export type Colour = (typeof COLOURS)[number];

/** Colours and radius as typed; empty: worked out, or the widget's own. */
export type Form = Record<Colour | "radius" | "side" | "theme", string>;
export type Problems = Partial<Record<keyof Form, string>>;

export function formOf(set: Look): Form {
  return {
    accent: set.accent ?? "",
    onAccent: set.onAccent ?? "",
    accentDark: set.accentDark ?? "",
    onAccentDark: set.onAccentDark ?? "",
    radius: set.radius === null ? "" : String(set.radius),
    side: set.side,
    theme: set.theme,
  };
}

/** A form that was kept; null where it is none. */
export function formFrom(value: unknown): Form | null {
  const names = [...COLOURS, "radius", "side", "theme"] as const;
  const given = value as Partial<Form> | null;
  if (!given || names.some((name) => typeof given[name] !== "string")) return null;
  return Object.fromEntries(names.map((name) => [name, given[name]])) as Form;
}

export function inputOf(form: Form, set: Look): Partial<Record<keyof Form, string | number | null>> {
  const before = formOf(set);
  const input: Partial<Record<keyof Form, string | number | null>> = {};
  for (const name of COLOURS) {
    const chosen = form[name].trim() ? (colour(form[name]) ?? form[name]) : "";
    if (chosen !== before[name]) input[name] = chosen || null;
  }
  const radius = form.radius.trim();
  if (radius !== before.radius) input.radius = radius ? Number(radius) : null;
  for (const name of ["side", "theme"] as const) if (form[name] !== before[name]) input[name] = form[name];
  return input;
}

export function changed(form: Form, set: Look): boolean {
  return Object.keys(inputOf(form, set)).length > 0;
}

/** All that a widget would be told; what is not valid yet counts as left open. */
export function lookOf(form: Form): Look {
  const accent = colour(form.accent);
  const accentDark = colour(form.accentDark) ?? (accent && forTheDark(accent));
  return {
    accent,
    onAccent: colour(form.onAccent) ?? (accent && textOn(accent)),
    accentDark,
    onAccentDark: colour(form.onAccentDark) ?? (accentDark && textOn(accentDark)),
    radius: radiusOf(form.radius),
    side: form.side as Look["side"],
    theme: form.theme as Look["theme"],
  };
}

/** The contrast of text and accent as they would be, by the field that the text is set in. */
export function contrasts(form: Form): Record<"onAccent" | "onAccentDark", number> {
  const look = lookOf(form);
  return {
    onAccent: contrast(look.onAccent ?? OWN.onAccent, look.accent ?? OWN.accent),
    onAccentDark: contrast(look.onAccentDark ?? OWN.onAccentDark, look.accentDark ?? OWN.accentDark),
  };
}

export function check(form: Form): Problems {
  const problems: Problems = {};
  for (const name of COLOURS) {
    if (form[name].trim() && !colour(form[name])) problems[name] = t("A colour is # and six digits, such as #1f3a8a.");
  }
  const ratios = contrasts(form);
  for (const name of ["onAccent", "onAccentDark"] as const) {
    if (!form[name].trim() || problems[name] || ratios[name] >= READABLE) continue;
    problems[name] = t("This text can't be read on the accent: {ratio} to 1, and 4.5 to 1 is needed. Choose another, or leave it empty and it is worked out.", {
      ratio: count(shortened(ratios[name])),
    });
  }
  if (form.radius.trim() && radiusOf(form.radius) === null) {
    problems.radius = t("A whole number from 0 to {limit}.", { limit: count(RADIUS_LIMIT) });
  }
  return problems;
}

function radiusOf(text: string): number | null {
  const plain = text.trim();
  return /^[0-9]{1,2}$/.test(plain) && Number(plain) <= RADIUS_LIMIT ? Number(plain) : null;
}

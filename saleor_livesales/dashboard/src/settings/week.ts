/** Office hours as the owner edits them, and what of it goes to the API. Pure. */

import { weekday } from "../format";
import type { ChannelSettings } from "../types";
import { t } from "../words";

export const WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const;
export const SPANS_A_DAY = 6; // as the server takes
export const OFFICE = { start: "09:00", end: "17:00" };

export interface Span {
  start: string;
  end: string;
}

export interface SpecialDay {
  date: string;
  name: string;
  yearly: boolean;
  spans: Span[];
}

export interface HoursForm {
  timeZone: string;
  openingHours: Span[][]; // Monday to Sunday
  specialDays: SpecialDay[];
}

/** Midnight at the end of a day is 24:00 for the API, and 00:00 in a field for times, which knows no other. */
const shown = ({ start, end }: Span): Span => ({ start, end: end === "24:00" ? "00:00" : end });
const told = ({ start, end }: Span): Span => ({ start, end: end === "00:00" ? "24:00" : end });

export function hoursOf(settings: ChannelSettings): HoursForm {
  return {
    timeZone: settings.timeZone,
    openingHours: WEEKDAYS.map((day) => settings.openingHours.filter((span) => span.weekday === day).map(shown)),
    specialDays: settings.specialDays.map(({ date, name, yearly, spans }) => ({ date, name, yearly, spans: spans.map(shown) })),
  };
}

/** Only what differs, as everywhere. */
export function hoursInput(form: HoursForm, before: HoursForm): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const differs = (name: keyof HoursForm) => JSON.stringify(form[name]) !== JSON.stringify(before[name]);
  if (differs("timeZone")) input.timeZone = form.timeZone.trim();
  if (differs("openingHours")) input.openingHours = form.openingHours.flatMap((spans, index) => spans.map((span) => ({ weekday: WEEKDAYS[index], ...told(span) })));
  if (differs("specialDays")) input.specialDays = form.specialDays.map((day) => ({ ...day, name: day.name.trim(), spans: day.spans.map(told) }));
  return input;
}

/** What can be told before asking the API; it checks all of it again. */
export function checkHours(form: HoursForm): Record<string, string> {
  const problems: Record<string, string> = {};
  if (!form.timeZone.trim()) problems.timeZone = t("Choose a time zone, for example Europe/Berlin.");
  form.openingHours.forEach((spans, index) => {
    const problem = wrong(spans);
    if (problem && !problems.openingHours) problems.openingHours = `${weekday(index)}: ${problem}`;
  });
  for (const day of form.specialDays) {
    const problem = !day.date || !day.name.trim() ? t("A special day has a date and a name.") : wrong(day.spans);
    if (problem && !problems.specialDays) problems.specialDays = day.name.trim() ? `${day.name.trim()}: ${problem}` : problem;
  }
  return problems;
}

/** What is wrong with the hours of one day. An end that is not after the start is on the next day. */
function wrong(spans: readonly Span[]): string {
  if (spans.some(({ start, end }) => !start || !end)) return t("Enter from when to when.");
  const found = spans.map(({ start, end }) => ({ from: minutes(start), to: minutes(end) || 1440 })).sort((a, b) => a.from - b.from);
  if (found.some(({ from, to }) => from === to)) return t("The hours end when they begin. For the whole day write 00:00 to 00:00.");
  const overlap = found.some(({ from, to }, index) => {
    const next = found[index + 1];
    return next !== undefined && next.from < (to < from ? to + 1440 : to);
  });
  return overlap ? t("The hours overlap.") : "";
}

function minutes(time: string): number {
  const [hours = 0, rest = 0] = time.split(":").map(Number);
  return hours * 60 + rest;
}

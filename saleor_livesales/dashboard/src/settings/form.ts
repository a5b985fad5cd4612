/** The owner's form as text and switches, and what of it goes to the API. Pure. */

import type { ChannelSettings } from "../types";
import { t } from "../words";
import { checkHours, type HoursForm, hoursInput, hoursOf } from "./week";

export const LONGEST_AFTER_LAPSE = 240; // minutes, as the server takes
export const GREETING_LIMIT = 500; // characters, as the server takes

export interface Form extends HoursForm {
  active: boolean;
  thresholdOn: boolean;
  threshold: string;
  priceStrength: string;
  requestsAllowed: boolean;
  codeRequired: boolean;
  greeting: string;
  gatewayUrl: string;
  contactEmail: string;
  picturesAllowed: boolean;
  ratingAsked: boolean;
  afterLapse: AfterLapse;
  lapseMinutes: string;
}

/** What happens to an open session when the membership ends with which it began. */
export type AfterLapse = "GO_ON" | "MINUTES" | "AT_ONCE";

export type Problems = Partial<Record<string, string>>;

export function formOf(settings: ChannelSettings): Form {
  return {
    active: settings.active,
    thresholdOn: settings.priceThreshold !== null,
    threshold: settings.priceThreshold ? String(settings.priceThreshold.amount) : "",
    priceStrength: settings.priceStrength,
    requestsAllowed: settings.requestsAllowed,
    codeRequired: settings.codeRequired,
    greeting: settings.greeting,
    gatewayUrl: settings.gatewayUrl,
    contactEmail: settings.contactEmail,
    picturesAllowed: settings.picturesAllowed,
    ...hoursOf(settings),
    ratingAsked: settings.ratingAsked,
    ...lapseOf(settings.endsAfterLapse),
  };
}

function lapseOf(minutes: number | null): Pick<Form, "afterLapse" | "lapseMinutes"> {
  return { afterLapse: minutes === null ? "GO_ON" : minutes ? "MINUTES" : "AT_ONCE", lapseMinutes: String(minutes || 10) };
}

function lapseInput({ afterLapse, lapseMinutes }: Form): number | null {
  return afterLapse === "GO_ON" ? null : afterLapse === "AT_ONCE" ? 0 : Number(lapseMinutes);
}

export function changed(form: Form, settings: ChannelSettings): boolean {
  return JSON.stringify(form) !== JSON.stringify(formOf(settings));
}

/** An amount as people write it: "1 200,50", "1200.50". Null when it is none. A lone comma is a decimal one. */
export function amount(text: string): string | null {
  const plain = text.replace(/[\s\u00a0\u202f']/g, "").replace(/^([0-9]*),([0-9]*)$/, "$1.$2");
  return /^([0-9]+(\.[0-9]*)?|\.[0-9]+)$/.test(plain) ? plain : null;
}

/** What can be told before asking the API; it checks all of it again. */
export function check(form: Form): Problems {
  const problems: Problems = checkHours(form);
  if (form.thresholdOn && amount(form.threshold) === null) problems.priceThreshold = t("Enter an amount, for example 200 or 199.90.");
  if ([...form.greeting.trim()].length > GREETING_LIMIT) problems.greeting = t("The greeting is too long.");
  if (form.afterLapse === "MINUTES" && !(/^[0-9]+$/.test(form.lapseMinutes.trim()) && +form.lapseMinutes >= 1 && +form.lapseMinutes <= LONGEST_AFTER_LAPSE)) {
    problems.endsAfterLapse = t("Enter whole minutes, from 1 to {limit}.", { limit: String(LONGEST_AFTER_LAPSE) });
  }
  const [mail, gateway] = [form.contactEmail.trim(), form.gatewayUrl.trim()];
  if (mail && !/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(mail)) problems.contactEmail = t("This is not an e-mail address.");
  if (gateway && !socketAddress(gateway)) problems.gatewayUrl = t("The gateway's address must look like wss://live.example.com/live.");
  return problems;
}

function socketAddress(text: string): boolean {
  try {
    const { protocol, hostname, username, search, hash } = new URL(text);
    return (protocol === "ws:" || protocol === "wss:") && hostname !== "" && !username && !search && !hash && !/\s/.test(text);
  } catch {
    return false;
  }
}

/** The input of the mutation: only what differs, so that a change made elsewhere meanwhile is kept. */
export function inputOf(form: Form, settings: ChannelSettings): Record<string, unknown> {
  const before = formOf(settings);
  const input = hoursInput(form, before);
  for (const name of ["active", "priceStrength", "requestsAllowed", "codeRequired", "greeting", "gatewayUrl", "contactEmail", "picturesAllowed", "ratingAsked"] as const) {
    if (form[name] !== before[name]) input[name] = form[name];
  }
  if (form.thresholdOn !== before.thresholdOn || (form.thresholdOn && form.threshold !== before.threshold)) {
    input.priceThreshold = form.thresholdOn ? amount(form.threshold) : null;
  }
  if (lapseInput(form) !== lapseInput(before)) input.endsAfterLapse = lapseInput(form);
  return input;
}

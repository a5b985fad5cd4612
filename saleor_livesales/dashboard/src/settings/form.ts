/** The owner's form as text and switches, and what of it goes to the API. Pure. */

import type { ChannelSettings } from "../types";

export interface Form {
  active: boolean;
  thresholdOn: boolean;
  threshold: string;
  priceStrength: string;
  requestsAllowed: boolean;
  greeting: string;
  gatewayUrl: string;
  contactEmail: string;
}

export type Problems = Partial<Record<string, string>>;

export function formOf(settings: ChannelSettings): Form {
  return {
    active: settings.active,
    thresholdOn: settings.priceThreshold !== null,
    threshold: settings.priceThreshold ? String(settings.priceThreshold.amount) : "",
    priceStrength: settings.priceStrength,
    requestsAllowed: settings.requestsAllowed,
    greeting: settings.greeting,
    gatewayUrl: settings.gatewayUrl,
    contactEmail: settings.contactEmail,
  };
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
  const problems: Problems = {};
  if (form.thresholdOn && amount(form.threshold) === null) problems.priceThreshold = "Enter an amount, for example 200 or 199.90.";
  return problems;
}

/** The input of the mutation: only what differs, so that a change made elsewhere meanwhile is kept. */
export function inputOf(form: Form, settings: ChannelSettings): Record<string, unknown> {
  const before = formOf(settings);
  const input: Record<string, unknown> = {};
  for (const name of ["active", "priceStrength", "requestsAllowed", "greeting", "gatewayUrl", "contactEmail"] as const) {
    if (form[name] !== before[name]) input[name] = form[name];
  }
  if (form.thresholdOn !== before.thresholdOn || (form.thresholdOn && form.threshold !== before.threshold)) {
    input.priceThreshold = form.thresholdOn ? amount(form.threshold) : null;
  }
  return input;
}

/** What the Mails page shows and asks for. */

import { t } from "../words";

export type TemplateName = "MEMBER_CODE" | "RENEWAL";

export interface Words {
  subject: string;
  text: string;
  html: string;
}

export interface Template extends Words {
  template: TemplateName;
  language: string;
  own: boolean;
  facts: string[];
}

export interface MailSettings {
  channel: string;
  sender: string;
  deploymentSender: string;
  replyTo: string;
  unsubscribe: string;
  templates: Template[];
}

export interface Shown extends Words {
  sender: string;
}

export const keyOf = ({ template, language }: Template): string => `${template} ${language}`;

export function templateName(name: TemplateName): string {
  return name === "MEMBER_CODE" ? t("Sign-in code of a member") : t("Renewal to be paid");
}

export function factName(fact: string): string {
  switch (fact) {
    case "name":
      return t("Name of the member");
    case "plan":
      return t("Name of the plan");
    case "code":
      return t("The code");
    case "until":
      return t("When it ends; as a date: until|date:'Y-m-d'");
    case "link":
      return t("Address of the page to open");
    case "order":
      return t("Number of the order");
    case "over":
      return t("Only with if: the paid time is over");
    case "trial":
      return t("Only with if: it is a trial");
  }
  return fact;
}

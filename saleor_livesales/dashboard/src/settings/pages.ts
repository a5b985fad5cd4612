/** The owner's pages, in the order of their tabs. A page of its own is one more line here. */

import type { ComponentType } from "preact";
import type { Api } from "../api";
import { CodesView } from "../codes/Codes";
import { LettersView } from "../letters/Letters";
import { AppearanceView } from "../looks/Appearance";
import { MailsView } from "../mails/Mails";
import { MembersView } from "../members/Members";
import { PiecesView } from "../pieces/Pieces";
import { RatingsView } from "../ratings/Ratings";
import { t } from "../words";
import { SettingsView } from "./Settings";

export interface OwnerPage {
  /** What stands after `#` in the address. */
  name: string;
  label(): string;
  /** Fills the room below the tabs. It stays while another is looked at, so nothing that was typed is lost. */
  View: ComponentType<{ api: Api }>;
}

export const PAGES: readonly OwnerPage[] = [
  { name: "channels", label: () => t("Channels"), View: SettingsView },
  { name: "appearance", label: () => t("Appearance"), View: AppearanceView },
  { name: "members", label: () => t("Members"), View: MembersView },
  { name: "codes", label: () => t("Sign-in codes"), View: CodesView },
  { name: "mails", label: () => t("Mails"), View: MailsView },
  { name: "letters", label: () => t("Letters"), View: LettersView },
  { name: "ratings", label: () => t("Ratings"), View: RatingsView },
  { name: "pieces", label: () => t("Printed pieces"), View: PiecesView },
];

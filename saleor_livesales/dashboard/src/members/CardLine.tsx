import { useState } from "preact/hooks";
import type { Api } from "../api";
import { day, money } from "../format";
import REMOVE from "../graphql/cardRemove.graphql";
import { Button } from "../ui";
import { t } from "../words";
import { useAct } from "./act";
import type { Fee, Member } from "./state";

function reasonName(reason: string | null): string {
  switch (reason) {
    case "insufficient_funds":
      return t("not enough money on it");
    case "expired_card":
      return t("it has expired");
    case "authentication_required":
      return t("the bank wants the member to confirm it");
    case "lost_card":
    case "stolen_card":
    case "pickup_card":
      return t("it was reported as lost");
    case "payment_method_gone":
      return t("the payment provider has it no more");
    case null:
    case "declined":
    case "generic_decline":
    case "do_not_honor":
    case "card_declined":
      return t("the bank gave no reason");
    default:
      return reason.replaceAll("_", " ");
  }
}

function brandName(brand: string): string {
  return brand.replaceAll("_", " ").replace(/\b\w/g, (letter) => letter.toUpperCase());
}

function feeName(fee: Fee): string {
  const facts = { amount: money(fee.amount), day: day(fee.createdAt) };
  switch (fee.state) {
    case "PAID":
      return t("{amount} charged on {day}", facts);
    case "REFUSED":
      return t("{amount} refused on {day}: {reason}", { ...facts, reason: reasonName(fee.reason) });
    case "RETURNING":
    case "RETURNED":
      return t("{amount} of {day} given back: the order was paid otherwise", facts);
    case "DROPPED":
      return t("{amount} of {day} not charged: it was not owed any more", facts);
    default:
      return t("{amount} of {day}: the bank has not answered", facts);
  }
}

/** What the member's renewals are charged to, and how the last tries went. */
export function CardLine({ api, member, changed }: { api: Api; member: Member; changed(): void }) {
  const { act, busy, failure } = useAct(api, []);
  const [sure, ask] = useState(false);
  const { paymentMethod: card } = member;
  const fees = (member.fees ?? []).slice(0, 5);
  if (!card && fees.length === 0) return null;
  return (
    <>
      <h3>{t("Card")}</h3>
      {card && (
        <div class="member-code">
          <p>
            <bdi dir="ltr">
              {brandName(card.brand)} •••• {card.lastDigits}
            </bdi>
            {card.expiresOn && <span class="members-mail">{t("valid before {day}", { day: day(card.expiresOn) })}</span>}
          </p>
          <Button
            small
            look={sure ? "critical" : undefined}
            disabled={busy}
            onClick={async () => {
              if (!sure) return ask(true);
              if (await act(REMOVE, { id: card.id })) changed();
            }}
          >
            {sure ? t("Remove it: renewals are paid by a link then") : t("Remove")}
          </Button>
        </div>
      )}
      {fees.length > 0 && (
        <ul class="member-lines">
          {fees.map((fee) => (
            <li key={fee.id}>
              <span>{feeName(fee)}</span>
            </li>
          ))}
        </ul>
      )}
      {failure && (
        <p class="field-problem" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}

import type { Api } from "../api";
import { clock, day } from "../format";
import REPLACE from "../graphql/memberCode.graphql";
import { Button } from "../ui";
import { t } from "../words";
import { useAct } from "./act";
import { type Member, running } from "./state";

/** Where the member's sign-in code is, and a new one where it was lost. Nobody can read the code itself. */
export function CodeLine({ api, member, changed }: { api: Api; member: Member; changed(): void }) {
  const { act, busy, failure } = useAct(api, []);
  const { delivery } = member;
  return (
    <>
      <h3>{t("Sign-in code")}</h3>
      <div class="member-code">
        <p>
          {delivery ? told(delivery) : t("None was issued yet.")}
          {delivery?.code && !delivery.endedAt && (
            <span class="members-mail">
              <bdi dir="ltr">{delivery.code.masked}</bdi>
            </span>
          )}
        </p>
        {running(member) && delivery && (
          <Button
            small
            disabled={busy}
            onClick={async () => {
              if (await act(REPLACE, { id: member.id })) changed();
            }}
          >
            {t("Mail a new one")}
          </Button>
        )}
      </div>
      {failure && (
        <p class="field-problem" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}

function told({ state, sentAt, endedAt, problem }: NonNullable<Member["delivery"]>): string {
  if (endedAt) return t("Ended on {day}", { day: day(endedAt) });
  switch (state) {
    case "SENT":
      return t("Mailed on {day} at {time}", { day: day(sentAt ?? ""), time: clock(sentAt ?? "") });
    case "FAILED":
      return problem === "no_address" ? t("Not mailed: the account has no address") : t("Not mailed: the mail server refused it for two days");
    default:
      return problem ? t("Not mailed yet; it is tried again") : t("About to be mailed");
  }
}

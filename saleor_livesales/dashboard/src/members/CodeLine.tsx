import type { Api } from "../api";
import { stopped, told } from "../codes/state";
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
              if (await act(REPLACE, { id: member.id, addressWorks: stopped(delivery) })) changed();
            }}
          >
            {stopped(delivery) ? t("The address works: mail a new one") : t("Mail a new one")}
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

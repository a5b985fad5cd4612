import { useState } from "preact/hooks";
import type { Api } from "../api";
import { count, day } from "../format";
import REVOKE from "../graphql/codeRevoke.graphql";
import CODES from "../graphql/codes.graphql";
import { useAct } from "../members/act";
import { Button, Chip } from "../ui";
import { t } from "../words";
import { List, useList } from "./list";
import { CODE_STATES, type Code, type CodeState, codeName } from "./state";

/** Every code that was issued, to members and in print. Only its last characters are known to anybody but its holder. */
export function AllCodes({ api }: { api: Api }) {
  const [state, pick] = useState<CodeState | "">("");
  const [sure, ask] = useState(""); // the code that is about to be revoked
  const list = useList<Code>(api, CODES, { filter: { state: state ? [state] : null } });
  const { act, busy, failure } = useAct(api, []);
  return (
    <>
      <div class="members-filters">
        <select class={`select${state ? " select-set" : ""}`} aria-label={t("State")} value={state} onChange={(event) => pick(event.currentTarget.value as CodeState)}>
          <option value="">{t("Any state")}</option>
          {CODE_STATES.map((name) => (
            <option key={name} value={name}>
              {codeName(name)}
            </option>
          ))}
        </select>
      </div>
      {failure && (
        <p class="inline-problem" role="alert">
          {failure}
        </p>
      )}
      <List
        list={list}
        columns={[t("Code"), t("Whose"), t("State"), t("Used"), t("Valid until")]}
        empty={{ title: state ? t("No code matches") : t("No codes yet") }}
        row={(row) => (
          <tr key={row.id}>
            <td>
              <bdi dir="ltr">{row.masked}</bdi>
            </td>
            <td>
              <bdi>{row.recipient?.name || row.recipient?.reference || row.piece?.name || t("A member")}</bdi>
              {row.recipient && row.piece && <span class="members-mail">{row.piece.name}</span>}
            </td>
            <td>
              <Chip tone={row.state === "ISSUED" ? "success" : row.state === "REVOKED" ? "critical" : undefined}>{codeName(row.state)}</Chip>
            </td>
            <td>{row.maxUses === null ? count(row.uses) : t("{shown} of {total}", { shown: count(row.uses), total: count(row.maxUses) })}</td>
            <td class="members-date">{row.validUntil ? day(row.validUntil) : t("No end")}</td>
            <td class="codes-act">
              {row.state === "ISSUED" &&
                (sure === row.id ? (
                  <Button
                    small
                    look="critical"
                    disabled={busy}
                    onClick={async () => {
                      if (await act(REVOKE, { id: row.id, reason: null })) void list.load();
                      ask("");
                    }}
                  >
                    {t("Revoke it now")}
                  </Button>
                ) : (
                  <Button small onClick={() => ask(row.id)}>
                    {t("Revoke")}
                  </Button>
                ))}
            </td>
          </tr>
        )}
      />
    </>
  );
}

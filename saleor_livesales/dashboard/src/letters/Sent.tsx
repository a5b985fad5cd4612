import { useState } from "preact/hooks";
import type { Api } from "../api";
import { List, useList } from "../codes/list";
import LETTERS from "../graphql/letters.graphql";
import RETRY from "../graphql/letterRetry.graphql";
import { useAct } from "../members/act";
import { Button, Chip } from "../ui";
import { t } from "../words";
import { type Letter, LETTER_STATES, letterName, type LetterState, letterTone, retryable, told } from "./letter";

/** All letters of a channel, the latest first; one that did not arrive is sent again once there is a good address. */
export function Sent({ api, channel }: { api: Api; channel: string }) {
  const [state, pick] = useState<LetterState | "">("");
  const list = useList<Letter>(api, LETTERS, { channel, state: state ? [state] : null });
  const { act, busy, failure } = useAct(api, []);
  return (
    <section class="letters-sent" aria-label={t("All letters")}>
      <div class="members-filters">
        <select class={`select${state ? " select-set" : ""}`} aria-label={t("State")} value={state} onChange={(event) => pick(event.currentTarget.value as LetterState)}>
          <option value="">{t("Any state")}</option>
          {LETTER_STATES.map((name) => (
            <option key={name} value={name}>
              {letterName(name)}
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
        columns={[t("Name"), t("Plan"), t("Number"), t("State")]}
        empty={state ? { title: t("No letter matches") } : { title: t("No letters yet"), text: t("A member's sign-in code can go by post instead of by mail.") }}
        row={(letter) => (
          <tr key={letter.id}>
            <td>
              <bdi>{letter.membership.profile?.name || letter.membership.profile?.email || t("Deleted account")}</bdi>
              {letter.membership.profile && <span class="members-mail">{letter.membership.profile.email}</span>}
            </td>
            <td>{letter.membership.plan.name}</td>
            <td>
              <bdi dir="ltr">{letter.number}</bdi>
            </td>
            <td>
              <Chip tone={letterTone(letter)}>{letterName(letter.state)}</Chip>
              <span class="members-mail">{told(letter)}</span>
            </td>
            <td class="codes-act">
              {retryable(letter.state) && (
                <Button
                  small
                  disabled={busy}
                  onClick={async () => {
                    if (await act(RETRY, { id: letter.id })) void list.load();
                  }}
                >
                  {letter.state === "UNDELIVERABLE" ? t("The address is new: send a new code") : t("Send again")}
                </Button>
              )}
            </td>
          </tr>
        )}
      />
    </section>
  );
}

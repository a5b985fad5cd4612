import { useState } from "preact/hooks";
import type { Api } from "../api";
import DELIVERIES from "../graphql/deliveries.graphql";
import POST from "../graphql/letterCreate.graphql";
import REPLACE from "../graphql/memberCode.graphql";
import { useAct } from "../members/act";
import { Button, Chip } from "../ui";
import { t } from "../words";
import { List, useList } from "./list";
import { DELIVERY_STATES, type Delivery, type DeliveryState, deliveryName, deliveryTone, stopped, told } from "./state";

/** The codes of members and their mails, the latest first; a new one where one was lost. */
export function Deliveries({ api }: { api: Api }) {
  const [state, pick] = useState<DeliveryState | "">("");
  const list = useList<Delivery>(api, DELIVERIES, { state: state ? [state] : null });
  const { act, busy, failure } = useAct(api, []);
  return (
    <>
      <div class="members-filters">
        <select class={`select${state ? " select-set" : ""}`} aria-label={t("State")} value={state} onChange={(event) => pick(event.currentTarget.value as DeliveryState)}>
          <option value="">{t("Any state")}</option>
          {DELIVERY_STATES.map((name) => (
            <option key={name} value={name}>
              {deliveryName(name)}
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
        columns={[t("Name"), t("Plan"), t("Code"), t("State")]}
        empty={state ? { title: t("No code matches") } : { title: t("No codes yet"), text: t("Each paid member gets one by mail for the period.") }}
        row={(row) => (
          <tr key={row.id}>
            <td>
              <bdi>{row.membership.profile?.name || row.membership.profile?.email || t("Deleted account")}</bdi>
              {row.membership.profile && <span class="members-mail">{row.membership.profile.email}</span>}
            </td>
            <td>{row.membership.plan.name}</td>
            <td>
              <bdi dir="ltr">{row.code?.masked}</bdi>
            </td>
            <td>
              <Chip tone={row.endedAt ? undefined : deliveryTone(row.state)}>{deliveryName(row.state)}</Chip>
              <span class="members-mail">{told(row)}</span>
            </td>
            <td class="codes-act">
              {!row.endedAt && (
                <Button
                  small
                  disabled={busy}
                  onClick={async () => {
                    if (await act(REPLACE, { id: row.membership.id, addressWorks: stopped(row) })) void list.load();
                  }}
                >
                  {stopped(row) ? t("The address works: mail a new one") : t("Mail a new one")}
                </Button>
              )}
              {!row.endedAt && row.state !== "POST" && (
                <Button
                  small
                  disabled={busy}
                  onClick={async () => {
                    if (await act(POST, { id: row.membership.id })) void list.load();
                  }}
                >
                  {t("Send by post")}
                </Button>
              )}
            </td>
          </tr>
        )}
      />
    </>
  );
}

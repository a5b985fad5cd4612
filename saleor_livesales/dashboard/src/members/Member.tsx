import { useState } from "preact/hooks";
import type { Api } from "../api";
import { clock, count, day, money } from "../format";
import CANCEL from "../graphql/memberCancel.graphql";
import EXTEND from "../graphql/memberExtend.graphql";
import RESUME from "../graphql/memberResume.graphql";
import REVOKE from "../graphql/memberRevoke.graphql";
import { Line } from "../settings/fields";
import { amount as amountOf } from "../settings/form";
import { Button, Chip } from "../ui";
import { t } from "../words";
import { useAct } from "./act";
import { CardLine } from "./CardLine";
import { ChangePlan } from "./ChangePlan";
import { CodeLine } from "./CodeLine";
import { actorName, type Charge, changeName, type Member, type Plan, running, stateName, stateTone } from "./state";

function paidBy(charge: Charge): string {
  if (charge.kind === "GIFT") return t("Given");
  if (charge.kind === "HAND") return t("Noted by hand");
  return t("Order {number}", { number: charge.orderNumber ?? "" });
}

/** One member: what was paid, what happened, and what the owner may do. */
export function MemberView({ api, member, plans, changed, close }: { api: Api; member: Member; plans: Plan[]; changed(): void; close(): void }) {
  const [doing, turn] = useState<"" | "extend" | "plan" | "revoke">("");
  const [periods, writePeriods] = useState("1");
  const [paid, writePaid] = useState("");
  const [reason, writeReason] = useState("");
  const [wrong, tell] = useState("");
  const { act, busy, problems, failure } = useAct(api, ["periods", "amount", "reason"]);

  const run = async (document: string, more: Record<string, unknown> = {}) => {
    if (!(await act(document, { id: member.id, ...more }))) return;
    turn("");
    writePaid("");
    writeReason("");
    changed();
  };
  const others = plans.filter(({ id, active }) => active && id !== member.plan.id);
  const submit = () => {
    tell("");
    if (doing === "revoke") return void run(REVOKE, { reason });
    const money = paid.trim() ? amountOf(paid) : null;
    if (paid.trim() && money === null) return tell(t("Enter an amount, for example 200 or 199.90."));
    void run(EXTEND, { periods: Number(periods), reason, amount: money });
  };
  return (
    <aside class="member" aria-label={member.profile?.name ?? member.plan.name}>
      <header class="member-head">
        <h2>
          <bdi>{member.profile?.name || member.profile?.email || t("Deleted account")}</bdi>
        </h2>
        <Chip tone={stateTone(member.state)}>{stateName(member.state)}</Chip>
        <Button small onClick={close}>
          {t("Close")}
        </Button>
      </header>
      <p class="member-facts">
        {t("{plan}, since {since}, paid until {until}", { plan: member.plan.name, since: day(member.since), until: day(member.paidUntil) })}
      </p>
      {member.nextPlan && <p class="member-facts">{t("Renewed to {plan}.", { plan: member.nextPlan.name })}</p>}
      {member.sessions && member.sessions.limit !== null && (
        <p class="member-facts">{t("Sessions of this period: {used} of {limit}.", { used: count(member.sessions.used), limit: count(member.sessions.limit) })}</p>
      )}
      {running(member) && (
        <div class="member-actions">
          <Button aria-pressed={doing === "extend"} onClick={() => turn(doing === "extend" ? "" : "extend")}>
            {t("Extend")}
          </Button>
          {others.length > 0 && (
            <Button aria-pressed={doing === "plan"} onClick={() => turn(doing === "plan" ? "" : "plan")}>
              {t("Change the plan")}
            </Button>
          )}
          {member.endsWithPeriod ? (
            <Button disabled={busy} onClick={() => void run(RESUME)}>
              {t("Take the cancellation back")}
            </Button>
          ) : (
            <Button disabled={busy} onClick={() => void run(CANCEL)}>
              {t("Cancel at the end")}
            </Button>
          )}
          <Button aria-pressed={doing === "revoke"} onClick={() => turn(doing === "revoke" ? "" : "revoke")}>
            {t("End now")}
          </Button>
        </div>
      )}
      {doing === "plan" && (
        <ChangePlan
          api={api}
          member={member}
          plans={others}
          changed={() => {
            turn("");
            changed();
          }}
        />
      )}
      {(doing === "extend" || doing === "revoke") && (
        <form
          class="member-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy) submit();
          }}
        >
          {doing === "extend" && (
            <>
              <Line name="periods" label={t("Periods")} mode="decimal" value={periods} problem={problems.periods} change={writePeriods} />
              <Line
                name="amount"
                label={t("Money that you took yourself")}
                hint={t("Leave it empty to give the periods away.")}
                mode="decimal"
                value={paid}
                problem={wrong || problems.amount}
                change={writePaid}
              />
            </>
          )}
          {doing === "revoke" && <p class="member-warning">{t("It ends at once. Money goes back by refunding the order in the shop.")}</p>}
          <Line name="reason" label={t("Reason")} mode="text" value={reason} problem={problems.reason} change={writeReason} />
          <Button look={doing === "revoke" ? "critical" : "primary"} type="submit" disabled={busy}>
            {doing === "revoke" ? t("End the membership now") : t("Add periods")}
          </Button>
        </form>
      )}
      {failure && (
        <p class="field-problem" role="alert">
          {failure}
        </p>
      )}
      <CodeLine api={api} member={member} changed={changed} />
      <CardLine api={api} member={member} changed={changed} />
      <h3>{t("Fees")}</h3>
      {member.charges?.length ? (
        <ul class="member-lines">
          {member.charges.map((charge) => (
            <li key={charge.id}>
              <span>
                {paidBy(charge)}
                <span class="members-mail">
                  {day(charge.createdAt)}, {t("periods: {number}", { number: count(charge.periods) })}
                  {charge.returned > 0 && `, ${t("given back: {number}", { number: count(charge.returned) })}`}
                </span>
              </span>
              <span class="member-money">
                {charge.amount ? money(charge.amount) : "–"}
                {charge.refunded && charge.refunded.amount > 0 && <span class="members-mail">{t("refunded {amount}", { amount: money(charge.refunded) })}</span>}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <p class="members-mail">{t("Nothing was paid yet.")}</p>
      )}
      <h3>{t("History")}</h3>
      <ul class="member-lines">
        {member.changes?.map((change) => (
          <li key={change.id}>
            <span>
              {changeName(change)}
              {change.reason && <span class="members-mail">{change.reason}</span>}
            </span>
            <span class="member-money">
              {day(change.at)} {clock(change.at)}
              <span class="members-mail">{actorName(change.actor)}</span>
            </span>
          </li>
        ))}
      </ul>
    </aside>
  );
}

import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import { count, day, money } from "../format";
import CHANGE from "../graphql/memberChange.graphql";
import QUOTE from "../graphql/memberQuote.graphql";
import { Choice } from "../settings/fields";
import type { Money } from "../types";
import { Button } from "../ui";
import { t } from "../words";
import { useAct } from "./act";
import type { Member, Plan } from "./state";

interface Quote {
  left: Money;
  days: number;
  until: string;
  price: Money;
}

/** What a change at once would give, asked for each plan that is looked at; or why there is none. */
function useQuote(api: Api, id: string, planId: string, wanted: boolean): { quote?: Quote; refused?: string } {
  const [found, show] = useState<{ planId: string; quote?: Quote; refused?: string } | null>(null);
  useEffect(() => {
    if (!wanted) return;
    let latest = true;
    api.run<{ liveMembershipQuote: Quote }>(QUOTE, { id, planId }).then(
      ({ liveMembershipQuote: quote }) => latest && show({ planId, quote }),
      (error: unknown) => latest && show({ planId, refused: error instanceof ApiError ? error.message : t("Something went wrong. Try again.") }),
    );
    return () => {
      latest = false;
    };
  }, [api, id, planId, wanted]);
  return wanted && found?.planId === planId ? found : {};
}

/** Another plan for a member: with the next period, or at once for what is left, which is shown before. */
export function ChangePlan({ api, member, plans, changed }: { api: Api; member: Member; plans: Plan[]; changed(): void }) {
  const [planId, pick] = useState(plans[0]?.id ?? "");
  const [when, choose] = useState<"NEXT" | "NOW">("NEXT");
  const { act, busy, failure } = useAct(api, []);
  const atOnce = when === "NOW";
  const { quote, refused } = useQuote(api, member.id, planId, atOnce && Boolean(planId));
  const plan = plans.find(({ id }) => id === planId)?.name ?? "";
  return (
    <form
      class="member-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && (!atOnce || quote)) void act(CHANGE, { id: member.id, planId, atOnce }).then((done) => done && changed());
      }}
    >
      <label class="input">
        <span class="input-label">{t("Plan")}</span>
        <select class="members-select" value={planId} onChange={(event) => pick(event.currentTarget.value)}>
          {plans.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Choice
        name="when"
        label={t("When")}
        value={when}
        options={[
          ["NEXT", t("With the next period"), t("The renewal asks for the new plan; paying it changes the plan.")],
          ["NOW", t("At once"), t("No money moves: what is left becomes time on the new plan.")],
        ]}
        change={(value) => choose(value as "NEXT" | "NOW")}
      />
      {atOnce && (
        <div class="member-quote" aria-live="polite">
          {quote ? (
            <>
              <p>{t("{left} is left. It becomes {plan} for {days} days, until {until}.", { left: money(quote.left), plan, days: count(quote.days), until: day(quote.until) })}</p>
              <p class="members-mail">{t("Then a period costs {price}.", { price: money(quote.price) })}</p>
            </>
          ) : (
            <p class={refused ? "field-problem" : "members-mail"}>{refused ?? t("Working it out…")}</p>
          )}
        </div>
      )}
      {failure && (
        <p class="field-problem" role="alert">
          {failure}
        </p>
      )}
      <Button look="primary" type="submit" disabled={busy || !planId || (atOnce && !quote)}>
        {atOnce ? t("Change the plan now") : t("Change the plan with the next period")}
      </Button>
    </form>
  );
}

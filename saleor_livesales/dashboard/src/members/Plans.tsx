import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api";
import CREATE from "../graphql/planCreate.graphql";
import PLANS from "../graphql/plans.graphql";
import UPDATE from "../graphql/planUpdate.graphql";
import { productId } from "../pieces/lists";
import { Choice, Line, Switch } from "../settings/fields";
import { Button, Chip, Skeleton } from "../ui";
import { t } from "../words";
import { useAct } from "./act";

interface Row {
  id: string;
  name: string;
  level: number;
  period: string;
  trial: string | null;
  graceDays: number;
  timeZone: string;
  active: boolean;
  priority: number;
  arrangement: string;
  forms: string[];
  sessionsPerPeriod: number;
  productId: string;
  variantId: string;
  paymentUrl: string | null;
  signInUrl: string | null;
}

const FIELDS = ["name", "level", "productId", "variantId", "period", "trial", "graceDays", "priority", "sessionsPerPeriod", "timeZone", "paymentUrl", "signInUrl"] as const;

/** An id, or the address of the variant's page in the Dashboard, which ends with it. */
export function variantId(text: string): string {
  const found = /\/variant\/([^/?#]+)/.exec(text);
  try {
    return found ? decodeURIComponent(found[1]!) : text.trim();
  } catch {
    return text.trim();
  }
}

/** The plans, and the form for one. */
export function Plans({ api, changed, close }: { api: Api; changed(): void; close(): void }) {
  const [rows, put] = useState<readonly Row[] | null>(null);
  const [failed, fail] = useState(false);
  const [chosen, choose] = useState<Row | "new" | null>(null);
  const load = () =>
    api.run<{ liveMembershipPlans: Row[] }>(PLANS, {}).then(
      ({ liveMembershipPlans }) => {
        put(liveMembershipPlans);
        fail(false);
      },
      () => fail(true),
    );
  useEffect(() => void load(), [api]);
  return (
    <aside class="member" aria-label={t("Plans")}>
      <header class="member-head">
        <h2>{chosen === null ? t("Plans") : chosen === "new" ? t("New plan") : <bdi>{chosen.name}</bdi>}</h2>
        {chosen !== null && (
          <Button small onClick={() => choose(null)}>
            {t("All plans")}
          </Button>
        )}
        <Button small onClick={close}>
          {t("Close")}
        </Button>
      </header>
      {chosen !== null ? (
        <PlanForm
          key={chosen === "new" ? "new" : chosen.id}
          api={api}
          plan={chosen === "new" ? null : chosen}
          saved={() => {
            choose(null);
            changed();
            void load();
          }}
        />
      ) : failed ? (
        <p class="field-problem" role="alert">
          {t("The plans could not be loaded.")}{" "}
          <Button small onClick={() => void load()}>
            {t("Try again")}
          </Button>
        </p>
      ) : rows === null ? (
        <Skeleton rows={3} />
      ) : (
        <>
          {rows.length === 0 && <p class="members-mail">{t("A plan is bought as a product of your shop: each piece of it is one period.")}</p>}
          <ul class="member-lines">
            {rows.map((row) => (
              <li key={row.id}>
                <span>
                  <button type="button" class="members-name" onClick={() => choose(row)}>
                    <bdi>{row.name}</bdi>
                  </button>
                  <span class="members-mail">{t("Level {level}, period {period}", { level: String(row.level), period: row.period })}</span>
                </span>
                <span>
                  <Chip tone={row.active ? "success" : undefined}>{row.active ? t("On") : t("Off")}</Chip>
                </span>
              </li>
            ))}
          </ul>
          <Button look="primary" onClick={() => choose("new")}>
            {t("New plan")}
          </Button>
        </>
      )}
    </aside>
  );
}

function PlanForm({ api, plan, saved }: { api: Api; plan: Row | null; saved(): void }) {
  const [form, write] = useState<Record<(typeof FIELDS)[number], string>>({
    name: plan?.name ?? "",
    level: String(plan?.level ?? 1),
    productId: plan?.productId ?? "",
    variantId: plan?.variantId ?? "",
    period: plan?.period ?? "P1M",
    trial: plan?.trial ?? "",
    graceDays: String(plan?.graceDays ?? 0),
    priority: String(plan?.priority ?? 0),
    sessionsPerPeriod: String(plan?.sessionsPerPeriod ?? 0),
    timeZone: plan?.timeZone ?? (Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"),
    paymentUrl: plan?.paymentUrl ?? "",
    signInUrl: plan?.signInUrl ?? "",
  });
  const [arrangement, arrange] = useState(plan?.arrangement ?? "RULES");
  const [forms, choose] = useState((plan?.forms ?? []).join(" "));
  const [active, turn] = useState(plan?.active ?? true);
  const [wrong, tell] = useState<Readonly<Record<string, string>>>({});
  const { act, busy, problems, failure } = useAct(api, [...FIELDS, "arrangement", "forms"]);
  const line = (name: (typeof FIELDS)[number], label: string, hint?: string, mode: "text" | "url" | "decimal" = "text") => (
    <Line
      name={name}
      label={label}
      {...(hint ? { hint } : {})}
      mode={mode}
      value={form[name]}
      problem={wrong[name] ?? problems[name]}
      change={(value) => write({ ...form, [name]: value })}
    />
  );
  const save = async () => {
    const numbers = {
      level: Number(form.level),
      graceDays: Number(form.graceDays),
      priority: Number(form.priority),
      sessionsPerPeriod: Number(form.sessionsPerPeriod),
    };
    const broken = Object.entries(numbers).filter(([name, value]) => !form[name as "level"].trim() || !Number.isInteger(value));
    tell(Object.fromEntries(broken.map(([name]) => [name, t("Enter a whole number.")])));
    if (broken.length) return;
    const input = { ...form, ...numbers, productId: productId(form.productId), variantId: variantId(form.variantId), arrangement, forms: forms.split(" ").filter(Boolean), active };
    if (await act(plan ? UPDATE : CREATE, { ...(plan ? { id: plan.id } : {}), input })) saved();
  };
  return (
    <form
      class="member-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void save();
      }}
    >
      {line("name", t("Name"), t("Members read it in their mails."))}
      {line("productId", t("Product"), t("Its ID, or the address of its page in the Dashboard. It needs no shipping."))}
      {line("variantId", t("Variant"), t("Its ID, or the address of its page in the Dashboard. Its price is the fee of one period."))}
      {line("period", t("Period"), t("P1M is a month, P1Y a year, P14D 14 days."))}
      {line("trial", t("Trial (may be left empty)"), t("As long as it may be tried without paying, such as P14D."))}
      {line("graceDays", t("Days of grace"), t("How long it still holds once the notices of an unpaid renewal are over."), "decimal")}
      {line("level", t("Level"), t("Of several memberships the highest counts."), "decimal")}
      {line("priority", t("Priority in the queue"), t("0 to 10: a member with a higher one is served first. 0: in the order of arrival."), "decimal")}
      {line("sessionsPerPeriod", t("Sessions in a period"), t("How many a member may ask for. 0: no limit."), "decimal")}
      <Choice
        name="arrangement"
        label={t("When a member comes")}
        value={arrangement}
        options={[
          ["RULES", t("As for everybody"), t("By the channel's rules.")],
          ["REQUEST", t("On request"), t("May ask for help, also where the channel takes no requests. Nothing is offered.")],
          ["OFFER", t("Help is offered"), t("Once in a visit, whatever is looked at.")],
          ["CONNECT", t("Connected at once"), t("A session begins once in a visit, while the plan has one left.")],
        ]}
        problem={problems.arrangement}
        change={arrange}
      />
      <Choice
        name="forms"
        label={t("Forms of help")}
        value={forms}
        options={[
          ["", t("All that the channel offers"), ""],
          ["CHAT", t("Chat"), ""],
          ["CHAT AUDIO", t("Chat and audio"), ""],
        ]}
        problem={problems.forms}
        change={choose}
      />
      {line("timeZone", t("Time zone"), t("In whose wall time periods end, such as Europe/Berlin."))}
      {line("paymentUrl", t("Page on which a renewal is paid"), t("May be left empty. Such as https://shop.example.com/pay/{order}.", { order: "{order}" }), "url")}
      {line("signInUrl", t("Page that the mail with a code opens"), t("May be left empty. A page of your shop with the widget on it."), "url")}
      <Switch name="active" label={t("The plan is shown and renewed")} checked={active} change={turn} />
      {plan && <p class="members-mail">{t("Product, variant, period and time zone stay once somebody has bought the plan.")}</p>}
      {failure && (
        <p class="field-problem" role="alert">
          {failure}
        </p>
      )}
      <Button look="primary" type="submit" disabled={busy}>
        {plan ? t("Save") : t("Make the plan")}
      </Button>
    </form>
  );
}

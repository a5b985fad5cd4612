import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api";
import { count, money } from "../format";
import UPDATE from "../graphql/letterWayUpdate.graphql";
import { useAct } from "../members/act";
import { Card, Choice, Line, Notes, Switch } from "../settings/fields";
import { Button } from "../ui";
import { t } from "../words";
import { check, FIELDS, type Form, formOf, inputOf, type LetterWay, providerName } from "./state";

/** Who prints the letters of a channel, what that may cost, and who is their sender. */
export function Way({ api, stored, saved }: { api: Api; stored: LetterWay; saved(): Promise<void> }) {
  const [form, write] = useState<Form>(() => formOf(stored));
  const [own, note] = useState<Readonly<Record<string, string>>>({});
  const [done, tell] = useState(false);
  const { act, busy, problems, failure } = useAct(api, FIELDS);
  useEffect(() => write(formOf(stored)), [stored]);
  const edited = JSON.stringify(form) !== JSON.stringify(formOf(stored));
  const wrong = { ...problems, ...own };
  const provided = form.way === "PROVIDER";
  const change = (part: Partial<Form>) => {
    tell(false);
    write({ ...form, ...part });
  };
  const save = async () => {
    const found = check(form);
    note(found);
    if (Object.keys(found).length || !(await act(UPDATE, { channel: stored.channel, input: inputOf(form) }))) return;
    await saved();
    tell(true);
  };
  const line = (name: Exclude<keyof Form, "way" | "color">, label: string, more: { hint?: string; unit?: string; mode?: "decimal" } = {}) => (
    <Line name={name} label={label} mode="text" {...more} value={form[name]} problem={wrong[name]} change={(value) => change({ [name]: value })} />
  );
  return (
    <form
      class="channel-form"
      aria-label={t("Letters")}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (edited && !busy) void save();
      }}
    >
      <header class="savebar">
        <h2 class="savebar-title">{t("Letters")}</h2>
        <p class="savebar-text" role="status">
          {done && !edited && <span class="saved">{t("Saved")}</span>}
          {failure ? <span class="field-problem">{failure}</span> : Object.keys(wrong).length > 0 ? <span class="field-problem">{t("Check the marked fields.")}</span> : edited && t("There are changes that are not saved.")}
        </p>
        <Button look="primary" type="submit" disabled={!edited || busy}>
          {busy ? t("Saving…") : t("Save")}
        </Button>
      </header>
      <div class="cards">
        <Card title={t("By which way")} text={t("Sign-in codes that go by post are printed by you, or by a provider that also mails them.")}>
          <Choice
            name="way"
            label={t("Who prints the letters")}
            value={form.way}
            problem={wrong.way}
            options={[
              ["PRINT", t("The store"), t("You download them and hand them to the post.")],
              ["PROVIDER", t("A print-and-mail provider"), t("It checks each address, prints, mails and tells what became of the letter.")],
            ]}
            change={(way) => change({ way: way as Form["way"] })}
          />
          {provided && <Provider form={form} providers={stored.providers} problem={wrong.provider} change={change} />}
          {provided && stored.reportUrl && (
            <p class="field-hint">
              {t("Address for the provider's reports:")} <bdi class="letters-address">{stored.reportUrl}</bdi>
            </p>
          )}
        </Card>
        {provided && (
          <>
            <Card title={t("Cost")} text={t("The provider does not tell what a letter costs: enter its price, and the letters stop at your limit.")}>
              {stored.spent && stored.monthlyLimit && <Month stored={stored} spent={stored.spent} limit={stored.monthlyLimit} />}
              {line("price", t("A letter costs"), { mode: "decimal", unit: form.currency.toUpperCase() })}
              {line("monthlyLimit", t("Limit in a month"), { mode: "decimal", unit: form.currency.toUpperCase(), hint: t("Further letters wait until the next month, or for a higher limit.") })}
              {line("currency", t("Currency"), { hint: t("Three letters, such as USD.") })}
              <Switch name="color" label={t("Print in color")} checked={form.color} change={(color) => change({ color })} />
            </Card>
            <Card title={t("Sender")} text={t("The provider prints this address. What can't be delivered comes back to it. Lob takes senders in the US.")}>
              {line("senderName", t("Name of the store"))}
              {line("senderLine1", t("Street and number"))}
              {line("senderLine2", t("More of the address"))}
              {line("senderCity", t("City"))}
              {line("senderArea", t("State or province"))}
              {line("senderPostalCode", t("Postal code"))}
              {line("senderCountry", t("Country"), { hint: t("Two letters, such as US.") })}
            </Card>
          </>
        )}
      </div>
    </form>
  );
}

function Provider({ form, providers, problem, change }: { form: Form; providers: readonly string[]; problem: string | undefined; change(part: Partial<Form>): void }) {
  if (!providers.length) {
    return (
      <p class="field-problem" role="alert">
        {t("This shop has no account with a provider yet. Its administrator sets LIVESALES_LETTER_PROVIDERS.")}
      </p>
    );
  }
  return (
    <div class="field">
      <label class={`input${problem ? " input-wrong" : ""}`}>
        <span class="input-label">{t("Provider")}</span>
        <select class="members-select" name="provider" value={form.provider} onChange={(event) => change({ provider: event.currentTarget.value })}>
          {[...new Set([...providers, form.provider])].map((name) => (
            <option key={name} value={name}>
              {providerName(name)}
            </option>
          ))}
        </select>
      </label>
      <Notes name="provider" label="" problem={problem} />
    </div>
  );
}

/** What this month's letters cost, against the limit. */
function Month({ stored, spent, limit }: { stored: LetterWay; spent: LetterWay["spent"] & object; limit: LetterWay["monthlyLimit"] & object }) {
  const full = spent.amount + (stored.price?.amount ?? 0) > limit.amount;
  return (
    <div class="letters-month">
      <p>{t("This month: {letters} letters, {spent} of {limit}", { letters: count(stored.letters), spent: money(spent), limit: money(limit) })}</p>
      <meter min={0} max={Math.max(limit.amount, 0.01)} value={spent.amount} aria-label={t("Cost of this month")} />
      {stored.waiting > 0 && <p>{t("{count} letters are on their way to the provider.", { count: count(stored.waiting) })}</p>}
      {full && (
        <p class="field-problem" role="status">
          {t("The limit is reached: further letters wait.")}
        </p>
      )}
    </div>
  );
}

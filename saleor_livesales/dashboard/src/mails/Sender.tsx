import { useState } from "preact/hooks";
import type { Api } from "../api";
import SENDER from "../graphql/mailSender.graphql";
import { useAct } from "../members/act";
import { Card, Line } from "../settings/fields";
import { Button } from "../ui";
import { t } from "../words";
import type { MailSettings } from "./state";

const FIELDS = ["sender", "replyTo", "unsubscribe"] as const;
type Form = Record<(typeof FIELDS)[number], string>;

/** From whom the mails of a channel come, and where answers go. */
export function Sender({ api, settings, saved }: { api: Api; settings: MailSettings; saved(next: Form): void }) {
  const stored: Form = { sender: settings.sender, replyTo: settings.replyTo, unsubscribe: settings.unsubscribe };
  const [form, write] = useState(stored);
  const [done, tell] = useState(false);
  const { act, busy, problems, failure } = useAct(api, FIELDS);
  const edited = FIELDS.some((name) => form[name] !== stored[name]);
  const change = (part: Partial<Form>) => {
    tell(false);
    write({ ...form, ...part });
  };
  const save = async () => {
    if (!(await act(SENDER, { channel: settings.channel, input: form }))) return;
    saved(form);
    tell(true);
  };
  return (
    <form
      class="channel-form"
      aria-label={t("Sender and answers")}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (edited && !busy) void save();
      }}
    >
      <header class="savebar">
        <h2 class="savebar-title">{t("Sender and answers")}</h2>
        <p class="savebar-text" role="status">
          {done && !edited && <span class="saved">{t("Saved")}</span>}
          {failure ? <span class="field-problem">{failure}</span> : Object.keys(problems).length > 0 ? <span class="field-problem">{t("Check the marked fields.")}</span> : edited && t("There are changes that are not saved.")}
        </p>
        <Button look="primary" type="submit" disabled={!edited || busy}>
          {busy ? t("Saving…") : t("Save")}
        </Button>
      </header>
      <div class="cards">
        <Card title={t("Sender")} text={t("Mails to members come from this address. The mail server must be allowed to send for it.")}>
          <Line
            name="sender"
            label={t("From")}
            hint={t("Such as Shop <live@shop.example>. Empty: {sender}", { sender: settings.deploymentSender })}
            mode="email"
            value={form.sender}
            problem={problems.sender}
            change={(sender) => change({ sender })}
          />
          <Line
            name="replyTo"
            label={t("Answers go to")}
            hint={t("Empty: to the sender.")}
            mode="email"
            value={form.replyTo}
            problem={problems.replyTo}
            change={(replyTo) => change({ replyTo })}
          />
          <Line
            name="unsubscribe"
            label={t("Address to unsubscribe")}
            hint={t("https:// or mailto:. Mail programs show it as a button. Empty: none is shown.")}
            mode="url"
            value={form.unsubscribe}
            problem={problems.unsubscribe}
            change={(unsubscribe) => change({ unsubscribe })}
          />
        </Card>
      </div>
    </form>
  );
}

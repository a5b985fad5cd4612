import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api";
import CHANNELS from "../graphql/channels.graphql";
import GRANT from "../graphql/memberGrant.graphql";
import { Line } from "../settings/fields";
import type { ChannelSettings } from "../types";
import { Button } from "../ui";
import { t } from "../words";
import { useAct } from "./act";
import type { Plan } from "./state";

/** Making an account a member without money. */
export function Grant({ api, plans, changed, close }: { api: Api; plans: Plan[]; changed(): void; close(): void }) {
  const [channels, put] = useState<ChannelSettings[]>([]);
  const [email, writeEmail] = useState("");
  const [plan, pick] = useState(plans[0]?.id ?? "");
  const [channel, pickChannel] = useState("");
  const [periods, writePeriods] = useState("1");
  const [reason, writeReason] = useState("");
  const { act, busy, problems, failure } = useAct(api, ["email", "periods", "reason"]);
  useEffect(() => {
    api.run<{ liveChannels: ChannelSettings[] }>(CHANNELS).then(
      ({ liveChannels }) => {
        put(liveChannels);
        pickChannel(liveChannels[0]?.channel ?? "");
      },
      () => undefined, // the button stays without a channel
    );
  }, [api]);
  const save = async () => {
    if (await act(GRANT, { email: email.trim(), planId: plan, channel, periods: Number(periods), reason })) {
      changed();
      close();
    }
  };
  return (
    <aside class="member" aria-label={t("Grant a membership")}>
      <header class="member-head">
        <h2>{t("Grant a membership")}</h2>
        <Button small onClick={close}>
          {t("Close")}
        </Button>
      </header>
      <form
        class="member-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void save();
        }}
      >
        <Line name="email" label={t("E-mail of the account")} mode="email" value={email} problem={problems.email} change={writeEmail} />
        <label class="input">
          <span class="input-label">{t("Plan")}</span>
          <select class="members-select" value={plan} onChange={(event) => pick(event.currentTarget.value)}>
            {plans.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="input">
          <span class="input-label">{t("Channel")}</span>
          <select class="members-select" value={channel} onChange={(event) => pickChannel(event.currentTarget.value)}>
            {channels.map((item) => (
              <option key={item.channel} value={item.channel}>
                {item.name}
              </option>
            ))}
          </select>
        </label>
        <Line name="periods" label={t("Periods")} mode="decimal" value={periods} problem={problems.periods} change={writePeriods} />
        <Line name="reason" label={t("Reason")} mode="text" value={reason} problem={problems.reason} change={writeReason} />
        {failure && (
          <p class="field-problem" role="alert">
            {failure}
          </p>
        )}
        <Button look="primary" type="submit" disabled={busy || !channel}>
          {t("Grant")}
        </Button>
      </form>
    </aside>
  );
}

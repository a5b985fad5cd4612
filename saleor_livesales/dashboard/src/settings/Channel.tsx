import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError, type FieldError } from "../api";
import UPDATE from "../graphql/channelUpdate.graphql";
import type { ChannelSettings } from "../types";
import { Button } from "../ui";
import { t } from "../words";
import { Area, Card, Choice, Line, Switch } from "./fields";
import { type AfterLapse, changed, check, type Form, formOf, GREETING_LIMIT, inputOf, type Problems } from "./form";
import { Hours } from "./Hours";
import { Preview } from "./Preview";

interface ChannelProps {
  api: Api;
  settings: ChannelSettings;
  form: Form;
  write(form: Form): void;
  saved(settings: ChannelSettings): void;
}

const FIELDS = new Set(["active", "priceThreshold", "priceStrength", "requestsAllowed", "codeRequired", "greeting", "gatewayUrl", "contactEmail", "picturesAllowed", "ratingAsked", "endsAfterLapse", "timeZone", "openingHours", "specialDays"]);

/** The settings of one channel. What the API refuses stands at its field, and nothing that was typed is lost. */
export function Channel({ api, settings, form, write, saved }: ChannelProps) {
  const [problems, show] = useState<Problems>({});
  const [state, set] = useState<"idle" | "saving" | "saved">("idle");
  const [failure, fail] = useState("");
  const element = useRef<HTMLFormElement>(null);
  const edited = changed(form, settings);

  const change = (part: Partial<Form>) => {
    set("idle");
    fail("");
    write({ ...form, ...part });
  };
  const save = async () => {
    const found = check(form);
    show(found);
    fail("");
    if (Object.keys(found).length) {
      const names = Object.keys(found).map((name) => `[name="${name}"]`);
      setTimeout(() => element.current?.querySelector<HTMLElement>(names.join())?.focus());
      return;
    }
    set("saving");
    try {
      const { liveChannelSettingsUpdate: answer } = await api.run<{
        liveChannelSettingsUpdate: { settings: ChannelSettings | null; errors: FieldError[] };
      }>(UPDATE, { channel: settings.channel, input: inputOf(form, settings) });
      if (answer.settings && !answer.errors.length) {
        saved(answer.settings);
        set("saved");
        return;
      }
      show(Object.fromEntries(answer.errors.map((error) => [error.field ?? "", error.message])));
      fail(answer.errors.find((error) => !FIELDS.has(error.field ?? ""))?.message ?? "");
    } catch (error) {
      fail(error instanceof ApiError ? error.message : t("Something went wrong. Try again."));
    }
    set("idle");
  };

  const wrong = Object.values(problems).some(Boolean);
  useEffect(() => {
    // As everywhere: Ctrl+S saves. The button stands at the top, where the Dashboard's own notices don't cover it.
    const pressed = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      if (!element.current?.getClientRects().length) return; // another of the owner's pages is shown
      event.preventDefault();
      element.current.requestSubmit();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);

  return (
    <form
      ref={element}
      class="channel-form"
      aria-label={settings.name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (edited && state !== "saving") void save();
      }}
    >
      <header class="savebar">
        <h2 class="savebar-title">{settings.name}</h2>
        <p class="savebar-text" role="status">
          {state === "saved" && !edited && <span class="saved">{t("Saved")}</span>}
          {wrong && !failure && <span class="field-problem">{t("Check the marked fields.")}</span>}
          {edited && state !== "saving" && !failure && !wrong && t("There are changes that are not saved.")}
          {failure && <span class="field-problem">{failure}</span>}
        </p>
        <Button
          look="tertiary"
          disabled={!edited || state === "saving"}
          onClick={() => {
            show({});
            change(formOf(settings));
          }}
        >
          {t("Discard")}
        </Button>
        <Button look="primary" type="submit" aria-keyshortcuts="Control+S" disabled={!edited || state === "saving"}>
          {state === "saving" ? t("Saving…") : t("Save")}
        </Button>
      </header>
      <div class="cards">
        <Card title={t("Live sales")} text={t("What visitors of {name} can do.", { name: settings.name })}>
          <Switch name="active" label={t("Live sales is on in this channel")} problem={problems.active} checked={form.active} change={(active) => change({ active })} />
          <Switch
            name="requestsAllowed"
            label={t("Visitors may ask for help themselves")}
            hint={t("Off: help starts only when it is offered.")}
            problem={problems.requestsAllowed}
            checked={form.requestsAllowed}
            change={(requestsAllowed) => change({ requestsAllowed })}
          />
          <Switch
            name="codeRequired"
            label={t("Only with a sign-in code")}
            hint={t("No session opens before the visitor has entered a valid code, whatever the other rules say.")}
            problem={problems.codeRequired}
            checked={form.codeRequired}
            change={(codeRequired) => change({ codeRequired })}
          />
          <Switch
            name="picturesAllowed"
            label={t("Visitors and reps may send each other pictures")}
            problem={problems.picturesAllowed}
            checked={form.picturesAllowed}
            change={(picturesAllowed) => change({ picturesAllowed })}
          />
          <Switch
            name="ratingAsked"
            label={t("Ask visitors how it was")}
            hint={t("Once, after the end of a session in which somebody had answered.")}
            problem={problems.ratingAsked}
            checked={form.ratingAsked}
            change={(ratingAsked) => change({ ratingAsked })}
          />
          <Choice
            name="endsAfterLapse"
            label={t("When a membership ends while its member is in a session")}
            problem={form.afterLapse === "MINUTES" ? undefined : problems.endsAfterLapse}
            value={form.afterLapse}
            options={[
              ["GO_ON", t("The session goes on"), t("Until somebody ends it.")],
              ["MINUTES", t("It ends after some minutes"), t("Both are told at which time. Paid again meanwhile, it goes on.")],
              ["AT_ONCE", t("It ends at once"), t("Both are told why.")],
            ]}
            change={(afterLapse) => change({ afterLapse: afterLapse as AfterLapse })}
          />
          {form.afterLapse === "MINUTES" && (
            <Line
              name="lapseMinutes"
              label={t("After")}
              unit={t("minutes")}
              mode="decimal"
              problem={problems.endsAfterLapse}
              value={form.lapseMinutes}
              change={(lapseMinutes) => change({ lapseMinutes })}
            />
          )}
        </Card>
        <Card title={t("Price threshold")} text={t("Live help is worth it for what costs more than this. An item exactly at the threshold does not count.")}>
          <Switch
            name="thresholdOn"
            label={t("Use a price threshold")}
            problem={form.thresholdOn ? undefined : problems.priceThreshold}
            checked={form.thresholdOn}
            change={(thresholdOn) => change({ thresholdOn })}
          />
          {form.thresholdOn && (
            <>
              <Line
                name="priceThreshold"
                label={t("Threshold")}
                unit={settings.currency}
                mode="decimal"
                problem={problems.priceThreshold}
                value={form.threshold}
                change={(threshold) => change({ threshold })}
              />
              <Choice
                name="priceStrength"
                label={t("What it does")}
                problem={problems.priceStrength}
                value={form.priceStrength}
                options={[
                  ["OFFER", t("Offers only"), t("Help is offered above the threshold; below it visitors may still ask.")],
                  ["GATE", t("No session at or below it"), t("No session of any kind opens for an item at or below the threshold.")],
                ]}
                change={(priceStrength) => change({ priceStrength })}
              />
            </>
          )}
        </Card>
        <Hours settings={settings} form={form} problems={problems} change={change} />
        <Card title={t("Words and addresses")} text={t("What visitors read, and where things go.")}>
          <Area name="greeting" label={t("Greeting")} hint={t("The first line of an offer.")} problem={problems.greeting} limit={GREETING_LIMIT} value={form.greeting} change={(greeting) => change({ greeting })} />
          <Preview greeting={form.greeting} />
          <Line
            name="contactEmail"
            label={t("Contact address")}
            hint={t("Messages that visitors leave when nobody is online go here.")}
            mode="email"
            problem={problems.contactEmail}
            value={form.contactEmail}
            change={(contactEmail) => change({ contactEmail })}
          />
          <Line
            name="gatewayUrl"
            label={t("Gateway address")}
            hint={t("Where browsers reach the live connection, for example wss://live.example.com/live. Leave it empty to use the installation's own.")}
            mode="url"
            problem={problems.gatewayUrl}
            value={form.gatewayUrl}
            change={(gatewayUrl) => change({ gatewayUrl })}
          />
        </Card>
      </div>
    </form>
  );
}

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError, type FieldError } from "../api";
import CHANNELS from "../graphql/channels.graphql";
import UPDATE from "../graphql/channelUpdate.graphql";
import type { ChannelSettings } from "../types";
import { Blank, Button, Chip, Skeleton } from "../ui";
import { changed, check, type Form, formOf, inputOf, type Problems } from "./form";
import { Area, Card, Choice, Line, Switch } from "./fields";

type Loaded = { settings: ChannelSettings[] } | { forbidden: boolean; problem: string } | null;

/** The owner's page: how live sales works in each channel. */
export function SettingsView({ api, door }: { api: Api; door: ComponentChildren }) {
  const [loaded, put] = useState<Loaded>(null);
  const [chosen, choose] = useState(0);
  const [forms, write] = useState<Record<string, Form>>({});

  const load = async () => {
    put(null);
    try {
      const { liveChannels } = await api.run<{ liveChannels: ChannelSettings[] }>(CHANNELS);
      put({ settings: liveChannels });
    } catch (error) {
      const told = error instanceof ApiError ? error : new ApiError("server", "Something went wrong.");
      put({ forbidden: told.kind === "permission", problem: told.message });
    }
  };
  useEffect(() => void load(), [api]);

  if (loaded === null) {
    return (
      <main class="page page-blank">
        <Skeleton rows={8} />
      </main>
    );
  }
  if ("problem" in loaded) {
    return (
      <main class="page page-blank">
        {loaded.forbidden ? (
          <Blank title="You can't change these settings" text="Ask an administrator for the permission “Manage live sales”.">
            {door}
          </Blank>
        ) : (
          <Blank title="The settings could not be loaded" text={loaded.problem}>
            <Button look="primary" onClick={() => void load()}>
              Try again
            </Button>
          </Blank>
        )}
      </main>
    );
  }
  const settings = loaded.settings[chosen];
  if (!settings) {
    return (
      <main class="page page-blank">
        <Blank title="There are no channels" text="Create a channel under Configuration first." />
      </main>
    );
  }
  const form = forms[settings.channel] ?? formOf(settings);
  return (
    <main class="page settings">
      <h1 class="hidden">Live sales settings</h1>
      <nav class="channels" aria-label="Channels">
        <h2 class="channels-title">Channels</h2>
        {loaded.settings.map((item, index) => (
          <button key={item.channel} type="button" class="channel" aria-current={index === chosen ? "true" : undefined} onClick={() => choose(index)}>
            <span class="channel-name">{item.name}</span>
            {forms[item.channel] && changed(forms[item.channel] as Form, item) ? <Chip tone="warning">Not saved</Chip> : <Chip tone={item.active ? "success" : undefined}>{item.active ? "On" : "Off"}</Chip>}
          </button>
        ))}
        {door && <div class="channels-door">{door}</div>}
      </nav>
      <Channel
        key={settings.channel}
        api={api}
        settings={settings}
        form={form}
        write={(next) => write({ ...forms, [settings.channel]: next })}
        saved={(next) => {
          const { [settings.channel]: _, ...others } = forms;
          write(others);
          put({ settings: loaded.settings.map((item) => (item.channel === next.channel ? next : item)) });
        }}
      />
    </main>
  );
}

interface ChannelProps {
  api: Api;
  settings: ChannelSettings;
  form: Form;
  write(form: Form): void;
  saved(settings: ChannelSettings): void;
}

const FIELDS = new Set(["active", "priceThreshold", "priceStrength", "requestsAllowed", "greeting", "gatewayUrl", "contactEmail"]);

function Channel({ api, settings, form, write, saved }: ChannelProps) {
  const [problems, show] = useState<Problems>({});
  const [state, set] = useState<"idle" | "saving" | "saved">("idle");
  const [failure, fail] = useState("");
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
    if (Object.keys(found).length) return;
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
      fail(error instanceof ApiError ? error.message : "Something went wrong. Try again.");
    }
    set("idle");
  };

  return (
    <form
      class="channel-form"
      aria-label={settings.name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (edited && state !== "saving") void save();
      }}
    >
      <div class="cards">
        <Card title="Live sales" text={`What visitors of ${settings.name} can do.`}>
          <Switch name="active" label="Live sales is on in this channel" problem={problems.active} checked={form.active} change={(active) => change({ active })} />
          <Switch
            name="requestsAllowed"
            label="Visitors may ask for help themselves"
            hint="Off: help starts only when it is offered."
            problem={problems.requestsAllowed}
            checked={form.requestsAllowed}
            change={(requestsAllowed) => change({ requestsAllowed })}
          />
        </Card>
        <Card title="Price threshold" text="Live help is worth it for what costs more than this. An item exactly at the threshold does not count.">
          <Switch
            name="thresholdOn"
            label="Use a price threshold"
            problem={form.thresholdOn ? undefined : problems.priceThreshold}
            checked={form.thresholdOn}
            change={(thresholdOn) => change({ thresholdOn })}
          />
          {form.thresholdOn && (
            <>
              <Line
                name="priceThreshold"
                label="Threshold"
                unit={settings.currency}
                mode="decimal"
                problem={problems.priceThreshold}
                value={form.threshold}
                change={(threshold) => change({ threshold })}
              />
              <Choice
                name="priceStrength"
                label="What it does"
                problem={problems.priceStrength}
                value={form.priceStrength}
                options={[
                  ["OFFER", "Offers only", "Help is offered above the threshold; below it visitors may still ask."],
                  ["GATE", "No session at or below it", "No session of any kind opens for an item at or below the threshold."],
                ]}
                change={(priceStrength) => change({ priceStrength })}
              />
            </>
          )}
        </Card>
        <Card title="Words and addresses" text="What visitors read, and where things go.">
          <Area name="greeting" label="Greeting" hint="The first line of an offer." problem={problems.greeting} value={form.greeting} change={(greeting) => change({ greeting })} />
          <Line
            name="contactEmail"
            label="Contact address"
            hint="Messages that visitors leave when nobody is online go here."
            mode="email"
            problem={problems.contactEmail}
            value={form.contactEmail}
            change={(contactEmail) => change({ contactEmail })}
          />
          <Line
            name="gatewayUrl"
            label="Gateway address"
            hint="Where browsers reach the live connection, for example wss://live.example.com/live. Leave it empty to use the installation's own."
            mode="url"
            problem={problems.gatewayUrl}
            value={form.gatewayUrl}
            change={(gatewayUrl) => change({ gatewayUrl })}
          />
        </Card>
      </div>
      <footer class="savebar">
        <p class="savebar-text" role="status">
          {state === "saved" && !edited && <span class="saved">Saved</span>}
          {edited && state !== "saving" && !failure && Object.values(problems).every((text) => !text) && "There are changes that are not saved."}
          {Object.values(problems).some(Boolean) && !failure && <span class="field-problem">Check the marked fields.</span>}
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
          Discard
        </Button>
        <Button look="primary" type="submit" disabled={!edited || state === "saving"}>
          {state === "saving" ? "Saving…" : "Save"}
        </Button>
      </footer>
    </form>
  );
}

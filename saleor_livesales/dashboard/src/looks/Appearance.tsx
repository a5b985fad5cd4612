import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import APPEARANCES from "../graphql/appearances.graphql";
import { keep, recall, storage } from "../keep";
import { Blank, Button, Chip, Skeleton } from "../ui";
import { t } from "../words";
import { ChannelLooks } from "./Channel";
import { type ChannelLook, changed, type Form, formFrom, formOf } from "./form";

type Loaded = { channels: ChannelLook[] } | { forbidden: boolean; problem: string } | null;
type Drafts = Readonly<Record<string, Form>>;

// What is not saved yet outlasts a look at another page of the Dashboard, whose frame lets no page ask before it is left.
const KEPT = "livesales:looks";

function drafts(value: unknown): Drafts {
  const found: Record<string, Form> = {};
  for (const [channel, kept] of Object.entries((value ?? {}) as object)) {
    const form = formFrom(kept);
    if (form) found[channel] = form;
  }
  return found;
}

/** The owner's page for what the widget looks like in each channel. */
export function AppearanceView({ api }: { api: Api }) {
  const [loaded, put] = useState<Loaded>(null);
  const [chosen, choose] = useState(0);
  const [forms, write] = useState<Drafts>(() => recall("sessionStorage", KEPT, drafts) ?? {});

  const load = async () => {
    put(null);
    try {
      const { liveChannels } = await api.run<{ liveChannels: ChannelLook[] }>(APPEARANCES);
      put({ channels: liveChannels });
    } catch (error) {
      const told = error instanceof ApiError ? error : new ApiError("server", t("Something went wrong."));
      put({ forbidden: told.kind === "permission", problem: told.message });
    }
  };
  useEffect(() => void load(), [api]);
  const unsaved = (channel: ChannelLook) => forms[channel.channel] !== undefined && changed(forms[channel.channel] as Form, channel.appearance);
  useEffect(() => void keep("sessionStorage", KEPT, forms), [forms]);

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
          <Blank title={t("You can't change these settings")} text={t("Ask an administrator for the permission “Manage live sales”.")} />
        ) : (
          <Blank title={t("The settings could not be loaded")} text={loaded.problem}>
            <Button look="primary" onClick={() => void load()}>
              {t("Try again")}
            </Button>
          </Blank>
        )}
      </main>
    );
  }
  const channel = loaded.channels[chosen];
  if (!channel) {
    return (
      <main class="page page-blank">
        <Blank title={t("There are no channels")} text={t("Create a channel under Configuration first.")} />
      </main>
    );
  }
  return (
    <main class="page settings">
      <h1 class="hidden">{t("Appearance of the widget")}</h1>
      <nav class="channels" aria-label={t("Channels")}>
        <h2 class="channels-title">{t("Channels")}</h2>
        {loaded.channels.map((item, index) => (
          <button key={item.channel} type="button" class="channel" aria-current={index === chosen ? "true" : undefined} onClick={() => choose(index)}>
            <span class="channel-name">{item.name}</span>
            {unsaved(item) && <Chip tone="warning">{t("Not saved")}</Chip>}
          </button>
        ))}
      </nav>
      <ChannelLooks
        key={channel.channel}
        api={api}
        lasting={storage() !== null}
        channel={channel}
        form={forms[channel.channel] ?? formOf(channel.appearance)}
        write={(form) => write({ ...forms, [channel.channel]: form })}
        saved={(next) => {
          const { [next.channel]: _, ...others } = forms;
          write(others);
          put({ channels: loaded.channels.map((item) => (item.channel === next.channel ? next : item)) });
        }}
      />
    </main>
  );
}

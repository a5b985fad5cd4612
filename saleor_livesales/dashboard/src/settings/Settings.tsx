import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import CHANNELS from "../graphql/channels.graphql";
import type { ChannelSettings } from "../types";
import { Blank, Button, Chip, Skeleton } from "../ui";
import { t } from "../words";
import { Channel } from "./Channel";
import { changed, type Form, formOf } from "./form";

type Loaded = { settings: ChannelSettings[] } | { forbidden: boolean; problem: string } | null;

/** The owner's page: how live sales works in each channel. */
export function SettingsView({ api }: { api: Api }) {
  const [loaded, put] = useState<Loaded>(null);
  const [chosen, choose] = useState(0);
  const [forms, write] = useState<Record<string, Form>>({});

  const load = async () => {
    put(null);
    try {
      const { liveChannels } = await api.run<{ liveChannels: ChannelSettings[] }>(CHANNELS);
      put({ settings: liveChannels });
    } catch (error) {
      const told = error instanceof ApiError ? error : new ApiError("server", t("Something went wrong."));
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
  const settings = loaded.settings[chosen];
  if (!settings) {
    return (
      <main class="page page-blank">
        <Blank title={t("There are no channels")} text={t("Create a channel under Configuration first.")} />
      </main>
    );
  }
  const form = forms[settings.channel] ?? formOf(settings);
  return (
    <main class="page settings">
      <h1 class="hidden">{t("Live sales settings")}</h1>
      <nav class="channels" aria-label={t("Channels")}>
        <h2 class="channels-title">{t("Channels")}</h2>
        {loaded.settings.map((item, index) => (
          <button key={item.channel} type="button" class="channel" aria-current={index === chosen ? "true" : undefined} onClick={() => choose(index)}>
            <span class="channel-name">{item.name}</span>
            {forms[item.channel] && changed(forms[item.channel] as Form, item) ? <Chip tone="warning">{t("Not saved")}</Chip> : <Chip tone={item.active ? "success" : undefined}>{item.active ? t("On") : t("Off")}</Chip>}
          </button>
        ))}
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

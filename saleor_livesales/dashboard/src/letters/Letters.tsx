import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import CHANNELS from "../graphql/channels.graphql";
import WAY from "../graphql/letterWay.graphql";
import type { ChannelSettings } from "../types";
import { Segments } from "../looks/fields";
import { Blank, Button, Skeleton } from "../ui";
import { t } from "../words";
import { Batches } from "./Batches";
import { Look } from "./Look";
import { Sent } from "./Sent";
import { Way } from "./Way";
import type { LetterWay } from "./state";

/** The owner's page of letters, channel by channel: those to print, all of them, how they look, and how they go. */
export function LettersView({ api }: { api: Api }) {
  const [channels, putChannels] = useState<readonly ChannelSettings[] | null>(null);
  const [way, put] = useState<LetterWay | null>(null);
  const [channel, pick] = useState("");
  const [view, see] = useState<"print" | "all" | "look" | "way">("print");
  const [failure, fail] = useState<ApiError | null>(null);
  const asked = useRef(0);

  const attempt = async (load: () => Promise<void>) => {
    fail(null);
    try {
      await load();
    } catch (error) {
      fail(error instanceof ApiError ? error : new ApiError("server", t("Something went wrong.")));
    }
  };
  const load = (slug: string) =>
    attempt(async () => {
      const mine = ++asked.current;
      const { liveLetterWay } = await api.run<{ liveLetterWay: LetterWay }>(WAY, { channel: slug });
      if (mine === asked.current) put(liveLetterWay);
    });
  const choose = (slug: string) => {
    pick(slug);
    put(null);
    void load(slug);
  };
  const begin = () =>
    attempt(async () => {
      const { liveChannels } = await api.run<{ liveChannels: ChannelSettings[] }>(CHANNELS);
      putChannels(liveChannels);
      if (liveChannels[0]) choose(liveChannels[0].channel);
    });
  useEffect(() => void begin(), [api]);

  if (failure) {
    return (
      <main class="page page-blank">
        {failure.kind === "permission" ? (
          <Blank title={t("You can't change the letters")} text={t("Ask an administrator for the permission “Manage live sales”.")} />
        ) : (
          <Blank title={t("The letters could not be loaded")} text={failure.message}>
            <Button look="primary" onClick={() => void (channel ? load(channel) : begin())}>
              {t("Try again")}
            </Button>
          </Blank>
        )}
      </main>
    );
  }
  if (channels !== null && !channels.length) {
    return (
      <main class="page page-blank">
        <Blank title={t("There are no channels")} text={t("Create a channel under Configuration first.")} />
      </main>
    );
  }
  if (channels === null) {
    return (
      <main class="page page-blank">
        <Skeleton rows={8} />
      </main>
    );
  }
  return (
    <main class="page settings">
      <h1 class="hidden">{t("Letters")}</h1>
      <nav class="channels" aria-label={t("Channels")}>
        {channels.map(({ channel: slug, name }) => (
          <button key={slug} type="button" class="channel" aria-current={slug === channel ? "true" : undefined} onClick={() => choose(slug)}>
            <span class="channel-name">{name}</span>
          </button>
        ))}
      </nav>
      <div class="letters-body">
        <Segments
          name="letters-view"
          label={t("What is shown")}
          value={view}
          options={[
            ["print", t("To print")],
            ["all", t("All letters")],
            ["look", t("How they look")],
            ["way", t("By which way")],
          ]}
          change={see}
        />
        {view === "print" && channel && <Batches key={channel} api={api} channel={channel} />}
        {view === "all" && channel && <Sent key={channel} api={api} channel={channel} />}
        {view === "look" && channel && <Look key={channel} api={api} channel={channel} />}
        {view === "way" && (way ? <Way key={way.channel} api={api} stored={way} saved={() => load(way.channel)} /> : <Skeleton rows={8} />)}
      </div>
    </main>
  );
}

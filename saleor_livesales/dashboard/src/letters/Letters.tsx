import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import CHANNELS from "../graphql/channels.graphql";
import WAY from "../graphql/letterWay.graphql";
import type { ChannelSettings } from "../types";
import { Blank, Button, Skeleton } from "../ui";
import { t } from "../words";
import { Sent } from "./Sent";
import { Way } from "./Way";
import type { LetterWay } from "./state";

/** The owner's page of letters: all of them, and how they go, channel by channel. */
export function LettersView({ api }: { api: Api }) {
  const [channels, putChannels] = useState<readonly ChannelSettings[] | null>(null);
  const [way, put] = useState<LetterWay | null>(null);
  const [channel, pick] = useState(""); // empty: all letters
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
      <nav class="channels" aria-label={t("Letters")}>
        <button type="button" class="channel" aria-current={channel ? undefined : "true"} onClick={() => pick("")}>
          <span class="channel-name">{t("All letters")}</span>
        </button>
        <h2 class="channels-title letters-title">{t("By which way")}</h2>
        {channels.map(({ channel: slug, name }) => (
          <button key={slug} type="button" class="channel" aria-current={slug === channel ? "true" : undefined} onClick={() => choose(slug)}>
            <span class="channel-name">{name}</span>
          </button>
        ))}
      </nav>
      {!channel ? <Sent api={api} /> : way ? <Way key={way.channel} api={api} stored={way} saved={() => load(way.channel)} /> : <Skeleton rows={8} />}
    </main>
  );
}

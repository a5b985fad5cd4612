import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import { language } from "../format";
import CHANNELS from "../graphql/channels.graphql";
import MAILS from "../graphql/mails.graphql";
import type { ChannelSettings } from "../types";
import { Blank, Button, Chip, Skeleton } from "../ui";
import { t } from "../words";
import { Editor } from "./Editor";
import { Sender } from "./Sender";
import { keyOf, type MailSettings, type Template, type TemplateName, templateName, type Words } from "./state";

type Problem = { forbidden: boolean; problem: string };

/** The owner's page: from whom mails to customers come, and what they say. */
export function MailsView({ api }: { api: Api }) {
  const [channels, putChannels] = useState<readonly ChannelSettings[] | null>(null);
  const [channel, pick] = useState("");
  const [settings, put] = useState<MailSettings | null>(null);
  const [failure, fail] = useState<Problem | null>(null);
  const [chosen, choose] = useState(""); // empty: the sender
  const [drafts, write] = useState<Readonly<Record<string, Words>>>({});
  const asked = useRef(0);

  const told = (error: unknown) => {
    const known = error instanceof ApiError ? error : new ApiError("server", t("Something went wrong."));
    fail({ forbidden: known.kind === "permission", problem: known.message });
  };
  const load = async (slug: string) => {
    const mine = ++asked.current;
    fail(null);
    put(null);
    try {
      const { liveMailSettings } = await api.run<{ liveMailSettings: MailSettings }>(MAILS, { channel: slug });
      if (mine === asked.current) put(liveMailSettings);
    } catch (error) {
      if (mine === asked.current) told(error);
    }
  };
  const begin = async () => {
    fail(null);
    try {
      const { liveChannels } = await api.run<{ liveChannels: ChannelSettings[] }>(CHANNELS);
      putChannels(liveChannels);
      const first = liveChannels[0]?.channel ?? "";
      pick(first);
      if (first) await load(first);
    } catch (error) {
      told(error);
    }
  };
  useEffect(() => void begin(), [api]);

  if (failure) {
    return (
      <main class="page page-blank">
        {failure.forbidden ? (
          <Blank title={t("You can't change the mails")} text={t("Ask an administrator for the permission “Manage live sales”.")} />
        ) : (
          <Blank title={t("The mails could not be loaded")} text={failure.problem}>
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
  if (channels === null || settings === null) {
    return (
      <main class="page page-blank">
        <Skeleton rows={8} />
      </main>
    );
  }
  const template = settings.templates.find((each) => keyOf(each) === chosen);
  const names = [...new Set(settings.templates.map((each) => each.template))];
  const draftKey = (each: Template) => `${channel} ${keyOf(each)}`;
  return (
    <main class="page settings">
      <h1 class="hidden">{t("Mails")}</h1>
      <nav class="channels" aria-label={t("Mails")}>
        {channels.length > 1 && (
          <select
            class="select mails-channel"
            aria-label={t("Channel")}
            value={channel}
            onChange={(event) => {
              pick(event.currentTarget.value);
              void load(event.currentTarget.value);
            }}
          >
            {channels.map(({ channel: slug, name }) => (
              <option key={slug} value={slug}>
                {name}
              </option>
            ))}
          </select>
        )}
        <button type="button" class="channel" aria-current={template ? undefined : "true"} onClick={() => choose("")}>
          <span class="channel-name">{t("Sender and answers")}</span>
        </button>
        {names.map((name: TemplateName) => (
          <section key={name} class="mails-group">
            <h2 class="channels-title">{templateName(name)}</h2>
            {settings.templates
              .filter((each) => each.template === name)
              .map((each) => (
                <button key={each.language} type="button" class="channel" aria-current={each === template ? "true" : undefined} onClick={() => choose(keyOf(each))}>
                  <span class="channel-name">{language(each.language)}</span>
                  {drafts[draftKey(each)] ? <Chip tone="warning">{t("Not saved")}</Chip> : each.own && <Chip tone="info">{t("Own words")}</Chip>}
                </button>
              ))}
          </section>
        ))}
      </nav>
      {template ? (
        <Editor
          key={draftKey(template)}
          api={api}
          channel={channel}
          template={template}
          draft={drafts[draftKey(template)] ?? null}
          write={(words) => {
            const { [draftKey(template)]: _, ...others } = drafts;
            write(words ? { ...others, [draftKey(template)]: words } : others);
          }}
          saved={(next) => put({ ...settings, templates: settings.templates.map((each) => (keyOf(each) === keyOf(next) ? next : each)) })}
        />
      ) : (
        <Sender key={channel} api={api} settings={settings} saved={(next) => put({ ...settings, ...next })} />
      )}
    </main>
  );
}

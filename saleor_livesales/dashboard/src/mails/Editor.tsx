import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError, type FieldError } from "../api";
import { language } from "../format";
import PREVIEW from "../graphql/mailPreview.graphql";
import RESET from "../graphql/mailReset.graphql";
import TEMPLATE from "../graphql/mailTemplate.graphql";
import { Segments } from "../looks/fields";
import { Area, Line } from "../settings/fields";
import { Button } from "../ui";
import { t } from "../words";
import { show } from "./sheet";
import { factName, type Shown, type Template, templateName, type Words } from "./state";

const FIELDS = ["subject", "text", "html"] as const;
const PAUSE = 400; // milliseconds without a key before the preview is asked for

type Answer = Record<string, { template: Template | null; errors: FieldError[] }>;

interface EditorProps {
  api: Api;
  channel: string;
  template: Template;
  draft: Words | null;
  write(words: Words | null): void;
  saved(template: Template): void;
}

/** What one mail says in one language, beside what a customer would get. */
export function Editor({ api, channel, template, draft, write, saved }: EditorProps) {
  const words = draft ?? { subject: template.subject, text: template.text, html: template.html };
  const [problems, mark] = useState<Readonly<Record<string, string>>>({});
  const [failure, fail] = useState("");
  const [state, set] = useState<"idle" | "saving" | "saved">("idle");
  const [shown, put] = useState<Shown | null>(null);
  const [missing, miss] = useState("");
  const [as, look] = useState<"html" | "text">("html");
  const frame = useRef<HTMLIFrameElement>(null);
  const which = { channel, template: template.template, language: template.language };

  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      api.run<{ liveMailPreview: Shown }>(PREVIEW, { ...which, input: words }).then(
        ({ liveMailPreview }) => {
          if (!current) return;
          put(liveMailPreview);
          miss("");
        },
        (error) => current && miss(error instanceof ApiError ? error.message : t("Something went wrong.")),
      );
    }, PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, words.subject, words.text, words.html]);
  useEffect(() => {
    if (frame.current && shown) show(frame.current, shown.html);
  }, [shown, as]);

  const change = (part: Partial<Words>) => {
    set("idle");
    fail("");
    const next = { ...words, ...part };
    write(FIELDS.every((name) => next[name] === template[name]) ? null : next);
  };
  const run = async (document: string, variables: Record<string, unknown>) => {
    set("saving");
    mark({});
    fail("");
    try {
      const [answer] = Object.values(await api.run<Answer>(document, variables));
      const errors = answer?.errors ?? [];
      mark(Object.fromEntries(errors.filter(({ field }) => FIELDS.includes(field as "text")).map(({ field, message }) => [field, message])));
      fail(errors.find(({ field }) => !FIELDS.includes(field as "text"))?.message ?? "");
      if (answer?.template && !errors.length) {
        write(null);
        saved(answer.template);
        set("saved");
        return;
      }
    } catch (error) {
      fail(error instanceof ApiError ? error.message : t("Something went wrong. Try again."));
    }
    set("idle");
  };
  return (
    <form
      class="channel-form"
      aria-label={templateName(template.template)}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (draft && state !== "saving") void run(TEMPLATE, { ...which, input: words });
      }}
    >
      <header class="savebar">
        <h2 class="savebar-title">
          {templateName(template.template)} · {language(template.language)}
        </h2>
        <p class="savebar-text" role="status">
          {state === "saved" && !draft && <span class="saved">{t("Saved")}</span>}
          {failure ? (
            <span class="field-problem">{failure}</span>
          ) : Object.keys(problems).length > 0 ? (
            <span class="field-problem">{t("Check the marked fields.")}</span>
          ) : (
            draft && state !== "saving" && t("There are changes that are not saved.")
          )}
        </p>
        {template.own && (
          <Button look="tertiary" disabled={state === "saving"} onClick={() => void run(RESET, which)}>
            {t("Back to the standard words")}
          </Button>
        )}
        <Button
          look="tertiary"
          disabled={!draft || state === "saving"}
          onClick={() => {
            mark({});
            fail("");
            write(null);
          }}
        >
          {t("Discard")}
        </Button>
        <Button look="primary" type="submit" disabled={!draft || state === "saving"}>
          {state === "saving" ? t("Saving…") : t("Save")}
        </Button>
      </header>
      <div class="mails-sheet">
        <div class="mails-words">
          <Line name="subject" label={t("Subject")} mode="text" value={words.subject} problem={problems.subject} change={(subject) => change({ subject })} />
          <Area name="text" label={t("Text")} rows={12} limit={20_000} value={words.text} problem={problems.text} change={(text) => change({ text })} />
          <Area name="html" label={t("The same as HTML")} rows={12} code limit={100_000} value={words.html} problem={problems.html} change={(html) => change({ html })} />
          <h3>{t("What may stand in it")}</h3>
          <dl class="mails-facts">
            {template.facts.map((fact) => (
              <div key={fact}>
                <dt>
                  <code dir="ltr">{`{{ ${fact} }}`}</code>
                </dt>
                <dd>{factName(fact)}</dd>
              </div>
            ))}
          </dl>
        </div>
        <section class="mails-preview" aria-label={t("Preview of the mail")}>
          <Segments
            name="mail-as"
            label={t("Shown as")}
            value={as}
            options={[
              ["html", t("HTML")],
              ["text", t("Text")],
            ]}
            change={look}
          />
          {missing && (
            <p class="field-problem" role="status">
              {missing}
            </p>
          )}
          {shown && (
            <div class="mails-mail">
              <p class="members-mail">
                {t("From")}: <bdi dir="ltr">{shown.sender}</bdi>
              </p>
              <h3>
                <bdi>{shown.subject}</bdi>
              </h3>
              {as === "html" ? (
                <iframe ref={frame} class="mails-frame" title={t("Preview of the mail")} sandbox="allow-same-origin" tabIndex={-1} inert />
              ) : (
                <pre class="mails-plain" dir="auto">
                  {shown.text}
                </pre>
              )}
            </div>
          )}
        </section>
      </div>
    </form>
  );
}

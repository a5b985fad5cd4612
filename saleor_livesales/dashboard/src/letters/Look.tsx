import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import STYLE from "../graphql/letterStyle.graphql";
import UPDATE from "../graphql/letterStyleUpdate.graphql";
import { useAct } from "../members/act";
import { Area, Card, Choice, Line } from "../settings/fields";
import { Button, Skeleton } from "../ui";
import { t } from "../words";
import { LANGUAGES, type Style, type Words } from "./printing";
import { Sample } from "./Sample";

const FIELDS = ["form", "sender", "return_line", "returnLine", "country", "logo", "subject", "text", "closing"];

/** How the letters of a channel look and what they say, and a page as it would be printed. */
export function Look({ api, channel }: { api: Api; channel: string }) {
  const [stored, put] = useState<Style | null>(null);
  const [form, write] = useState<Style | null>(null);
  const [language, pick] = useState("en");
  const [lost, lose] = useState("");
  const [done, tell] = useState(false);
  const [version, count] = useState(0);
  const { act, busy, problems, failure } = useAct(api, FIELDS);

  const load = async () => {
    try {
      const { liveLetterStyle } = await api.run<{ liveLetterStyle: Style }>(STYLE, { channel });
      put(liveLetterStyle);
      write(liveLetterStyle);
      lose("");
    } catch (error) {
      lose(error instanceof ApiError ? error.message : t("Something went wrong."));
    }
  };
  useEffect(() => {
    put(null);
    void load();
  }, [api, channel]);

  if (lost) {
    return (
      <p class="inline-problem" role="alert">
        {lost}{" "}
        <Button small onClick={() => void load()}>
          {t("Try again")}
        </Button>
      </p>
    );
  }
  if (!stored || !form) return <Skeleton rows={8} />;
  const edited = JSON.stringify(form) !== JSON.stringify(stored);
  const words = form.words.find((each) => each.language === language) as Words;
  const change = (part: Partial<Style>) => {
    tell(false);
    write({ ...form, ...part });
  };
  const say = (part: Partial<Words>) => change({ words: form.words.map((each) => (each.language === language ? { ...each, own: true, ...part } : each)) });
  const save = async (input: Record<string, unknown>) => {
    if (!(await act(UPDATE, { channel, input }))) return;
    await load();
    count(version + 1);
    tell(true);
  };
  const submit = () => {
    const written = form.words.filter((each, at) => JSON.stringify(each) !== JSON.stringify(stored.words[at]));
    void save({
      form: form.form,
      sender: form.sender,
      returnLine: form.returnLine,
      country: form.country,
      words: written.map(({ own: _, ...parts }) => parts),
    });
  };
  const upload = async (file: File | undefined) => {
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    void save({ logo: btoa(text) });
  };
  const wrong = Object.keys(problems).length > 0;
  return (
    <form
      class="channel-form"
      aria-label={t("How letters look")}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (edited && !busy) submit();
      }}
    >
      <header class="savebar">
        <h2 class="savebar-title">{t("How letters look")}</h2>
        <p class="savebar-text" role="status">
          {done && !edited && <span class="saved">{t("Saved")}</span>}
          {failure || wrong ? <span class="field-problem">{failure || t("Check the marked fields.")}</span> : edited && t("There are changes that are not saved.")}
        </p>
        <Button look="primary" type="submit" disabled={!edited || busy}>
          {busy ? t("Saving…") : t("Save")}
        </Button>
      </header>
      <div class="cards">
        <Card title={t("Paper and sender")} text={t("The address shows in the window of the envelope however the sheet lies in it.")}>
          <Choice
            name="form"
            label={t("Paper and window")}
            value={form.form}
            problem={problems.form}
            options={[
              ["DIN5008B", t("A4, DIN 5008 form B"), t("Envelopes DL and C6/5")],
              ["US10", t("US Letter, #10"), t("Folded in three")],
            ]}
            change={(value) => change({ form: value as Style["form"] })}
          />
          <Area name="sender" label={t("Head of the letter")} hint={t("At most six lines.")} limit={366} rows={4} value={form.sender} problem={problems.sender} change={(sender) => change({ sender })} />
          <Line name="returnLine" label={t("Return address in the window")} hint={t("One line above the address; the #10 envelope has no room for it.")} mode="text" value={form.returnLine} problem={problems.returnLine ?? problems.return_line} change={(returnLine) => change({ returnLine })} />
          <Line name="country" label={t("Posted in")} hint={t("Two letters, such as DE: addresses there carry no country.")} mode="text" value={form.country} problem={problems.country} change={(country) => change({ country })} />
          <div class="letters-logo">
            <label class="button button-secondary button-small">
              {form.hasLogo ? t("Another logo") : t("Add a logo")}
              <input class="hidden" type="file" accept="image/png,image/jpeg,image/webp" onChange={(event) => void upload(event.currentTarget.files?.[0])} />
            </label>
            {form.hasLogo && (
              <Button small disabled={busy} onClick={() => void save({ logo: "" })}>
                {t("Remove the logo")}
              </Button>
            )}
            {problems.logo && <p class="field-problem">{problems.logo}</p>}
          </div>
        </Card>
        <Card title={t("What they say")} text={t("{name}, {plan} and {until} are filled in. The code and its QR stand between text and closing.")}>
          <label class="field">
            <span class="field-label">{t("Language")}</span>
            <select class="select" value={language} onChange={(event) => pick(event.currentTarget.value)}>
              {LANGUAGES.map(([code, name]) => (
                <option key={code} value={code}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <Line name="subject" label={t("Subject")} mode="text" value={words.subject} problem={problems.subject} change={(subject) => say({ subject })} />
          <Area name="text" label={t("Text")} limit={1500} rows={6} value={words.text} problem={problems.text} change={(text) => say({ text })} />
          <Area name="closing" label={t("Closing")} limit={1000} rows={5} value={words.closing} problem={problems.closing} change={(closing) => say({ closing })} />
          {words.own && (
            <Button small disabled={busy} onClick={() => void save({ words: [{ language }] })}>
              {t("Our words again")}
            </Button>
          )}
        </Card>
        <Card title={t("A page")} text={edited ? t("Without the changes above.") : t("As it would be printed, in the language above.")}>
          <Sample api={api} channel={channel} language={language} version={version} />
        </Card>
      </div>
    </form>
  );
}

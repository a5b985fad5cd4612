import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError, type FieldError } from "../api";
import { count } from "../format";
import UPDATE from "../graphql/appearanceUpdate.graphql";
import { Choice } from "../settings/fields";
import { Button } from "../ui";
import { t } from "../words";
import { ColourLine, Range } from "./fields";
import { type ChannelLook, type Colour, changed, check, COLOURS, contrasts, type Form, formOf, inputOf, lookOf, type Problems } from "./form";
import { forTheDark, OWN, RADIUS_LIMIT, shortened, textOn } from "./look";
import { Preview } from "./Preview";

interface ChannelProps {
  api: Api;
  channel: ChannelLook;
  lasting: boolean; // whether what is not saved outlasts the page
  form: Form;
  write(form: Form): void;
  saved(channel: ChannelLook): void;
}

const FIELDS = new Set<string>([...COLOURS, "radius", "side", "theme"]);

/** The appearance of one channel beside the widget that wears it. Problems stand at their fields as one types. */
export function ChannelLooks({ api, channel, lasting, form, write, saved }: ChannelProps) {
  const [refused, refuse] = useState<Problems>({});
  const [state, set] = useState<"idle" | "saving" | "saved">("idle");
  const [failure, fail] = useState("");
  const element = useRef<HTMLFormElement>(null);
  const edited = changed(form, channel.appearance);
  const problems: Problems = { ...refused, ...check(form) };
  const wrong = Object.values(problems).some(Boolean);
  const look = lookOf(form);
  const ratios = contrasts(form);

  const change = (part: Partial<Form>) => {
    set("idle");
    fail("");
    refuse({});
    write({ ...form, ...part });
  };
  const save = async () => {
    fail("");
    if (wrong) {
      element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
      return;
    }
    set("saving");
    try {
      const { liveAppearanceUpdate: answer } = await api.run<{
        liveAppearanceUpdate: { settings: ChannelLook | null; errors: FieldError[] };
      }>(UPDATE, { channel: channel.channel, input: inputOf(form, channel.appearance) });
      if (answer.settings && !answer.errors.length) {
        saved(answer.settings);
        set("saved");
        return;
      }
      refuse(Object.fromEntries(answer.errors.map((error) => [error.field ?? "", error.message])));
      fail(answer.errors.find((error) => !FIELDS.has(error.field ?? ""))?.message ?? "");
    } catch (error) {
      fail(error instanceof ApiError ? error.message : t("Something went wrong. Try again."));
    }
    set("idle");
  };

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      if (!element.current?.getClientRects().length) return; // another of the owner's pages is shown
      event.preventDefault();
      element.current.requestSubmit();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);

  const own: Record<Colour, string> = {
    accent: OWN.accent,
    onAccent: look.accent ? textOn(look.accent) : OWN.onAccent,
    accentDark: look.accent ? forTheDark(look.accent) : OWN.accentDark,
    onAccentDark: look.accentDark ? textOn(look.accentDark) : OWN.onAccentDark,
  };
  const field = (name: Colour, label: string, hint: string) => (
    <ColourLine name={name} label={label} hint={hint} problem={problems[name]} value={form[name]} worked={own[name]} change={(value) => change({ [name]: value })} />
  );
  const readable = (ratio: number) => t("Contrast {ratio} to 1.", { ratio: count(shortened(ratio)) });

  return (
    <form
      ref={element}
      class="channel-form"
      aria-label={channel.name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (edited && state !== "saving") void save();
      }}
    >
      <header class="savebar">
        <h2 class="savebar-title">{channel.name}</h2>
        <p class="savebar-text" role="status">
          {state === "saved" && !edited && <span class="saved">{t("Saved")}</span>}
          {wrong && !failure && <span class="field-problem">{t("Check the marked fields.")}</span>}
          {edited && state !== "saving" && !failure && !wrong && (lasting ? t("There are changes that are not saved.") : t("There are changes that are not saved, and leaving this page would lose them."))}
          {failure && <span class="field-problem">{failure}</span>}
        </p>
        <Button look="tertiary" disabled={!edited || state === "saving"} onClick={() => change(formOf(channel.appearance))}>
          {t("Discard")}
        </Button>
        <Button look="primary" type="submit" aria-keyshortcuts="Control+S" disabled={!edited || state === "saving"}>
          {state === "saving" ? t("Saving…") : t("Save")}
        </Button>
      </header>
      <div class="looks">
        <div class="looks-fields">
          <section class="looks-group">
            <h2>{t("Colours")}</h2>
            {field("accent", t("Accent"), t("Buttons, the head of the window, the visitor's own messages."))}
            {field("onAccent", t("Text on the accent"), readable(ratios.onAccent))}
          </section>
          <section class="looks-group">
            <h2>{t("Colours where it is dark")}</h2>
            {field("accentDark", t("Accent in the dark"), t("Worked out, it is the accent, made light enough for a dark page."))}
            {field("onAccentDark", t("Text on the dark accent"), readable(ratios.onAccentDark))}
          </section>
          <section class="looks-group">
            <h2>{t("Corners")}</h2>
            <Range name="radius" label={t("Radius of the corners")} hint={t("0 is square. Buttons follow.")} problem={problems.radius} value={form.radius} own={OWN.radius} limit={RADIUS_LIMIT} change={(radius) => change({ radius })} />
          </section>
          <section class="looks-group">
            <Choice
              name="side"
              label={t("Side of the page")}
              problem={problems.side}
              value={form.side}
              options={[
                ["END", t("Right"), t("Left in languages that are written from right to left.")],
                ["START", t("Left"), t("Right in languages that are written from right to left.")],
              ]}
              change={(side) => change({ side })}
            />
          </section>
          <section class="looks-group">
            <Choice
              name="theme"
              label={t("Light or dark")}
              problem={problems.theme}
              value={form.theme}
              options={[
                ["PAGE", t("As the page"), t("Follows the page's own color-scheme.")],
                ["LIGHT", t("Always light"), ""],
                ["DARK", t("Always dark"), ""],
              ]}
              change={(theme) => change({ theme })}
            />
          </section>
        </div>
        <Preview look={look} greeting={channel.greeting} />
      </div>
    </form>
  );
}

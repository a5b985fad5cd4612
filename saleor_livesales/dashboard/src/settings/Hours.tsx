import { useMemo } from "preact/hooks";
import { inZone, weekday } from "../format";
import type { ChannelSettings } from "../types";
import { Button, Chip, useNow } from "../ui";
import { t } from "../words";
import { Card, described, Notes } from "./fields";
import type { Problems } from "./form";
import { type HoursForm, hoursInput, hoursOf, OFFICE, type Span, SPANS_A_DAY, type SpecialDay } from "./week";

interface HoursProps {
  settings: ChannelSettings;
  form: HoursForm;
  problems: Problems;
  change(part: Partial<HoursForm>): void;
}

/** When a channel is open: a week, and the days that are not as the week has them. */
export function Hours({ settings, form, problems, change }: HoursProps) {
  const always = form.openingHours.every((spans) => !spans.length);
  const day = (index: number, spans: Span[]) => change({ openingHours: form.openingHours.map((other, at) => (at === index ? spans : other)) });
  const special = (index: number, part: Partial<SpecialDay>) => change({ specialDays: form.specialDays.map((other, at) => (at === index ? { ...other, ...part } : other)) });
  return (
    <Card title={t("Office hours")} text={t("Outside them nothing is offered, and visitors who ask read when you open again and can leave a message. Sessions that go on are not cut off.")}>
      <State settings={settings} form={form} />
      <Zone value={form.timeZone} problem={problems.timeZone} change={(timeZone) => change({ timeZone })} />
      <fieldset class="field week" aria-describedby={described({ name: "openingHours", label: "", problem: problems.openingHours })}>
        <legend>{t("Week")}</legend>
        {always ? (
          <div class="week-day">
            <span class="week-closed">{t("Open all the time")}</span>
            <Button small onClick={() => change({ openingHours: form.openingHours.map((_, index) => (index < 5 ? [OFFICE] : [])) })}>
              {t("Set office hours")}
            </Button>
          </div>
        ) : (
          form.openingHours.map((spans, index) => (
            <div class="week-day" key={index}>
              <span class="week-name">{weekday(index)}</span>
              <Spans name="openingHours" label={weekday(index)} spans={spans} wrong={Boolean(problems.openingHours)} change={(next) => day(index, next)} />
            </div>
          ))
        )}
        {!always && (
          <div class="week-all">
            <Button small onClick={() => change({ openingHours: form.openingHours.map((spans, index) => (index < 5 ? (form.openingHours[0] ?? []) : spans)) })}>
              {t("Monday's hours for Tuesday to Friday")}
            </Button>
            <Button small onClick={() => change({ openingHours: form.openingHours.map(() => []) })}>
              {t("Open all the time")}
            </Button>
          </div>
        )}
        <Notes name="openingHours" label="" problem={problems.openingHours} hint={t("Hours that end before they begin go on into the next day.")} />
      </fieldset>
      <fieldset class="field week" aria-describedby={described({ name: "specialDays", label: "", problem: problems.specialDays })}>
        <legend>{t("Special days")}</legend>
        {form.specialDays.map((item, index) => (
          <div class="special" key={index}>
            <input
              class="special-date"
              type="date"
              name="specialDays"
              aria-label={t("Date")}
              aria-invalid={Boolean(problems.specialDays) && !item.date}
              value={item.date}
              onInput={(event) => special(index, { date: event.currentTarget.value })}
            />
            <input
              class="special-name"
              name="specialDays"
              dir="auto"
              maxLength={100}
              autoComplete="off"
              aria-label={t("Name of the day")}
              placeholder={t("Name of the day")}
              aria-invalid={Boolean(problems.specialDays) && !item.name.trim()}
              value={item.name}
              onInput={(event) => special(index, { name: event.currentTarget.value })}
            />
            <label class="check">
              <input type="checkbox" checked={item.yearly} onChange={(event) => special(index, { yearly: event.currentTarget.checked })} />
              <span>{t("Every year")}</span>
            </label>
            <Spans name="specialDays" label={item.name || t("Special day")} spans={item.spans} wrong={Boolean(problems.specialDays)} change={(spans) => special(index, { spans })} />
            <Button small look="tertiary" extra="special-remove" aria-label={t("Remove {name}", { name: item.name || item.date || t("Special day") })} onClick={() => change({ specialDays: form.specialDays.filter((_, at) => at !== index) })}>
              {t("Remove")}
            </Button>
          </div>
        ))}
        <div class="week-all">
          <Button small onClick={() => change({ specialDays: [...form.specialDays, { date: "", name: "", yearly: false, spans: [] }] })}>
            {t("Add a special day")}
          </Button>
        </div>
        <Notes name="specialDays" label="" problem={problems.specialDays} hint={t("A holiday, or a day with other hours than its weekday. Without hours it is closed.")} />
      </fieldset>
    </Card>
  );
}

/** Whether the channel is open, by what is saved: also when it has opened or closed since that was loaded. */
function State({ settings, form }: { settings: ChannelSettings; form: HoursForm }) {
  const edited = Object.keys(hoursInput(form, hoursOf(settings))).length > 0;
  const turn = settings.opening.opensAt ?? settings.opening.closesAt;
  const now = useNow(Date.now);
  const passed = turn !== null && Date.parse(turn) <= now;
  const open = settings.opening.open !== passed;
  const time = turn && !passed && inZone(turn, settings.timeZone);
  let text = "";
  if (edited) text = t("Save to see when the channel is open.");
  else if (time) text = open ? t("Closes {time}", { time }) : t("Opens {time}", { time });
  return (
    <p class="hours-state" role="status" data-testid="opening">
      {!edited && <Chip tone={open ? "success" : "warning"}>{open ? t("Open now") : t("Closed now")}</Chip>}
      <span>{text}</span>
    </p>
  );
}

function Zone({ value, problem, change }: { value: string; problem: string | undefined; change(value: string): void }) {
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const field = { name: "timeZone", label: t("Time zone"), problem };
  const now = new Date(useNow(Date.now)).toISOString();
  let hint = "";
  try {
    hint = t("There it is now {time}.", { time: inZone(now, value) });
  } catch {
    hint = t("They are named like {zone}.", { zone: "Europe/Berlin" });
  }
  return (
    <div class="field">
      <label class={`input${problem ? " input-wrong" : ""}`}>
        <span class="input-label">{field.label}</span>
        <span class="input-line">
          <input name="timeZone" list="time-zones" dir="ltr" autoComplete="off" spellcheck={false} value={value} aria-invalid={Boolean(problem)} aria-describedby={described({ ...field, hint })} onInput={(event) => change(event.currentTarget.value)} />
          {value !== own && (
            <Button small look="tertiary" onClick={() => change(own)}>
              {own}
            </Button>
          )}
        </span>
      </label>
      <datalist id="time-zones">
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <Notes {...field} hint={hint} />
    </div>
  );
}

interface SpansProps {
  name: string;
  label: string;
  spans: Span[];
  wrong: boolean;
  change(spans: Span[]): void;
}

/** The hours of one day. */
function Spans({ name, label, spans, wrong, change }: SpansProps) {
  const set = (index: number, part: Partial<Span>) => change(spans.map((span, at) => (at === index ? { ...span, ...part } : span)));
  return (
    <div class="spans">
      {!spans.length && <span class="week-closed">{t("Closed")}</span>}
      {spans.map(({ start, end }, index) => (
        <span class="span" key={index}>
          <input type="time" name={name} value={start} aria-label={t("{day} from", { day: label })} aria-invalid={wrong && !start} onInput={(event) => set(index, { start: event.currentTarget.value })} />
          <span aria-hidden="true">–</span>
          <input type="time" name={name} value={end} aria-label={t("{day} to", { day: label })} aria-invalid={wrong && !end} onInput={(event) => set(index, { end: event.currentTarget.value })} />
          <Button small look="tertiary" extra="span-remove" aria-label={t("Remove hours of {day}", { day: label })} title={t("Remove")} onClick={() => change(spans.filter((_, at) => at !== index))}>
            ×
          </Button>
        </span>
      ))}
      {spans.length < SPANS_A_DAY && (
        <Button small look="tertiary" aria-label={t("Add hours to {day}", { day: label })} onClick={() => change([...spans, spans.length ? { start: "", end: "" } : OFFICE])}>
          {t("Add hours")}
        </Button>
      )}
    </div>
  );
}

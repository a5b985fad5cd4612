/** The fields of the appearance page. */

import { count } from "../format";
import { Notes, described } from "../settings/fields";
import { Button } from "../ui";
import { t } from "../words";
import { colour } from "./look";

interface ColourProps {
  name: string;
  label: string;
  hint?: string;
  problem?: string | undefined;
  value: string;
  /** What holds while it is empty. */
  worked: string;
  change(value: string): void;
}

/** A colour as a patch to pick from and as text; empty, it is worked out. */
export function ColourLine(props: ColourProps) {
  const { name, label, problem, value, worked, change } = props;
  return (
    <div class="field colour">
      <input
        type="color"
        class="colour-patch"
        aria-label={t("Pick: {name}", { name: label })}
        value={colour(value) ?? worked}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <label class={`input${problem ? " input-wrong" : ""}`}>
        <span class="input-label">{label}</span>
        <span class="input-line">
          <input
            name={name}
            dir="ltr"
            autoComplete="off"
            spellcheck={false}
            maxLength={16}
            placeholder={worked}
            value={value}
            aria-invalid={Boolean(problem)}
            aria-describedby={described(props)}
            onInput={(event) => change(event.currentTarget.value)}
          />
        </span>
      </label>
      <Button look="tertiary" disabled={value === ""} aria-label={t("Work out: {name}", { name: label })} onClick={() => change("")}>
        {t("Work out")}
      </Button>
      <div class="colour-notes">
        <Notes {...props} />
      </div>
    </div>
  );
}

interface RangeProps {
  name: string;
  label: string;
  hint?: string;
  problem?: string | undefined;
  value: string;
  own: number;
  limit: number;
  change(value: string): void;
}

/** A number of pixels, by a slider or as text. */
export function Range(props: RangeProps) {
  const { name, label, problem, value, own, limit, change } = props;
  const number = /^[0-9]{1,2}$/.test(value.trim()) ? Number(value) : own;
  return (
    <div class="field range">
      <input
        type="range"
        min={0}
        max={limit}
        aria-label={label}
        aria-valuetext={t("{count} pixels", { count: count(number) })}
        value={number}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <label class={`input${problem ? " input-wrong" : ""}`}>
        <span class="input-label">{t("Pixels")}</span>
        <span class="input-line">
          <input
            name={name}
            inputMode="numeric"
            autoComplete="off"
            maxLength={4}
            placeholder={String(own)}
            value={value}
            aria-invalid={Boolean(problem)}
            aria-describedby={described(props)}
            onInput={(event) => change(event.currentTarget.value)}
          />
        </span>
      </label>
      <div class="colour-notes">
        <Notes {...props} />
      </div>
    </div>
  );
}

interface SegmentsProps<V extends string> {
  name: string;
  label: string;
  value: V;
  options: ReadonlyArray<readonly [value: NoInfer<V>, label: string]>;
  change(value: NoInfer<V>): void;
}

/** A choice of a few words in a row. */
export function Segments<V extends string>({ name, label, value, options, change }: SegmentsProps<V>) {
  return (
    <fieldset class="segments">
      <legend class="hidden">{label}</legend>
      {options.map(([option, text]) => (
        <label key={option} class="segment">
          <input type="radio" name={name} value={option} checked={value === option} onChange={() => change(option)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

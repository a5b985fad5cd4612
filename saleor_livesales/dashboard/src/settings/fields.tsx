import type { ComponentChildren } from "preact";
import { count } from "../format";
import { t } from "../words";

interface Field {
  name: string;
  label: string;
  hint?: string;
  problem?: string | undefined;
}

/** A group of fields with its heading beside it, as on the Dashboard's configuration pages. */
export function Card({ title, text, children }: { title: string; text: string; children: ComponentChildren }) {
  return (
    <section class="card">
      <div class="card-head">
        <h2>{title}</h2>
        <p>{text}</p>
      </div>
      <div class="card-body">{children}</div>
    </section>
  );
}

export function described({ name, hint, problem }: Field): string | undefined {
  return [hint && `${name}-hint`, problem && `${name}-problem`].filter(Boolean).join(" ") || undefined;
}

export function Notes({ name, hint, problem }: Field) {
  return (
    <>
      {problem && (
        <p class="field-problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
      {hint && (
        <p class="field-hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </>
  );
}

export function Switch(props: Field & { checked: boolean; change(checked: boolean): void }) {
  return (
    <div class="field">
      <label class="check">
        <input
          type="checkbox"
          name={props.name}
          checked={props.checked}
          aria-invalid={Boolean(props.problem)}
          aria-describedby={described(props)}
          onChange={(event) => props.change(event.currentTarget.checked)}
        />
        <span>{props.label}</span>
      </label>
      <Notes {...props} />
    </div>
  );
}

type LineProps = Field & { value: string; unit?: string; mode: "decimal" | "email" | "url" | "text"; change(value: string): void };

export function Line(props: LineProps) {
  return (
    <div class="field">
      <label class={`input${props.problem ? " input-wrong" : ""}`}>
        <span class="input-label">{props.label}</span>
        <span class="input-line">
          <input
            name={props.name}
            inputMode={props.mode}
            autoComplete="off"
            spellcheck={false}
            dir={props.mode === "decimal" ? undefined : props.mode === "text" ? "auto" : "ltr"}
            value={props.value}
            aria-invalid={Boolean(props.problem)}
            aria-describedby={described(props)}
            onInput={(event) => props.change(event.currentTarget.value)}
          />
          {props.unit && <span class="input-unit">{props.unit}</span>}
        </span>
      </label>
      <Notes {...props} />
    </div>
  );
}

export function Area(props: Field & { value: string; limit: number; rows?: number; code?: boolean; change(value: string): void }) {
  const length = [...props.value.trim()].length;
  return (
    <div class="field">
      <label class={`input${props.problem ? " input-wrong" : ""}`}>
        <span class="input-label">{props.label}</span>
        <textarea
          name={props.name}
          rows={props.rows ?? 3}
          class={props.code ? "mails-code" : undefined}
          dir={props.code ? "ltr" : "auto"}
          spellcheck={!props.code}
          value={props.value}
          aria-invalid={Boolean(props.problem)}
          aria-describedby={described(props)}
          onInput={(event) => props.change(event.currentTarget.value)}
        />
      </label>
      <p class={`field-count${length > props.limit ? " field-problem" : ""}`}>{t("{length} of {limit} characters", { length: count(length), limit: count(props.limit) })}</p>
      <Notes {...props} />
    </div>
  );
}

type ChoiceProps = Field & {
  value: string;
  options: ReadonlyArray<readonly [value: string, label: string, hint: string]>;
  change(value: string): void;
};

export function Choice(props: ChoiceProps) {
  return (
    <fieldset class="field choice">
      <legend>{props.label}</legend>
      {props.options.map(([value, label, hint]) => (
        <label key={value} class="check">
          <input type="radio" name={props.name} value={value} checked={props.value === value} onChange={() => props.change(value)} />
          <span>
            {label}
            {hint && <span class="field-hint">{hint}</span>}
          </span>
        </label>
      ))}
      <Notes {...props} />
    </fieldset>
  );
}

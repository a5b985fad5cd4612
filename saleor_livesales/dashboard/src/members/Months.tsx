import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import { count, money, month } from "../format";
import MONTHS from "../graphql/membersMonths.graphql";
import type { Money } from "../types";
import { Button, Skeleton } from "../ui";
import { t } from "../words";

export interface Month {
  since: string;
  came: number;
  stayed: number;
  left: number;
  income: Array<{ kept: Money }>;
}

const WIDE = 20; // of a month in the drawing, which is stretched to the page
const BAR = 12;
const HIGH = 100;

/** The last twelve months: what came in, and who came, stayed and left. Drawn, and as a table. */
export function Months({ api }: { api: Api }) {
  const [months, put] = useState<readonly Month[] | null>(null);
  const [problem, tell] = useState("");
  const load = async () => {
    try {
      const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
      put((await api.run<{ liveMembershipMonths: Month[] }>(MONTHS, { timeZone })).liveMembershipMonths);
      tell("");
    } catch (error) {
      tell(error instanceof ApiError ? error.message : t("Something went wrong."));
    }
  };
  useEffect(() => void load(), [api]);
  if (problem) {
    return (
      <p class="inline-problem months" role="alert">
        {problem}{" "}
        <Button small onClick={() => void load()}>
          {t("Try again")}
        </Button>
      </p>
    );
  }
  if (!months) return <Skeleton rows={4} />;
  const currencies = [...new Set(months.flatMap(({ income }) => income.map(({ kept }) => kept.currency)))].sort();
  return (
    <section class="months" aria-label={t("The last twelve months")}>
      {currencies.map((currency) => (
        <Fees key={currency} months={months} currency={currency} />
      ))}
      {currencies.length === 0 && <p class="members-mail">{t("No fees came in.")}</p>}
      <People months={months} />
      <details class="months-table">
        <summary>{t("As a table")}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Month")}</th>
              <th scope="col">{t("Fees")}</th>
              <th scope="col">{t("Came")}</th>
              <th scope="col">{t("Stayed")}</th>
              <th scope="col">{t("Gone")}</th>
            </tr>
          </thead>
          <tbody>
            {months.map(({ since, income, came, stayed, left }) => (
              <tr key={since}>
                <th scope="row">{month(since, true)}</th>
                <td>{income.map(({ kept }) => money(kept)).join(", ") || "–"}</td>
                <td>{count(came)}</td>
                <td>{count(stayed)}</td>
                <td>{count(left)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

function amount(row: Month, currency: string): number {
  return row.income.find(({ kept }) => kept.currency === currency)?.kept.amount ?? 0;
}

function Fees({ months, currency }: { months: readonly Month[]; currency: string }) {
  const most = Math.max(...months.map((row) => amount(row, currency)), 0);
  return (
    <figure>
      <figcaption>
        {t("Fees, less what was given back")} <span class="members-mail">{t("most in a month: {amount}", { amount: money({ amount: most, currency }) })}</span>
      </figcaption>
      <Drawing high={HIGH}>
        {months.map((row, index) => {
          const tall = most ? (amount(row, currency) / most) * HIGH : 0;
          return (
            <g key={row.since}>
              <title>{`${month(row.since, true)}: ${money({ amount: amount(row, currency), currency })}`}</title>
              <rect class="months-fees" x={index * WIDE + (WIDE - BAR) / 2} y={HIGH - tall} width={BAR} height={tall} />
            </g>
          );
        })}
      </Drawing>
      <Axis months={months} />
    </figure>
  );
}

function People({ months }: { months: readonly Month[] }) {
  const above = Math.max(...months.map(({ came, stayed }) => came + stayed), 1);
  const below = Math.max(...months.map(({ left }) => left), 0);
  const high = HIGH * (1 + below / above);
  const scale = HIGH / above;
  return (
    <figure>
      <figcaption>
        {t("Members")}
        <span class="months-key months-came">{t("Came")}</span>
        <span class="months-key months-stayed">{t("Stayed")}</span>
        <span class="months-key months-left">{t("Gone")}</span>
      </figcaption>
      <Drawing high={high}>
        {months.map(({ since, came, stayed, left }, index) => {
          const bar = { x: index * WIDE + (WIDE - BAR) / 2, width: BAR };
          return (
            <g key={since}>
              <title>{t("{month}: {came} came, {stayed} stayed, {left} left", { month: month(since, true), came: count(came), stayed: count(stayed), left: count(left) })}</title>
              <rect class="months-stayed" {...bar} y={HIGH - stayed * scale} height={stayed * scale} />
              <rect class="months-came" {...bar} y={HIGH - (stayed + came) * scale} height={came * scale} />
              <rect class="months-left" {...bar} y={HIGH} height={left * scale} />
            </g>
          );
        })}
        <line x1={0} x2={months.length * WIDE} y1={HIGH} y2={HIGH} />
      </Drawing>
      <Axis months={months} />
    </figure>
  );
}

/** For the eye: the table tells the same. */
function Drawing({ high, children }: { high: number; children: preact.ComponentChildren }) {
  return (
    <svg class="months-drawing" viewBox={`0 0 ${12 * WIDE} ${high}`} preserveAspectRatio="none" aria-hidden="true">
      {children}
    </svg>
  );
}

function Axis({ months }: { months: readonly Month[] }) {
  return (
    <div class="months-axis" aria-hidden="true">
      {months.map(({ since }) => (
        <span key={since}>{month(since)}</span>
      ))}
    </div>
  );
}

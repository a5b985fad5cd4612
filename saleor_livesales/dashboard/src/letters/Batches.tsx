import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import { clock, count, day } from "../format";
import BATCHES from "../graphql/letterBatches.graphql";
import CREATE from "../graphql/letterBatchCreate.graphql";
import MARK from "../graphql/letterBatchMark.graphql";
import { useAct } from "../members/act";
import { Button, Chip, Skeleton } from "../ui";
import { t } from "../words";
import { type Batch, type BatchesAnswer, batchName, batchTone } from "./printing";
import { Troubles } from "./Troubles";

const LOOK_AGAIN = 2000; // ms, while one is being drawn

/** The letters that the store prints: what waits, and what became of each batch. */
export function Batches({ api, channel }: { api: Api; channel: string }) {
  const [batches, put] = useState<readonly Batch[] | null>(null);
  const [waiting, wait] = useState(0);
  const [lost, lose] = useState("");
  const [sure, ask] = useState("");
  const { act, busy, failure } = useAct(api, []);
  const timer = useRef<number | undefined>(undefined);
  const gone = useRef(false);

  const load = async () => {
    window.clearTimeout(timer.current);
    try {
      const answer = await api.run<BatchesAnswer>(BATCHES, { channel });
      if (gone.current) return;
      const found = answer.liveLetterBatches.edges.map(({ node }) => node);
      put(found);
      wait(answer.waiting.totalCount);
      lose("");
      if (found.some(({ state }) => state === "DRAWING")) timer.current = window.setTimeout(() => void load(), LOOK_AGAIN);
    } catch (error) {
      if (!gone.current) lose(error instanceof ApiError ? error.message : t("Something went wrong."));
    }
  };
  useEffect(() => {
    gone.current = false;
    put(null);
    void load();
    return () => {
      gone.current = true;
      window.clearTimeout(timer.current);
    };
  }, [api, channel]);

  const run = async (document: string, variables: Record<string, unknown>) => {
    if (await act(document, variables)) await load();
    ask("");
  };
  if (lost && batches === null) {
    return (
      <p class="inline-problem" role="alert">
        {lost}{" "}
        <Button small onClick={() => void load()}>
          {t("Try again")}
        </Button>
      </p>
    );
  }
  if (batches === null) return <Skeleton rows={6} />;
  return (
    <div class="letters">
      <div class="letters-waiting">
        <p role="status">{waiting ? t("Letters that wait: {number}", { number: count(waiting) }) : t("No letter waits to be printed.")}</p>
        <Button look="primary" disabled={busy || !waiting} onClick={() => void run(CREATE, { channel })}>
          {t("Make a batch")}
        </Button>
      </div>
      {(failure || lost) && (
        <p class="inline-problem" role="alert">
          {failure || lost}
        </p>
      )}
      {batches.length > 0 && (
        <table class="members-table">
          <thead>
            <tr>
              <th scope="col">{t("Batch")}</th>
              <th scope="col">{t("State")}</th>
              <th scope="col">
                <span class="hidden">{t("Actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {batches.map((batch) => (
              <tr key={batch.id}>
                <td>
                  {day(batch.createdAt)} {clock(batch.createdAt)}
                  <span class="members-mail">{t("Letters: {number}", { number: count(batch.total) })}</span>
                </td>
                <td>
                  <Chip tone={batchTone(batch.state)}>{batchName(batch.state)}</Chip>
                  {batch.state === "DRAWING" && (
                    <progress class="letters-progress" max={batch.total} value={batch.drawn} aria-label={t("Drawn")}>
                      {batch.drawn}
                    </progress>
                  )}
                  {batch.handedOverAt && <span class="members-mail">{day(batch.handedOverAt)}</span>}
                  {batch.problem && batch.state !== "READY" && <span class="members-mail">{batch.problem}</span>}
                </td>
                <td class="letters-act">
                  {batch.lettersUrl && (
                    <a class="button button-secondary button-small" href={batch.lettersUrl} download rel="noopener noreferrer" onClick={() => window.setTimeout(() => void load(), 1000)}>
                      {t("Letters (PDF)")}
                    </a>
                  )}
                  {batch.manifestUrl && (
                    <a class="button button-secondary button-small" href={batch.manifestUrl} download rel="noopener noreferrer" onClick={() => window.setTimeout(() => void load(), 1000)}>
                      {t("List (CSV)")}
                    </a>
                  )}
                  {batch.state === "READY" && (
                    <Button small disabled={busy} onClick={() => void run(MARK, { id: batch.id, state: "PRINTED" })}>
                      {t("Printed")}
                    </Button>
                  )}
                  {(batch.state === "READY" || batch.state === "PRINTED") && (
                    <Button
                      small
                      look={sure === batch.id ? "critical" : "secondary"}
                      disabled={busy}
                      onClick={() => (sure === batch.id ? void run(MARK, { id: batch.id, state: "HANDED_OVER" }) : ask(batch.id))}
                    >
                      {sure === batch.id ? t("All are with the post: erase the codes here") : t("Handed over")}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Troubles api={api} channel={channel} changed={() => void load()} />
    </div>
  );
}

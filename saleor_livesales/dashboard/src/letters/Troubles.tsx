import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api";
import { day } from "../format";
import CONFIRM from "../graphql/letterConfirm.graphql";
import RETRY from "../graphql/letterRetry.graphql";
import RETURNED from "../graphql/letterReturned.graphql";
import LETTERS from "../graphql/letterTroubles.graphql";
import { useAct } from "../members/act";
import { Line } from "../settings/fields";
import { Button } from "../ui";
import { t } from "../words";
import { type Letter, TROUBLES, troubleName } from "./printing";

/** One letter by its number, typed or scanned; and those that wait for a better address. */
export function Troubles({ api, channel, changed }: { api: Api; channel: string; changed(): void }) {
  const [letters, put] = useState<readonly Letter[]>([]);
  const [number, write] = useState("");
  const [done, tell] = useState("");
  const { act, busy, problems, failure } = useAct(api, ["number"]);

  const load = async () => {
    try {
      const answer = await api.run<{ liveLetters: { edges: Array<{ node: Letter }> } }>(LETTERS, { channel, state: TROUBLES });
      put(answer.liveLetters.edges.map(({ node }) => node));
    } catch {
      // What is above tells of it and asks again.
    }
  };
  useEffect(() => void load(), [api, channel]);

  const look = async (document: string, said: string) => {
    tell("");
    if (!number.trim() || !(await act(document, { number }))) return;
    tell(t("{number}: {what}", { number: number.trim().toUpperCase(), what: said }));
    write("");
    await load();
    changed();
  };
  return (
    <>
      <form
        class="letters-number"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void look(CONFIRM, t("Handed over"));
        }}
      >
        <Line name="number" label={t("Number of a letter")} hint={t("It stands at the foot of the page: type it, or scan it.")} mode="text" value={number} problem={problems.number ?? failure} change={write} />
        <Button type="submit" disabled={busy || !number.trim()}>
          {t("Handed over")}
        </Button>
        <Button disabled={busy || !number.trim()} onClick={() => void look(RETURNED, t("It came back"))}>
          {t("It came back")}
        </Button>
        <p class="saved" role="status">
          {done}
        </p>
      </form>
      {letters.length > 0 && (
        <section class="letters-troubles" aria-labelledby="letters-troubles">
          <h2 id="letters-troubles">{t("Letters that need an address")}</h2>
          <ul class="member-lines">
            {letters.map((letter) => (
              <li key={letter.id}>
                <span>
                  <bdi>{letter.membership.profile?.name || letter.membership.profile?.email || t("Deleted account")}</bdi>
                  <span class="members-mail">
                    {troubleName(letter.state)}, {day(letter.changedAt)}
                  </span>
                </span>
                <Button
                  small
                  disabled={busy}
                  onClick={async () => {
                    if (!(await act(RETRY, { id: letter.id }))) return;
                    await load();
                    changed();
                  }}
                >
                  {letter.state === "UNDELIVERABLE" ? t("Send a new code") : t("Try again")}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

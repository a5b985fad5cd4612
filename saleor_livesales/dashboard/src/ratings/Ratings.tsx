import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import { average, clock, count, day } from "../format";
import RATINGS from "../graphql/ratings.graphql";
import REPS from "../graphql/ratingsOfReps.graphql";
import type { Connection, Rating } from "../types";
import { Blank, Button, Skeleton } from "../ui";
import { t } from "../words";
import { visitorName } from "../desk/state";
import { Stars } from "./Stars";

interface RepFigures {
  id: string;
  name: string;
  ratingAverage: number | null;
  ratingCount: number | null;
}

interface Rated {
  id: string;
  channel: string;
  endedAt: string | null;
  repName: string | null;
  visitor: { id: string; name: string } | null;
  rating: Rating | null;
}

type Paged<T> = Connection<T> & { pageInfo: { hasNextPage: boolean; endCursor: string | null } };
type Loaded = { reps: RepFigures[]; sessions: Rated[]; more: string | null } | { forbidden: boolean; problem: string } | null;

const PAGE = 50;
const REPS_AT_ONCE = 100;
const SCORES: Readonly<Record<string, readonly number[]>> = { low: [1, 2], middle: [3], high: [4, 5] };

/** The owner's page of ratings: how each rep does, and what visitors said, the latest first. */
export function RatingsView({ api }: { api: Api }) {
  const [loaded, put] = useState<Loaded>(null);
  const [chosen, choose] = useState("");

  const sessions = async (which: string, after: string | null) => {
    const filter = { rated: true, ...(which && { score: SCORES[which] }) };
    const { liveSessions } = await api.run<{ liveSessions: Paged<Rated> }>(RATINGS, { filter, first: PAGE, after });
    const { hasNextPage, endCursor } = liveSessions.pageInfo;
    return { sessions: liveSessions.edges.map(({ node }) => node), more: hasNextPage ? endCursor : null };
  };
  const attempt = async (load: () => Promise<Loaded>) => {
    try {
      put(await load());
    } catch (error) {
      const told = error instanceof ApiError ? error : new ApiError("server", t("Something went wrong."));
      put({ forbidden: told.kind === "permission", problem: told.message });
    }
  };
  const load = () => attempt(async () => ({ reps: await ratedReps(api), ...(await sessions(chosen, null)) }));
  useEffect(() => void load(), [api]);

  if (loaded === null) {
    return (
      <main class="page page-blank">
        <Skeleton rows={8} />
      </main>
    );
  }
  if ("problem" in loaded) {
    return (
      <main class="page page-blank">
        {loaded.forbidden ? (
          <Blank title={t("You can't see ratings")} text={t("Ask an administrator for the permission “Manage live sales”.")} />
        ) : (
          <Blank title={t("The ratings could not be loaded")} text={loaded.problem}>
            <Button
              look="primary"
              onClick={() => {
                put(null);
                void load();
              }}
            >
              {t("Try again")}
            </Button>
          </Blank>
        )}
      </main>
    );
  }
  if (!loaded.reps.length) {
    return (
      <main class="page page-blank">
        <Blank title={t("Nobody has rated yet")} text={t("After a session in which somebody had answered, visitors are asked how it was.")} />
      </main>
    );
  }
  const { reps } = loaded;
  return (
    <main class="page ratings">
      <h1 class="hidden">{t("Ratings")}</h1>
      <section class="ratings-part" aria-label={t("Reps")}>
        <table class="ratings-table">
          <thead>
            <tr>
              <th scope="col">{t("Rep")}</th>
              <th scope="col">{t("Average")}</th>
              <th scope="col">{t("Rated sessions")}</th>
            </tr>
          </thead>
          <tbody>
            {reps.map((rep) => (
              <tr key={rep.id}>
                <th scope="row">
                  <bdi>{rep.name}</bdi>
                </th>
                <td>{rep.ratingAverage !== null && average(rep.ratingAverage)}</td>
                <td>{count(rep.ratingCount ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section class="ratings-part" aria-label={t("Rated sessions")}>
        <select
          class="select ratings-which"
          aria-label={t("Which scores")}
          value={chosen}
          onChange={({ currentTarget: { value } }) => {
            choose(value);
            void attempt(async () => ({ reps, ...(await sessions(value, null)) }));
          }}
        >
          <option value="">{t("All scores")}</option>
          <option value="low">{t("1 or 2")}</option>
          <option value="middle">{count(3)}</option>
          <option value="high">{t("4 or 5")}</option>
        </select>
        {loaded.sessions.length === 0 && <p class="ratings-none">{t("No session was rated so.")}</p>}
        <ul class="ratings-list">
          {loaded.sessions.map(({ id, channel, endedAt, repName, visitor, rating }) => (
            <li key={id}>
              {rating && <Stars score={rating.score} />}
              <p class="ratings-who">
                <bdi>{repName}</bdi> · <bdi>{visitorName(visitor)}</bdi> · <bdi>{channel}</bdi>
                {endedAt && (
                  <>
                    {" · "}
                    <time dateTime={endedAt}>
                      {day(endedAt)}, {clock(endedAt)}
                    </time>
                  </>
                )}
              </p>
              {rating?.comment && (
                <blockquote class="rated-comment" dir="auto">
                  {rating.comment}
                </blockquote>
              )}
            </li>
          ))}
        </ul>
        {loaded.more && (
          <Button
            small
            look="tertiary"
            onClick={() =>
              void attempt(async () => {
                const next = await sessions(chosen, loaded.more);
                return { reps, sessions: [...loaded.sessions, ...next.sessions], more: next.more };
              })
            }
          >
            {t("Show more")}
          </Button>
        )}
      </section>
    </main>
  );
}

/** Those that were rated, the best first. */
async function ratedReps(api: Api): Promise<RepFigures[]> {
  const found: RepFigures[] = [];
  let after: string | null = null;
  do {
    const { liveReps }: { liveReps: Paged<RepFigures> } = await api.run(REPS, { first: REPS_AT_ONCE, after });
    found.push(...liveReps.edges.map(({ node }) => node).filter(({ ratingCount }) => ratingCount));
    after = liveReps.pageInfo.hasNextPage ? liveReps.pageInfo.endCursor : null;
  } while (after);
  return found.sort((one, other) => (other.ratingAverage ?? 0) - (one.ratingAverage ?? 0));
}

import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import { count, day, money } from "../format";
import MEMBERS from "../graphql/members.graphql";
import HEAD from "../graphql/membersHead.graphql";
import { Blank, Button, Chip, Skeleton } from "../ui";
import { t } from "../words";
import { Grant } from "./Grant";
import { MemberView } from "./Member";
import { Months } from "./Months";
import { Plans } from "./Plans";
import { csv, type HeadAnswer, type Member, type MembersAnswer, STATES, stateName, stateTone, thisMonth } from "./state";

const PAGE = 50;
const MOST_EXPORTED = 100; // pages of 100

interface Shown {
  members: Member[];
  total: number;
  after: string | null;
}

/** The owner's page: who is a member, what was paid, and what the owner may do about it. */
export function MembersView({ api }: { api: Api }) {
  const [head, putHead] = useState<HeadAnswer | null>(null);
  const [shown, put] = useState<Shown | null>(null);
  const [failure, fail] = useState<ApiError | null>(null);
  const [search, write] = useState("");
  const [state, pick] = useState("");
  const [plan, pickPlan] = useState("");
  const [chosen, choose] = useState<string | null>(null);
  const [beside, show] = useState<"" | "grant" | "plans">("");
  const [plotted, plot] = useState(false);
  const [busy, wait] = useState(false);
  const asked = useRef(0);

  const told = (error: unknown) => fail(error instanceof ApiError ? error : new ApiError("server", t("Something went wrong.")));
  const filter = () => ({ search: search.trim() || null, state: state ? [state] : null, planId: plan || null });

  const load = async (after: string | null = null) => {
    const mine = ++asked.current;
    try {
      const { liveMemberships: found } = await api.run<MembersAnswer>(MEMBERS, { first: PAGE, after, filter: filter() });
      if (mine !== asked.current) return; // something else was asked for meanwhile
      const fresh = found.edges.map(({ node }) => node);
      put((before) => ({
        members: after ? [...(before?.members ?? []), ...fresh] : fresh,
        total: found.totalCount,
        after: found.pageInfo.hasNextPage ? found.pageInfo.endCursor : null,
      }));
      fail(null);
    } catch (error) {
      if (mine === asked.current) told(error);
    }
  };
  const loadHead = async () => {
    try {
      putHead(await api.run<HeadAnswer>(HEAD, thisMonth(api.now())));
    } catch (error) {
      told(error);
    }
  };
  useEffect(() => void loadHead(), [api]);
  useEffect(() => {
    const timer = setTimeout(() => void load(), search ? 250 : 0);
    return () => clearTimeout(timer);
  }, [api, search, state, plan]);

  const save = async () => {
    wait(true);
    try {
      const all: Member[] = [];
      let after: string | null = null;
      for (let page = 0; page < MOST_EXPORTED; page++) {
        const { liveMemberships: found }: MembersAnswer = await api.run<MembersAnswer>(MEMBERS, { first: 100, after, filter: filter() });
        all.push(...found.edges.map(({ node }) => node));
        after = found.pageInfo.endCursor;
        if (!found.pageInfo.hasNextPage) break;
      }
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(["\ufeff", csv(all)], { type: "text/csv" }));
      link.download = "members.csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (error) {
      told(error);
    }
    wait(false);
  };
  const changed = () => {
    void load();
    void loadHead();
  };

  if (failure && !shown) {
    return (
      <main class="page page-blank">
        {failure.kind === "permission" ? (
          <Blank title={t("You can't see the members")} text={t("Ask an administrator for the permission “Manage live sales”.")} />
        ) : (
          <Blank title={t("The members could not be loaded")} text={failure.message}>
            <Button
              look="primary"
              onClick={() => {
                fail(null);
                changed();
              }}
            >
              {t("Try again")}
            </Button>
          </Blank>
        )}
      </main>
    );
  }
  const member = shown?.members.find(({ id }) => id === chosen) ?? null;
  const filtered = Boolean(search || state || plan);
  return (
    <main class={`page members${member || beside ? " members-open" : ""}`}>
      <section class="members-list" aria-labelledby="members-title">
        <header class="members-head">
          <h1 id="members-title">{t("Members")}</h1>
          {head && (
            <p class="members-income">
              {t("Fees this month:")}{" "}
              <b>{head.liveMembershipIncome.length ? head.liveMembershipIncome.map(({ kept }) => money(kept)).join(", ") : t("None")}</b>
            </p>
          )}
          <Button aria-expanded={plotted} onClick={() => plot(!plotted)}>
            {t("Months")}
          </Button>
          <Button
            aria-expanded={beside === "plans"}
            onClick={() => {
              choose(null);
              show(beside === "plans" ? "" : "plans");
            }}
          >
            {t("Plans")}
          </Button>
          <Button disabled={busy || !shown?.members.length} onClick={() => void save()}>
            {t("Export")}
          </Button>
          <Button
            look="primary"
            disabled={!head?.liveMembershipPlans.length}
            onClick={() => {
              choose(null);
              show("grant");
            }}
          >
            {t("Grant")}
          </Button>
        </header>
        {plotted && <Months api={api} />}
        <div class="members-filters">
          <input class="search" type="search" aria-label={t("Search members")} placeholder={t("Name or e-mail")} value={search} onInput={(event) => write(event.currentTarget.value)} />
          <select class={`select${state ? " select-set" : ""}`} aria-label={t("State")} value={state} onChange={(event) => pick(event.currentTarget.value)}>
            <option value="">{t("Any state")}</option>
            {STATES.map((name) => (
              <option key={name} value={name}>
                {stateName(name)}
              </option>
            ))}
          </select>
          <select class={`select${plan ? " select-set" : ""}`} aria-label={t("Plan")} value={plan} onChange={(event) => pickPlan(event.currentTarget.value)}>
            <option value="">{t("Any plan")}</option>
            {head?.liveMembershipPlans.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </div>
        {failure && (
          <p class="inline-problem" role="alert">
            {failure.message}
          </p>
        )}
        <div class="members-rows">
          {!shown ? (
            <Skeleton rows={6} />
          ) : shown.members.length === 0 ? (
            filtered ? (
              <Blank title={t("Nobody matches")} />
            ) : head && !head.liveMembershipPlans.length ? (
              <Blank title={t("There is no plan yet")} text={t("A plan is bought as a product of your shop: each piece of it is one period.")}>
                <Button
                  look="primary"
                  onClick={() => {
                    choose(null);
                    show("plans");
                  }}
                >
                  {t("Plans")}
                </Button>
              </Blank>
            ) : (
              <Blank title={t("No members yet")} text={t("Whoever pays for a plan's product stands here.")} />
            )
          ) : (
            <table class="members-table">
              <thead>
                <tr>
                  <th scope="col">{t("Name")}</th>
                  <th scope="col">{t("Plan")}</th>
                  <th scope="col">{t("State")}</th>
                  <th scope="col">{t("Paid until")}</th>
                </tr>
              </thead>
              <tbody>
                {shown.members.map((row) => (
                  <tr key={row.id} class={row.id === chosen ? "members-chosen" : undefined}>
                    <td>
                      <button
                        type="button"
                        class="members-name"
                        aria-expanded={row.id === chosen}
                        onClick={() => {
                          show("");
                          choose(row.id === chosen ? null : row.id);
                        }}
                      >
                        <bdi>{row.profile?.name || row.profile?.email || t("Deleted account")}</bdi>
                      </button>
                      {row.profile && <span class="members-mail">{row.profile.email}</span>}
                    </td>
                    <td>{row.plan.name}</td>
                    <td>
                      <Chip tone={stateTone(row.state)}>{stateName(row.state)}</Chip>
                      {row.endsWithPeriod && <span class="members-mail">{t("Ends then")}</span>}
                    </td>
                    <td class="members-date">{day(row.paidUntil)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {shown && shown.members.length > 0 && (
            <p class="members-foot">
              {t("{shown} of {total}", { shown: count(shown.members.length), total: count(shown.total) })}{" "}
              {shown.after && (
                <Button small onClick={() => void load(shown.after)}>
                  {t("Show more")}
                </Button>
              )}
            </p>
          )}
        </div>
      </section>
      {member && <MemberView key={member.id} api={api} member={member} plans={head?.liveMembershipPlans ?? []} changed={changed} close={() => choose(null)} />}
      {beside === "grant" && head && <Grant api={api} plans={head.liveMembershipPlans} changed={changed} close={() => show("")} />}
      {beside === "plans" && <Plans api={api} changed={changed} close={() => show("")} />}
    </main>
  );
}

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { clock, count } from "../format";
import { useStore } from "../store";
import { Blank, Button, Skeleton } from "../ui";
import { t } from "../words";
import { Blocks, useBlocks } from "./Blocking";
import type { Desk } from "./desk";
import type { Drag } from "./drag";
import { contains, type Filter, inQueue, NO_FILTER, onSite } from "./filter";
import { Inquiries, useInquiries } from "./Inquiries";
import { Queue, Visitors } from "./People";
import { Sessions } from "./Sessions";
import type { Listing, Missed } from "./state";
import type { Order } from "./waiting";

/** The open sessions, who waits, who is on the site, and what was left when nobody was there. */
export function Lists({ desk, drag }: { desk: Desk; drag: Drag }) {
  const queue = useStore(desk.store, (state) => state.queue);
  const visitors = useStore(desk.store, (state) => state.visitors);
  const missed = useStore(desk.store, (state) => state.missed);
  const open = useStore(desk.store, (state) => state.open.length);
  const inquiries = useInquiries(desk.api);
  const blocks = useBlocks(desk.api);
  const [filter, put] = useState(NO_FILTER);
  const [order, sort] = useState<Order>("arranged");
  const change = (part: Partial<Filter>) => put({ ...filter, ...part });
  const channels = [...new Set([...(queue.items ?? []), ...(visitors.items ?? [])].map((item) => item.channel ?? "").filter(Boolean))].sort();
  const waiting = inQueue(queue.items ?? [], filter);
  const present = onSite(visitors.items ?? [], filter);
  const letters = (inquiries.items ?? []).filter((item) => contains(filter.text, [item.email, item.text, item.product?.name]));
  const clear = () => put(NO_FILTER);
  return (
    <div class="lists">
      <search class="finder" role="search">
        <input
          class="search"
          type="search"
          placeholder={t("Search")}
          aria-label={t("Search the lists")}
          value={filter.text}
          onInput={(event) => change({ text: event.currentTarget.value })}
        />
        {channels.length > 1 && (
          <Select
            label={t("Channel")}
            value={filter.channel}
            options={[["", t("All channels")], ...channels.map((name): [string, string] => [name, name])]}
            change={(channel) => change({ channel })}
          />
        )}
      </search>
      {missed.length > 0 && <MissedRings desk={desk} missed={missed} />}
      {open > 0 && (
        <Section
          title={t("Your sessions")}
          total={open}
          tool={
            <Select
              label={t("Order of your sessions")}
              value={order}
              options={[
                ["arranged", t("As opened")],
                ["waiting", t("Longest unanswered")],
                ["cart", t("Largest cart")],
              ]}
              change={(value) => sort(value as Order)}
            />
          }
        >
          <Sessions desk={desk} drag={drag} order={order} fits={(...texts) => contains(filter.text, texts)} />
        </Section>
      )}
      <Section
        title={t("Queue")}
        list={queue}
        found={waiting.length}
        clear={clear}
        empty={t("Nobody is waiting")}
        hint={t("Who asks for help or accepts an offer appears here.")}
        tool={
          <Select
            label={t("Order of queue and visitors")}
            value={filter.byCart ? "cart" : "time"}
            options={[
              ["time", t("Next in turn")],
              ["cart", t("Largest cart")],
            ]}
            change={(value) => change({ byCart: value === "cart" })}
          />
        }
      >
        <Queue desk={desk} items={waiting} />
      </Section>
      <Section
        title={t("On the site")}
        list={visitors}
        found={present.length}
        clear={clear}
        empty={t("No visitors right now")}
        hint={t("Visitors of your storefronts appear here as they browse.")}
        tool={
          <Select
            label={t("Which visitors")}
            value={filter.visitors}
            options={[
              ["all", t("Everybody")],
              ["cart", t("With a cart")],
              ["account", t("With an account")],
              ["free", t("Not in a session")],
            ]}
            change={(value) => change({ visitors: value as Filter["visitors"] })}
          />
        }
      >
        <Visitors desk={desk} items={present} />
      </Section>
      <Section
        title={t("Messages left")}
        list={inquiries}
        found={letters.length}
        clear={clear}
        empty={t("No messages")}
        hint={t("What visitors write when nobody is there appears here.")}
      >
        <Inquiries items={letters} />
      </Section>
      {blocks.total > 0 && (
        <Section title={t("Blocked")} list={blocks}>
          <Blocks api={desk.api} items={blocks.items ?? []} done={() => void desk.refresh()} />
        </Section>
      )}
    </div>
  );
}

function Select(props: { label: string; value: string; options: ReadonlyArray<readonly [string, string]>; change(value: string): void }) {
  return (
    <select class={`select${props.value === props.options[0]?.[0] ? "" : " select-set"}`} aria-label={props.label} title={props.label} value={props.value} onChange={(event) => props.change(event.currentTarget.value)}>
      {props.options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

interface SectionProps {
  title: string;
  list?: Listing<unknown>; // left out for what is always known
  total?: number;
  found?: number; // of the items, how many a filter leaves
  clear?(): void;
  empty?: string;
  hint?: string;
  tool?: ComponentChildren;
  children: ComponentChildren;
}

/** A list that folds. What a filter hides is always told, so that nobody who waits goes unseen. */
function Section({ title, list, total, found, clear, empty = "", hint = "", tool, children }: SectionProps) {
  const [folded, fold] = useState(false);
  const items = list ? list.items : [];
  const known = items?.length ?? 0;
  const hidden = known - (found ?? known);
  const all = total ?? list?.total ?? 0;
  return (
    <section class="section" aria-label={title}>
      <div class="section-head">
        <h2>
          <button type="button" class="section-fold" aria-expanded={!folded} onClick={() => fold(!folded)}>
            <span class="fold-mark" aria-hidden="true" />
            {title}
          </button>
        </h2>
        {items && <span class="count">{count(all)}</span>}
        <span class="section-rest" />
        {!folded && tool}
      </div>
      {!folded && (
        <div class="section-body">
          {list?.problem && (
            <p class="inline-problem" role="status">
              {items ? `${t("Not up to date.")} ${list.problem}` : list.problem}
            </p>
          )}
          {!items && !list?.problem && <Skeleton rows={3} />}
          {list && items && known === 0 && <Blank title={empty} text={hint} />}
          {(!list || (found ?? known) > 0) && children}
          {hidden > 0 && (
            <p class="more">
              {t("{hidden} of {all} do not match what you look for.", { hidden: count(hidden), all: count(known) })}{" "}
              <Button small look="tertiary" onClick={clear}>
                {t("Show all")}
              </Button>
            </p>
          )}
          {list && all > known && <p class="more">{t("and {count} more, which are not looked through", { count: count(all - known) })}</p>}
        </div>
      )}
    </section>
  );
}

/** Who rang here without an answer, until the rep has dealt with it. */
function MissedRings({ desk, missed }: { desk: Desk; missed: readonly Missed[] }) {
  const waits = useStore(desk.store, (state) => (state.queue.items ?? []).map(({ id }) => id).join(" "));
  return (
    <section class="section missed" aria-label={t("Missed")}>
      <div class="section-head">
        <h2>{t("Missed")}</h2>
        <span class="count count-critical">{count(missed.length)}</span>
        <span class="section-rest" />
        <Button small look="tertiary" onClick={() => desk.calls.forget()}>
          {t("Clear")}
        </Button>
      </div>
      <ul class="rows" data-testid="missed">
        {missed.map(({ id, name, product, at, left }) => (
          <li key={id} class="row">
            <div class="row-main">
              <p class="row-title">
                <bdi>{name}</bdi>
              </p>
              <p class="row-text">
                <time dateTime={at}>{clock(at)}</time>
                {product && ` · ${product}`}
              </p>
              <p class="row-text row-reason">{left ? t("Left before you answered") : waits.split(" ").includes(id) ? t("Waits in the queue") : t("Was taken care of")}</p>
            </div>
            <Button small look="tertiary" aria-label={t("Dismiss {name}", { name })} onClick={() => desk.calls.forget(id)}>
              {t("Dismiss")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { elapsed, money, path } from "../format";
import { useStore } from "../store";
import type { QueueItem, Rep, VisitorItem } from "../types";
import { Blank, Button, Chip, Skeleton, useNow } from "../ui";
import type { Desk } from "./desk";
import { Inquiries, useInquiries } from "./Inquiries";
import type { Listing } from "./state";

/** Why help was or was not offered to a visitor, by the reasons of offers/decide.py. */
const REASONS: Readonly<Record<string, string>> = {
  above_threshold: "Offered help: worth more than the threshold",
  at_or_below_threshold: "No offer: not worth more than the threshold",
  inactive_channel: "No offer: live sales is off in this channel",
  just_bought: "No offer: bought something a short while ago",
  nobody_available: "No offer: nobody is free",
  nothing_to_price: "No offer: no product viewed yet",
  offer_pause: "No offer: was offered help a short while ago",
  open_offer: "Has an open offer",
  open_session: "Is in a session",
  other_currency: "No offer: the price is in another currency",
  requested: "Offered help: asked for it",
  requests_not_allowed: "No offer: requests are not allowed",
  rule_off: "No offer: no price threshold is set",
  unknown_price: "No offer: the price is not known",
  visitor_away: "No offer: away right now",
};

export function reasonText(reason: string): string {
  const text = REASONS[reason.toLowerCase()] ?? reason.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Who waits, longest first, who is on the site, and what was left when nobody was there. */
export function Lists({ desk }: { desk: Desk }) {
  const queue = useStore(desk.store, (state) => state.queue);
  const visitors = useStore(desk.store, (state) => state.visitors);
  const inquiries = useInquiries(desk.api);
  return (
    <div class="lists">
      <Section title="Queue" list={queue} empty="Nobody is waiting" hint="Who asks for help or accepts an offer appears here.">
        <Queue desk={desk} items={queue.items ?? []} />
      </Section>
      <Section title="On the site" list={visitors} empty="No visitors right now" hint="Visitors of your storefronts appear here as they browse.">
        <Visitors items={visitors.items ?? []} />
      </Section>
      <Section title="Messages left" list={inquiries} empty="No messages" hint="What visitors write when nobody is there appears here.">
        <Inquiries items={inquiries.items ?? []} />
      </Section>
    </div>
  );
}

function Section<T>(props: { title: string; list: Listing<T>; empty: string; hint: string; children: ComponentChildren }) {
  const [folded, fold] = useState(false);
  const { items, total, problem } = props.list;
  return (
    <section class="section" aria-label={props.title}>
      <h2 class="section-head">
        <button type="button" class="section-fold" aria-expanded={!folded} onClick={() => fold(!folded)}>
          <span class="fold-mark" aria-hidden="true" />
          {props.title}
        </button>
        {items && <span class="count">{total}</span>}
      </h2>
      {!folded && (
        <div class="section-body">
          {problem && (
            <p class="inline-problem" role="status">
              {items ? `Not up to date. ${problem}` : problem}
            </p>
          )}
          {!items && !problem && <Skeleton rows={3} />}
          {items && items.length === 0 && <Blank title={props.empty} text={props.hint} />}
          {items && items.length > 0 && props.children}
          {items && total > items.length && <p class="more">and {total - items.length} more</p>}
        </div>
      )}
    </section>
  );
}

/** Why this rep can't take a session from the queue; null where it can. The server refuses the same. */
function obstacle({ status, load, capacity }: Rep): string | null {
  if (status !== "ONLINE") return `You are ${status === "AWAY" ? "away" : "offline"}. Go online to accept.`;
  if (load >= capacity) return `You have ${load} of ${capacity} sessions. End one, or take more at once, to accept.`;
  return null;
}

function Queue({ desk, items }: { desk: Desk; items: readonly QueueItem[] }) {
  const now = useNow(() => desk.api.now());
  const taking = useStore(desk.store, (state) => state.taking);
  const rep = useStore(desk.store, (state) => state.rep);
  const why = rep ? obstacle(rep) : null;
  return (
    <>
      {why && (
        <p class="section-note" id="queue-obstacle">
          {why}
        </p>
      )}
      <ol class="rows" data-testid="queue">
        {items.map((item) => {
          const name = item.visitor?.name || "Visitor";
          return (
            <li key={item.id} class="row">
              <div class="row-main">
                <p class="row-title">
                  <bdi>{name}</bdi>
                </p>
                <p class="row-text">{item.product?.name ?? "No product"}</p>
                <p class="row-text row-facts">
                  <span>{item.channel}</span>
                  {item.cart && <span>Cart {money(item.cart.total)}</span>}
                </p>
              </div>
              <div class="row-side">
                <time class="wait" title="Waiting time">
                  {elapsed(item.queuedAt ?? item.createdAt, now)}
                </time>
                <Button
                  small
                  disabled={why !== null || taking.includes(item.id)}
                  title={why ?? undefined}
                  aria-label={`Accept ${name}`}
                  aria-describedby={why === null ? undefined : "queue-obstacle"}
                  onClick={() => void desk.accept(item.id)}
                >
                  {taking.includes(item.id) ? "Accepting…" : "Accept"}
                </Button>
              </div>
            </li>
          );
        })}
      </ol>
    </>
  );
}

const TALKING: Readonly<Record<string, string>> = { QUEUED: "Waiting", RINGING: "Ringing", ACTIVE: "Talking", ON_HOLD: "On hold" };

function Visitors({ items }: { items: readonly VisitorItem[] }) {
  return (
    <ul class="rows" data-testid="visitors">
      {items.map((item) => (
        <li key={item.id} class="row">
          <div class="row-main">
            <p class="row-title">
              <bdi>{item.name || "Visitor"}</bdi>
              {item.assurance === "SIGNED_IN" && <Chip>Account</Chip>}
              {item.inSession && <Chip tone="info">{TALKING[item.session?.state ?? ""] ?? "In session"}</Chip>}
            </p>
            <p class="row-text" title={item.pageUrl ?? undefined}>
              {item.product?.name ?? (item.pageTitle || path(item.pageUrl) || "No page yet")}
            </p>
            {item.reason && !item.inSession && <p class="row-text row-reason">{reasonText(item.reason)}</p>}
          </div>
          {item.cart && item.cart.quantity > 0 && (
            <div class="row-side">
              <span class="row-money" title={`${item.cart.quantity} in the cart`}>
                {money(item.cart.total)}
              </span>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

import { count, elapsed, money, path } from "../format";
import { useStore } from "../store";
import type { QueueItem, Rep, VisitorItem } from "../types";
import { Button, Chip, useNow } from "../ui";
import { t } from "../words";
import { Blocking } from "./Blocking";
import type { Desk } from "./desk";
import { OfferHelp } from "./OfferHelp";
import { VisitorTrail } from "./Trail";

/** Why help was or was not offered to a visitor, by the reasons of offers/decide.py. */
const REASONS: Readonly<Record<string, string>> = {
  above_threshold: "Offered help: worth more than the threshold",
  arranged_connect: "Connected at once, as the plan arranges",
  arranged_offer: "Offered help, as the plan arranges",
  at_or_below_threshold: "No offer: not worth more than the threshold",
  blocked: "No offer: is blocked",
  code_required: "No offer: has not entered a sign-in code",
  inactive_channel: "No offer: live sales is off in this channel",
  closed: "No offer: the channel is closed now, by its office hours",
  just_bought: "No offer: bought something a short while ago",
  nobody_available: "No offer: nobody is free",
  offered_by_rep: "Offered help by a rep",
  nothing_to_price: "No offer: no product viewed yet",
  offer_pause: "No offer: was offered help a short while ago",
  on_request: "No offer: the plan waits for a request",
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
  const known = REASONS[reason.toLowerCase()];
  const text = known ? t(known) : reason.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why this rep can't take a session from the queue; null where it can. The server refuses the same. */
function obstacle({ status, load, capacity }: Rep): string | null {
  if (status !== "ONLINE") return status === "AWAY" ? t("You are away. Go online to accept.") : t("You are offline. Go online to accept.");
  if (load >= capacity) {
    return t("You have {load} of {capacity} sessions. End one, or take more at once, to accept.", { load: count(load), capacity: count(capacity) });
  }
  return null;
}

const HINDRANCE = "offer-obstacle";

/** Why this rep can't offer help now; null where it can. */
function hindrance({ status, load, capacity }: Rep): string | null {
  if (status !== "ONLINE") return t("Go online to offer help.");
  if (load >= capacity) return t("You have {load} of {capacity} sessions. End one, or take more at once, to offer help.", { load: count(load), capacity: count(capacity) });
  return null;
}

/** Who waits, with the way to take them. */
export function Queue({ desk, items }: { desk: Desk; items: readonly QueueItem[] }) {
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
          const name = item.visitor?.name || t("Visitor");
          return (
            <li key={item.id} class="row">
              <div class="row-main">
                <p class="row-title">
                  <bdi>{name}</bdi>
                </p>
                <p class="row-text">{item.product?.name ?? t("No product")}</p>
                <p class="row-text row-facts">
                  <span>{item.channel}</span>
                  {item.memberPlan && (
                    <Chip tone={item.priority ? "info" : undefined}>
                      <bdi>{item.priority ? t("{plan}, priority {number}", { plan: item.memberPlan.name, number: count(item.priority) }) : item.memberPlan.name}</bdi>
                    </Chip>
                  )}
                  {item.cart && <span>{t("Cart")} {money(item.cart.total)}</span>}
                </p>
              </div>
              <div class="row-side">
                <Waited desk={desk} since={item.queuedAt ?? item.createdAt} />
                <Button
                  small
                  disabled={why !== null || taking.includes(item.id)}
                  title={why ?? undefined}
                  aria-label={t("Accept {name}", { name })}
                  aria-describedby={why === null ? undefined : "queue-obstacle"}
                  onClick={() => void desk.accept(item.id)}
                >
                  {taking.includes(item.id) ? t("Accepting…") : t("Accept")}
                </Button>
              </div>
            </li>
          );
        })}
      </ol>
    </>
  );
}

function Waited({ desk, since }: { desk: Desk; since: string }) {
  const now = useNow(() => desk.api.now());
  return (
    <time class="wait" title={t("Waiting time")}>
      {elapsed(since, now)}
    </time>
  );
}

const TALKING: Readonly<Record<string, string>> = { QUEUED: "Waiting", RINGING: "Ringing", ACTIVE: "Talking", ON_HOLD: "On hold" };

/** Who is on the site, and why they were or were not offered help. */
export function Visitors({ desk, items }: { desk: Desk; items: readonly VisitorItem[] }) {
  const rep = useStore(desk.store, (state) => state.rep);
  const why = rep ? hindrance(rep) : null;
  return (
    <>
      {why && items.length > 0 && (
        <p class="section-note" id={HINDRANCE}>
          {why}
        </p>
      )}
      <ul class="rows" data-testid="visitors">
        {items.map((item) => (
          <li key={item.id} class="row">
            <div class="row-main">
              <p class="row-title">
                <bdi>{item.name || t("Visitor")}</bdi>
                {item.assurance === "SIGNED_IN" && <Chip>{t("Account")}</Chip>}
                {item.inSession && <Chip tone="info">{t(TALKING[item.session?.state ?? ""] ?? "In session")}</Chip>}
                {item.offer && !item.inSession && <Chip tone="info">{t("Offered")}</Chip>}
              </p>
              <p class="row-text" title={item.pageUrl ?? undefined}>
                {item.product?.name ?? (item.pageTitle || path(item.pageUrl) || t("No page yet"))}
              </p>
              {item.reason && !item.inSession && <p class="row-text row-reason">{reasonText(item.reason)}</p>}
              {item.pageUrl && <VisitorTrail api={desk.api} id={item.id} name={item.name || t("Visitor")} moved={`${item.pageUrl} ${item.product?.id ?? ""}`} />}
              {!item.inSession && !item.offer && !item.block && <OfferHelp desk={desk} visitor={item} obstacle={why} note={HINDRANCE} />}
              <Blocking api={desk.api} id={item.id} name={item.name || t("Visitor")} block={item.block ?? null} owner={rep?.mayManage ?? false} done={() => void desk.refresh()} />
            </div>
            {item.cart && item.cart.quantity > 0 && (
              <div class="row-side">
                <span class="row-money" title={t("{count} in the cart", { count: count(item.cart.quantity) })}>
                  {money(item.cart.total)}
                </span>
              </div>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

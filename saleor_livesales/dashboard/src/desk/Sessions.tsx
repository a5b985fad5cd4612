import { count, elapsed, money } from "../format";
import { useStore } from "../store";
import { Chip, Disc, Icon, useNow } from "../ui";
import { t } from "../words";
import type { Desk } from "./desk";
import type { Drag } from "./drag";
import { visitorName } from "./state";
import { latest, type Order, sorted } from "./waiting";

interface Props {
  desk: Desk;
  drag: Drag;
  order?: Order;
  fits?(...texts: Array<string | null | undefined>): boolean;
  strip?: boolean; // one line of tabs, where the lists are hidden
}

/** All open sessions: those side by side are marked, any can be brought there or dragged to a place. */
export function Sessions({ desk, drag, order = "arranged", fits, strip = false }: Props) {
  const ids = useStore(desk.store, ({ open, panes }) =>
    sorted(open, panes, order)
      .filter((id) => {
        const session = panes[id]?.session;
        return !fits || fits(visitorName(session?.visitor), session?.product?.name, session?.channel, session?.visitor?.pageTitle);
      })
      .join(" "),
  );
  const all = ids.split(" ").filter(Boolean);
  if (strip && all.length < 2) return null;
  return (
    <nav class={strip ? "tabs" : "sessions"} aria-label={t("Open sessions")}>
      {all.map((id) => (
        <Row key={id} desk={desk} drag={drag} id={id} strip={strip} />
      ))}
    </nav>
  );
}

function Row({ desk, drag, id, strip }: { desk: Desk; drag: Drag; id: string; strip: boolean }) {
  const pane = useStore(desk.store, (state) => state.panes[id]);
  const shown = useStore(desk.store, (state) => state.shown.includes(id));
  const popped = useStore(desk.store, (state) => state.popped.includes(id));
  const pinned = useStore(desk.store, (state) => state.pinned.includes(id));
  if (!pane) return null;
  const name = visitorName(pane.session?.visitor);
  const over = pane.state === "ENDED";
  const badge = pane.unread > 0 && (
    <span class="badge" aria-label={t("{count} unread", { count: count(pane.unread) })}>
      {count(pane.unread)}
    </span>
  );
  const act = { type: "button", "aria-pressed": shown, onClick: () => desk.board.go(id), onPointerDown: (event: PointerEvent) => drag.start(event, id) } as const;
  if (strip) {
    return (
      <button {...act} class="tab" data-session={id}>
        <bdi>{name}</bdi>
        {badge}
        {over && <Chip>{t("Ended")}</Chip>}
      </button>
    );
  }
  const words = latest(pane.talk.entries, (entry) => entry.kind === "message");
  const cart = pane.session?.cart;
  return (
    <button {...act} class="session" data-session={id}>
      <Disc name={name} />
      <span class="session-main">
        <span class="session-title">
          <bdi>{name}</bdi>
          {pinned && <Icon name="pin" />}
          {popped && <Icon name="window" />}
          {over && <Chip>{t("Ended")}</Chip>}
        </span>
        <span class="session-text">{[pane.session?.product?.name, cart && cart.quantity > 0 ? money(cart.total) : ""].filter(Boolean).join(" · ") || t("No product")}</span>
        {words && (
          <span class="session-text" dir="auto">
            {words.sender === "rep" ? `${t("You")}: ` : ""}
            {(words.text ?? "").slice(0, 120)}
          </span>
        )}
      </span>
      <span class="session-side">
        {pane.awaiting && !over && <Since desk={desk} since={pane.awaiting} />}
        {badge}
      </span>
    </button>
  );
}

function Since({ desk, since }: { desk: Desk; since: string }) {
  const now = useNow(() => desk.api.now());
  return (
    <time class="wait" title={t("Since the oldest message that is not answered")}>
      {elapsed(since, now)}
    </time>
  );
}

import type { RefObject } from "preact";
import { count, elapsed } from "../format";
import { useStore } from "../store";
import { Button, Chip, Disc, Icon, Menu, type MenuItem, useNow } from "../ui";
import { t } from "../words";
import type { Desk } from "./desk";
import type { PaneProps } from "./PaneView";
import type { Pane } from "./state";

export const STATES = { REQUESTED: "Waiting", QUEUED: "Waiting", RINGING: "Ringing", ACTIVE: "Talking", ON_HOLD: "On hold", ENDED: "Ended" } as const;

/** Who it is, how it stands, who waits since when, and what can be done with the pane. It is also where a pane is dragged. */
export function PaneHead({ desk, id, place = -1, drag, pop, pane, name, ending }: PaneProps & { pane: Pane; name: string; ending: RefObject<HTMLButtonElement | null> }) {
  const pinned = useStore(desk.store, (state) => state.pinned.includes(id));
  const last = useStore(desk.store, (state) => state.shown.at(-1) === id);
  const { session, state } = pane;
  const over = state === "ENDED";
  const items: MenuItem[] = [
    { label: pinned ? t("Unpin") : t("Pin"), hint: "P", act: () => desk.board.pin(id) },
    { label: t("Pop out"), hint: "O", act: () => pop?.(id) },
    { label: t("Move earlier"), hint: "[", disabled: place === 0, act: () => desk.board.move(id, -1) },
    { label: t("Move later"), hint: "]", disabled: last, act: () => desk.board.move(id, 1) },
  ];
  return (
    <header class={`pane-head${drag ? " pane-grip" : ""}`} onPointerDown={(event) => drag?.start(event, id)}>
      <Disc name={name} />
      <div class="pane-who">
        <h2 class="pane-name">
          {pinned && place >= 0 && <Icon name="pin" />}
          <bdi title={name}>{name}</bdi>
          {pinned && place >= 0 && <span class="hidden">{t("Pinned")}</span>}
          {pane.unread > 0 && (
            <span class="badge" aria-label={t("{count} unread", { count: count(pane.unread) })}>
              {count(pane.unread)}
            </span>
          )}
        </h2>
        <p class="pane-state">
          <Chip tone={over ? undefined : "success"}>{t(STATES[state])}</Chip>
          {session?.visitor && !over && !session.visitor.online && <Chip tone="warning">{t("Left the site")}</Chip>}
          {!over && <Wait desk={desk} pane={pane} />}
        </p>
      </div>
      <div class="pane-tools">
        <Button small look="tertiary" extra="details-toggle" aria-pressed={pane.detailed} onClick={() => desk.toggle(id, "detailed")}>
          {t("Details")}
        </Button>
        {pop && <Menu label={t("More for {name}", { name })} items={items} />}
        {over ? (
          <Button small onClick={() => desk.close(id)}>
            {t("Close")}
          </Button>
        ) : (
          <Button small look="secondary" ref={ending} disabled={pane.ending} onClick={() => desk.toggle(id, "asking", true)}>
            {pane.ending ? t("Ending…") : t("End")}
          </Button>
        )}
      </div>
    </header>
  );
}

/** How long the visitor has waited for an answer; where nothing waits, how long the session lasts. */
function Wait({ desk, pane }: { desk: Desk; pane: Pane }) {
  const now = useNow(() => desk.api.now());
  if (pane.awaiting) {
    return (
      <span class="pane-wait">
        {t("Waits")} <time title={t("Since the oldest message that is not answered")}>{elapsed(pane.awaiting, now)}</time>
      </span>
    );
  }
  const since = pane.session?.acceptedAt ?? null;
  return since ? (
    <time class="pane-time" title={t("Since it was accepted")}>
      {elapsed(since, now)}
    </time>
  ) : null;
}

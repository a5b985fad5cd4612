import type { ComponentChildren } from "preact";
import { count } from "../format";
import { useStore } from "../store";
import type { RepStatus } from "../types";
import { Button } from "../ui";
import { t } from "../words";
import { AlertSwitches } from "./AlertSwitches";
import type { Desk } from "./desk";

const STATUSES: ReadonlyArray<[RepStatus, string, string]> = [
  ["ONLINE", "Online", "New sessions are offered to you"],
  ["AWAY", "Away", "You keep your sessions and get no new ones"],
  ["OFFLINE", "Offline", "Your sessions go back to the queue"],
];
const CAPACITIES = Array.from({ length: 12 }, (_, index) => index + 1);
const LINKS = {
  connecting: "Connecting…",
  open: "Connected",
  offline: "Connection lost, trying again…",
  closed: "Not connected",
} as const;

/** The rep's presence and capacity, and whether the desk is connected. */
export function Toolbar({ desk, children }: { desk: Desk; children?: ComponentChildren }) {
  const rep = useStore(desk.store, (state) => state.rep);
  const link = useStore(desk.store, (state) => state.link);
  const chosen = useStore(desk.store, (state) => state.chosen);
  const lists = useStore(desk.store, (state) => state.lists);
  if (!rep) return null;
  const { status: current, capacity: places } = chosen ?? rep;
  return (
    <header class="toolbar">
      <fieldset class="switch" aria-busy={chosen !== null}>
        <legend class="hidden">{t("Your presence")}</legend>
        {STATUSES.map(([status, label, hint]) => (
          <label key={status} class={`switch-option switch-${status.toLowerCase()}`} title={t(hint)}>
            <input
              type="radio"
              name="presence"
              value={status}
              checked={current === status}
              onChange={() => void desk.setPresence(status)}
            />
            <span>{t(label)}</span>
          </label>
        ))}
      </fieldset>
      <label class="capacity">
        <span>
          <b data-testid="load">{count(rep.load)}</b> {t("of")}
        </span>
        <select
          aria-label={t("How many sessions at once")}
          value={String(places)}
          onChange={(event) => void desk.setPresence(current, Number(event.currentTarget.value))}
        >
          {CAPACITIES.map((capacity) => (
            <option key={capacity} value={String(capacity)}>
              {count(capacity)}
            </option>
          ))}
        </select>
        <span>{t("sessions")}</span>
      </label>
      <span class="toolbar-rest" />
      <span class={`link link-${link}`} role="status" data-testid="link">
        {t(LINKS[link])}
      </span>
      <span class="toolbar-name">{rep.name}</span>
      <AlertSwitches alerts={desk.alerts} />
      <Button small look="tertiary" aria-pressed={!lists} title={t("Show or hide the lists")} onClick={() => desk.board.toggleLists()}>
        {lists ? t("Hide lists") : t("Show lists")}
      </Button>
      <Button small look="tertiary" aria-keyshortcuts="?" onClick={() => desk.store.set({ sheet: true })}>
        {t("Keyboard")}
      </Button>
      {children}
    </header>
  );
}

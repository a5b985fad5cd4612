import { count, remaining } from "../format";
import { useStore } from "../store";
import { Button, Chip, Disc, useNow } from "../ui";
import { t } from "../words";
import type { Desk } from "./desk";
import { rings, visitorName } from "./state";

/** Sessions that ring at this desk, with the seconds left to answer. */
export function Rings({ desk }: { desk: Desk }) {
  const ids = useStore(desk.store, ({ panes }) => rings(panes).map(({ id }) => id).join(" "));
  return (
    <div class="rings" role="alert">
      {ids.split(" ").filter(Boolean).map((id) => (
        <Ring key={id} desk={desk} id={id} />
      ))}
    </div>
  );
}

function Ring({ desk, id }: { desk: Desk; id: string }) {
  const pane = useStore(desk.store, (state) => state.panes[id]);
  const taking = useStore(desk.store, (state) => state.taking.includes(id));
  if (!pane) return null;
  const name = visitorName(pane.session?.visitor);
  const [before, after = ""] = t("{name} asks for help").split("{name}");
  return (
    <section class="ring" data-testid="ring" data-session={id}>
      <Disc name={name} />
      <div class="ring-who">
        <p class="ring-title">
          {before}
          <bdi>{name}</bdi>
          {after}
        </p>
        <p class="ring-text">
          {pane.session?.product?.name ?? t("No product")}
          {pane.session && <Chip>{pane.session.channel}</Chip>}
        </p>
      </div>
      <Left desk={desk} until={pane.dueAt} />
      <Button look="primary" disabled={taking} aria-label={t("Accept {name}", { name })} onClick={() => void desk.accept(id)}>
        {taking ? t("Accepting…") : t("Accept")}
      </Button>
    </section>
  );
}

/** Seconds left; not announced, or a screen reader would speak every second. */
function Left({ desk, until }: { desk: Desk; until: string | null }) {
  const now = useNow(() => desk.api.now());
  return until ? (
    <span class="ring-left" aria-hidden="true">
      {t("{seconds} s", { seconds: count(remaining(until, now)) })}
    </span>
  ) : null;
}

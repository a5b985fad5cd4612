import { useLayoutEffect, useRef } from "preact/hooks";
import { Rated } from "../ratings/Stars";
import { useStore } from "../store";
import type { Rating } from "../types";
import { Blank, Button, Skeleton } from "../ui";
import { t } from "../words";
import { Composer } from "./Composer";
import { Details, Summary } from "./Details";
import type { Desk } from "./desk";
import type { Drag } from "./drag";
import { PaneHead } from "./PaneHead";
import { endedText, visitorName } from "./state";
import { Talk } from "./Talk";

export interface PaneProps {
  desk: Desk;
  id: string;
  place?: number; // among those side by side; left out in a window of its own
  drag?: Drag;
  mark?: "" | "dragged" | "target";
  pop?(id: string): void;
}

/** One session: who it is, the conversation, what they look at, and the way out. */
export function PaneView(props: PaneProps) {
  const { desk, id, place = -1, mark = "" } = props;
  const pane = useStore(desk.store, (state) => state.panes[id]);
  const limit = useStore(desk.store, (state) => state.limit);
  const link = useStore(desk.store, (state) => state.link);
  const called = useStore(desk.store, (state) => state.writing === id);
  const ending = useRef<HTMLButtonElement>(null);
  const article = useRef<HTMLElement>(null);
  const over = pane?.state === "ENDED";
  useLayoutEffect(() => {
    // Input and question are gone with the end. Whoever worked in them goes on reading here; a button would take the next key.
    const page = article.current?.ownerDocument;
    if (!over || !page?.hasFocus() || (page.activeElement !== page.body && !called)) return;
    if (called || desk.store.state.used.at(-1) === id) article.current?.querySelector<HTMLElement>(".talk")?.focus();
  }, [over, called]);
  if (!pane) return null;
  const stay = () => {
    desk.toggle(id, "asking", false);
    ending.current?.focus();
  };
  const { session } = pane;
  const name = visitorName(session?.visitor);
  return (
    <article
      ref={article}
      class={`pane${pane.detailed ? " pane-details" : ""}${mark && ` pane-${mark}`}`}
      data-testid="pane"
      data-session={id}
      aria-label={t("Session with {name}", { name })}
      onFocusCapture={() => desk.focus(id)}
      onDragOver={(event) => event.dataTransfer?.types.includes("Files") && event.preventDefault()}
      onDrop={(event) => {
        const files = event.dataTransfer?.files;
        if (!files?.length) return;
        event.preventDefault(); // or the file takes the desk's place
        if (!over) desk.pictures.take(id, files);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !pane.asking) return;
        event.preventDefault();
        stay();
      }}
    >
      <PaneHead {...props} pane={pane} name={name} ending={ending} />
      {pane.asking && !over && (
        <div class="confirm" role="alertdialog" aria-label={t("End this session?")}>
          <p>{t("End the session with {name}? Both sides see it at once.", { name })}</p>
          <div class="confirm-tools">
            <Button
              small
              look="critical"
              ref={focusOnce}
              onClick={() => {
                desk.toggle(id, "asking", false);
                void desk.end(id);
              }}
            >
              {t("End session")}
            </Button>
            <Button small look="tertiary" onClick={stay}>
              {t("Keep talking")}
            </Button>
          </div>
        </div>
      )}
      {pane.problem && (
        <div class="inline-problem" role="alert">
          <span>{pane.problem}</span>
          <Button small look="tertiary" onClick={() => desk.reload(id)}>
            {t("Try again")}
          </Button>
        </div>
      )}
      <Summary session={session} />
      <div class="pane-body">
        <div class="pane-talk">
          {session || pane.talk.entries.length ? (
            <Talk pane={pane} name={name} place={place} pictures={desk.pictures} />
          ) : pane.problem ? (
            <Blank title={t("This session can't be shown")} />
          ) : (
            <Skeleton rows={4} />
          )}
          {over ? <Over desk={desk} id={id} reason={pane.endReason} rating={session?.rating ?? null} /> : <Composer desk={desk} id={id} name={name} limit={limit} connected={link === "open"} outgoing={pane.outgoing} />}
        </div>
        <aside class="pane-side" aria-label={t("About {name}", { name })}>
          {session ? <Details desk={desk} session={session} /> : <Skeleton rows={5} />}
        </aside>
      </div>
    </article>
  );
}

function focusOnce(button: HTMLButtonElement | null): void {
  button?.focus();
}

/** Why it ended, what the visitor thought of it, and what the rep had typed and not sent: it can still be copied. */
function Over({ desk, id, reason, rating }: { desk: Desk; id: string; reason: string | null; rating: Rating | null }) {
  const draft = desk.drafts.get(id);
  return (
    <div class="ended">
      <p role="status">{endedText(reason)}</p>
      <div class="ended-rating" role="status">
        {rating && <Rated rating={rating} />}
      </div>
      {draft && (
        <label class="ended-draft">
          <span>{t("You had not sent this:")}</span>
          <textarea class="composer-input" readOnly rows={Math.min(4, draft.split("\n").length)} dir="auto" value={draft} onFocus={(event) => event.currentTarget.select()} />
        </label>
      )}
    </div>
  );
}

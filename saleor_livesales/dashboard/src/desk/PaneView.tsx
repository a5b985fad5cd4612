import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { elapsed } from "../format";
import { useStore } from "../store";
import { Blank, Button, Chip, Disc, Skeleton, useNow } from "../ui";
import { Composer } from "./Composer";
import { Details, Summary } from "./Details";
import type { Desk } from "./desk";
import { ENDED, visitorName } from "./state";
import { Talk } from "./Talk";

const STATES = { REQUESTED: "Waiting", QUEUED: "Waiting", RINGING: "Ringing", ACTIVE: "Talking", ON_HOLD: "On hold", ENDED: "Ended" } as const;

/** One session: who it is, the conversation, what they look at, and the way out. */
export function PaneView({ desk, id }: { desk: Desk; id: string }) {
  const pane = useStore(desk.store, (state) => state.panes[id]);
  const limit = useStore(desk.store, (state) => state.limit);
  const link = useStore(desk.store, (state) => state.link);
  const [wide, widen] = useState(false);
  const [asking, ask] = useState(false);
  const ending = useRef<HTMLButtonElement>(null);
  const article = useRef<HTMLElement>(null);
  const over = pane?.state === "ENDED";
  useLayoutEffect(() => {
    // Input and question are gone with the end. Whoever worked in them goes on reading here; a button would take the next key.
    if (!over || !document.hasFocus() || document.activeElement !== document.body) return;
    if (desk.store.state.used.at(-1) === id) article.current?.querySelector<HTMLElement>(".talk")?.focus();
  }, [over]);
  if (!pane) return null;
  const stay = () => {
    ask(false);
    ending.current?.focus();
  };
  const { session, state } = pane;
  const name = visitorName(session?.visitor);
  return (
    <article
      ref={article}
      class={`pane${wide ? " pane-details" : ""}`}
      data-testid="pane"
      data-session={id}
      aria-label={`Session with ${name}`}
      onFocusCapture={() => desk.focus(id)}
      onKeyDown={(event) => event.key === "Escape" && asking && stay()}
    >
      <header class="pane-head">
        <Disc name={name} />
        <div class="pane-who">
          <h2 class="pane-name">
            <bdi>{name}</bdi>
            {pane.unread > 0 && (
              <span class="badge" aria-label={`${pane.unread} unread`}>
                {pane.unread}
              </span>
            )}
          </h2>
          <p class="pane-state">
            <Chip tone={over ? undefined : "success"}>{STATES[state]}</Chip>
            {session && !over && <Since desk={desk} since={session.acceptedAt} />}
            {session?.visitor && !over && !session.visitor.online && <Chip tone="warning">Left the site</Chip>}
          </p>
        </div>
        <div class="pane-tools">
          <Button small look="tertiary" extra="details-toggle" aria-pressed={wide} onClick={() => widen(!wide)}>
            Details
          </Button>
          {over ? (
            <Button small onClick={() => desk.close(id)}>
              Close
            </Button>
          ) : (
            <Button small look="secondary" ref={ending} disabled={pane.ending} onClick={() => ask(true)}>
              {pane.ending ? "Ending…" : "End"}
            </Button>
          )}
        </div>
      </header>
      {asking && !over && (
        <div class="confirm" role="alertdialog" aria-label="End this session?">
          <p>End the session with {name}? Both sides see it at once.</p>
          <div class="confirm-tools">
            <Button
              small
              look="critical"
              ref={(button: HTMLButtonElement | null) => button?.focus()}
              onClick={() => {
                ask(false);
                void desk.end(id);
              }}
            >
              End session
            </Button>
            <Button small look="tertiary" onClick={stay}>
              Keep talking
            </Button>
          </div>
        </div>
      )}
      {pane.problem && (
        <div class="inline-problem" role="alert">
          <span>{pane.problem}</span>
          <Button small look="tertiary" onClick={() => desk.reload(id)}>
            Try again
          </Button>
        </div>
      )}
      <Summary session={session} />
      <div class="pane-body">
        <div class="pane-talk">
          {session || pane.talk.entries.length ? (
            <Talk pane={pane} name={name} />
          ) : pane.problem ? (
            <Blank title="This session can't be shown" />
          ) : (
            <Skeleton rows={4} />
          )}
          {over ? (
            <p class="ended" role="status">
              {ENDED[pane.endReason ?? ""] ?? "This session has ended."}
            </p>
          ) : (
            <Composer desk={desk} id={id} name={name} limit={limit} connected={link === "open"} />
          )}
        </div>
        <aside class="pane-side" aria-label={`About ${name}`}>
          {session ? <Details session={session} /> : <Skeleton rows={5} />}
        </aside>
      </div>
    </article>
  );
}

function Since({ desk, since }: { desk: Desk; since: string | null }) {
  const now = useNow(() => desk.api.now());
  return since ? (
    <time class="pane-time" title="Since it was accepted">
      {elapsed(since, now)}
    </time>
  ) : null;
}

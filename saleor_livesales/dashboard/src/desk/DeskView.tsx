import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { remaining } from "../format";
import { useStore } from "../store";
import { Blank, Button, Chip, Disc, Skeleton, useNow } from "../ui";
import { room } from "./arrange";
import { Restore } from "./Composer";
import type { Desk } from "./desk";
import { Lists } from "./Lists";
import { PaneView } from "./PaneView";
import { type Pane, rings, visitorName } from "./state";
import { Toolbar } from "./Toolbar";

/** The rep's desk: presence, queue and visitors beside up to three panes. */
export function DeskView({ desk, door }: { desk: Desk; door: ComponentChildren }) {
  const phase = useStore(desk.store, (state) => state.phase);
  const problem = useStore(desk.store, (state) => state.problem);
  useEffect(() => void desk.start(), [desk]);
  if (phase === "loading") {
    return (
      <main class="page page-blank">
        <Skeleton rows={6} />
      </main>
    );
  }
  if (phase === "forbidden") {
    return (
      <main class="page page-blank">
        <Blank title="You can't use the live sales desk" text="Ask an administrator for the permission “Handle live sales”.">
          {door}
        </Blank>
      </main>
    );
  }
  if (phase === "failed") {
    return (
      <main class="page page-blank">
        <Blank title="The desk could not be opened" text={problem}>
          <Button look="primary" onClick={() => void desk.start()}>
            Try again
          </Button>
        </Blank>
      </main>
    );
  }
  return (
    <main class="page desk">
      <h1 class="hidden">Live sales desk</h1>
      <Toolbar desk={desk}>{door}</Toolbar>
      <Notices desk={desk} />
      <div class="desk-body">
        <Lists desk={desk} />
        <div class="desk-panes">
          <Ringing desk={desk} />
          <Tabs desk={desk} />
          <Panes desk={desk} />
        </div>
      </div>
    </main>
  );
}

function Notices({ desk }: { desk: Desk }) {
  const notices = useStore(desk.store, (state) => state.notices);
  const link = useStore(desk.store, (state) => state.link);
  return (
    <div class="notices" role="status">
      {link === "offline" && (
        <p class="notice notice-warning">The live connection is lost. It comes back by itself; nothing you write is lost.</p>
      )}
      {notices.map((notice) => (
        <p key={notice.id} class={`notice notice-${notice.kind}`}>
          <span>{notice.text}</span>
          <Button small look="tertiary" onClick={() => desk.dismiss(notice.id)}>
            Dismiss
          </Button>
        </p>
      ))}
    </div>
  );
}

/** Sessions that ring at this desk, with the seconds left to answer. */
function Ringing({ desk }: { desk: Desk }) {
  const panes = useStore(desk.store, (state) => state.panes);
  return (
    <div class="rings" role="alert">
      {rings(panes).map((pane) => (
        <Ring key={pane.id} desk={desk} pane={pane} />
      ))}
    </div>
  );
}

function Ring({ desk, pane }: { desk: Desk; pane: Pane }) {
  const taking = useStore(desk.store, (state) => state.taking.includes(pane.id));
  const name = visitorName(pane.session?.visitor);
  return (
    <section class="ring" data-testid="ring" data-session={pane.id}>
      <Disc name={name} />
      <div class="ring-who">
        <p class="ring-title">
          <bdi>{name}</bdi> asks for help
        </p>
        <p class="ring-text">
          {pane.session?.product?.name ?? "No product"}
          {pane.session && <Chip>{pane.session.channel}</Chip>}
        </p>
      </div>
      <Left desk={desk} until={pane.dueAt} />
      <Button look="primary" disabled={taking} aria-label={`Accept ${name}`} onClick={() => void desk.accept(pane.id)}>
        {taking ? "Accepting…" : "Accept"}
      </Button>
    </section>
  );
}

/** Seconds left; not announced, or a screen reader would speak every second. */
function Left({ desk, until }: { desk: Desk; until: string | null }) {
  const now = useNow(() => desk.api.now());
  return until ? (
    <span class="ring-left" aria-hidden="true">
      {remaining(until, now)} s
    </span>
  ) : null;
}

/** All open sessions, once there are more than fit side by side. */
function Tabs({ desk }: { desk: Desk }) {
  const open = useStore(desk.store, (state) => state.open);
  const shown = useStore(desk.store, (state) => state.shown);
  const panes = useStore(desk.store, (state) => state.panes);
  if (open.length <= shown.length) return null;
  return (
    <nav class="tabs" aria-label="Open sessions">
      {open.map((id) => {
        const pane = panes[id];
        if (!pane) return null;
        const name = visitorName(pane.session?.visitor);
        return (
          <button key={id} type="button" class="tab" aria-pressed={shown.includes(id)} onClick={() => desk.reveal(id)}>
            <bdi>{name}</bdi>
            {pane.unread > 0 && <span class="badge">{pane.unread}</span>}
            {pane.state === "ENDED" && <Chip>Ended</Chip>}
          </button>
        );
      })}
    </nav>
  );
}

function Panes({ desk }: { desk: Desk }) {
  const shown = useStore(desk.store, (state) => state.shown);
  const online = useStore(desk.store, (state) => state.rep?.status === "ONLINE");
  const area = useRef<HTMLDivElement>(null);
  const [restored, restore] = useState<Record<string, number>>({});
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    desk.setPlaces(room(element.clientWidth));
    const observer = new ResizeObserver(() => desk.setPlaces(room(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [desk]);
  const back = (id: string, key: string) => {
    const text = desk.withdraw(id, key);
    desk.drafts.set(id, [text, desk.drafts.get(id)].filter(Boolean).join("\n"));
    restore((times) => ({ ...times, [id]: (times[id] ?? 0) + 1 }));
  };
  return (
    <div class="panes" ref={area} data-panes={shown.length}>
      <Restore.Provider value={back}>
        {shown.map((id) => (
          <PaneView key={`${id}/${restored[id] ?? 0}`} desk={desk} id={id} />
        ))}
      </Restore.Provider>
      {shown.length === 0 && (
        <Blank
          title={online ? "Ready for the next visitor" : "You take no new sessions now"}
          text={
            online
              ? "A session that rings for you appears here. You can also accept one from the queue."
              : "Switch your presence to Online, and visitors who ask for help will ring here."
          }
        />
      )}
    </div>
  );
}

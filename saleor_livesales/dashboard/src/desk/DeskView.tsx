import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useStore } from "../store";
import { Blank, Button, Skeleton } from "../ui";
import { t } from "../words";
import { Closed } from "./Closed";
import type { Desk } from "./desk";
import { Drag } from "./drag";
import { Keys } from "./keys";
import { Lists } from "./Lists";
import { Panes } from "./Panes";
import { popOut } from "./PopOut";
import { Rings } from "./Rings";
import { Sessions } from "./Sessions";
import { Shortcuts } from "./Shortcuts";
import { Toolbar } from "./Toolbar";

/** The rep's desk: presence, queue and visitors beside up to six panes. */
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
        <Blank title={t("You can't use the live sales desk")} text={t("Ask an administrator for the permission “Handle live sales”.")}>
          {door}
        </Blank>
      </main>
    );
  }
  if (phase === "failed") {
    return (
      <main class="page page-blank">
        <Blank title={t("The desk could not be opened")} text={problem}>
          <Button look="primary" onClick={() => void desk.start()}>
            {t("Try again")}
          </Button>
        </Blank>
      </main>
    );
  }
  return <Opened desk={desk} door={door} />;
}

function Opened({ desk, door }: { desk: Desk; door: ComponentChildren }) {
  const lists = useStore(desk.store, (state) => state.lists);
  const [drag] = useState(() => new Drag(desk.board));
  const [keys] = useState(() => new Keys(desk, (id) => popOut(desk, keys, id)));
  useEffect(() => keys.listen(document), [keys]);
  return (
    <main class="page desk">
      <h1 class="hidden">{t("Live sales desk")}</h1>
      <Toolbar desk={desk}>{door}</Toolbar>
      <Closed api={desk.api} />
      <Notices desk={desk} />
      <Rings desk={desk} />
      <div class={`desk-body${lists ? "" : " desk-wide"}`}>
        {lists && <Lists desk={desk} drag={drag} />}
        <div class="desk-panes">
          {!lists && <Sessions desk={desk} drag={drag} strip />}
          <Panes desk={desk} drag={drag} pop={(id) => popOut(desk, keys, id)} />
        </div>
      </div>
      <Shortcuts desk={desk} keys={keys} />
    </main>
  );
}

function Notices({ desk }: { desk: Desk }) {
  const notices = useStore(desk.store, (state) => state.notices);
  const link = useStore(desk.store, (state) => state.link);
  const muted = useStore(desk.alerts.store, (state) => state.muted);
  return (
    <div class="notices" role="status">
      {link === "offline" && (
        <p class="notice notice-warning">{t("The live connection is lost. It comes back by itself; nothing you write is lost.")}</p>
      )}
      {muted && <p class="notice notice-warning">{t("This browser makes no sound before you have clicked or typed here. Click anywhere.")}</p>}
      {notices.map((notice) => (
        <p key={notice.id} class={`notice notice-${notice.kind}`}>
          <span>{notice.text}</span>
          <Button small look="tertiary" onClick={() => desk.dismiss(notice.id)}>
            {t("Dismiss")}
          </Button>
        </p>
      ))}
    </div>
  );
}

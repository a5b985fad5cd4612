import { render } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../ui";
import { t } from "../words";
import { windowTitle } from "./calls";
import { Restore } from "./Composer";
import type { Desk } from "./desk";
import type { Keys } from "./keys";
import { PaneView } from "./PaneView";
import { useRestore } from "./Panes";

/** Pops a pane out into a window of its own, or takes it back from there. Says so where the browser lets none open. */
export function popOut(desk: Desk, keys: Keys, id: string): void {
  const { popped, panes } = desk.store.state;
  if (popped.includes(id)) return desk.board.dock(id);
  const opened = desk.board.pop(id, (page) => {
    const root = page.createElement("div");
    root.id = "console";
    page.body.append(root);
    page.title = windowTitle(panes[id]);
    const deaf = keys.listen(page);
    const noticed = () => desk.attend();
    page.defaultView?.addEventListener("focus", noticed);
    render(<PopOut desk={desk} id={id} page={page} />, root);
    return () => {
      deaf();
      render(null, root);
    };
  });
  if (!opened) desk.notice("critical", t("The browser has not let the desk open a window. Allow pop-up windows for this page; Dashboards before 3.22 allow none."));
}

function PopOut({ desk, id, page }: { desk: Desk; id: string; page: Document }) {
  const { times, back } = useRestore(desk);
  const view = page.defaultView as (Window & typeof globalThis) | null;
  const [permission, put] = useState(view?.Notification?.permission);
  return (
    <main class="page popout">
      <div class="popout-bar">
        <Button small look="tertiary" onClick={() => desk.board.dock(id)}>
          {t("Back to the desk")}
        </Button>
        {permission === "default" && (
          <Button small look="tertiary" onClick={() => view && void desk.alerts.ask(view).then(() => put(view.Notification.permission))}>
            {t("Allow desktop notices")}
          </Button>
        )}
      </div>
      <Restore.Provider value={back}>
        <PaneView key={times[id] ?? 0} desk={desk} id={id} />
      </Restore.Provider>
    </main>
  );
}

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useStore } from "../store";
import { Blank } from "../ui";
import { t } from "../words";
import { room } from "./arrange";
import { Restore } from "./Composer";
import type { Desk } from "./desk";
import type { Drag } from "./drag";
import { PaneView } from "./PaneView";

/** Puts refused words back into the input of their pane, which is made anew with them. */
export function useRestore(desk: Desk): { times: Readonly<Record<string, number>>; back(id: string, key: string): void } {
  const [times, restore] = useState<Record<string, number>>({});
  const back = (id: string, key: string) => {
    const text = desk.withdraw(id, key);
    desk.drafts.set(id, [text, desk.drafts.get(id)].filter(Boolean).join("\n"));
    restore((before) => ({ ...before, [id]: (before[id] ?? 0) + 1 }));
  };
  return { times, back };
}

/** The panes side by side, as many as the width allows. */
export function Panes({ desk, drag, pop }: { desk: Desk; drag: Drag; pop(id: string): void }) {
  const shown = useStore(desk.store, (state) => state.shown);
  const online = useStore(desk.store, (state) => state.rep?.status === "ONLINE");
  const popped = useStore(desk.store, (state) => state.popped.length > 0);
  const dragged = useStore(drag.store, (state) => state.id);
  const over = useStore(drag.store, (state) => state.over);
  const area = useRef<HTMLDivElement>(null);
  const { times, back } = useRestore(desk);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    const measure = () => desk.board.setPlaces(room(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [desk]);

  // A pane that changes its place is taken out of the page and put in again: the focus in it would be gone.
  const held = useRef<Element | null>(null);
  held.current = area.current?.contains(document.activeElement) ? document.activeElement : null;
  useLayoutEffect(() => {
    const element = held.current;
    if (element && element !== document.activeElement && element.isConnected && document.activeElement === document.body) {
      (element as HTMLElement).focus({ preventScroll: true });
    }
  }, [shown]);

  return (
    <div class="panes" ref={area} data-panes={shown.length}>
      <Restore.Provider value={back}>
        {shown.map((id, index) => (
          <PaneView key={`${id}/${times[id] ?? 0}`} desk={desk} id={id} place={index} drag={drag} mark={dragged === id ? "dragged" : over === id ? "target" : ""} pop={pop} />
        ))}
      </Restore.Provider>
      {shown.length === 0 && (
        <Blank
          title={popped ? t("All conversations are in windows of their own") : online ? t("Ready for the next visitor") : t("You take no new sessions now")}
          text={
            online
              ? t("A session that rings for you appears here. You can also accept one from the queue.")
              : t("Switch your presence to Online, and visitors who ask for help will ring here.")
          }
        />
      )}
    </div>
  );
}

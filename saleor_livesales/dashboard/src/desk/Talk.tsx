import { Fragment } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Entry } from "../../../storefront/src/wire";
import { clock, count, day } from "../format";
import { Button } from "../ui";
import { t } from "../words";
import { useDraft } from "./Composer";
import type { Pictures } from "./pictures";
import { Shot } from "./Shot";
import type { Pane } from "./state";
import { latest } from "./waiting";

const TOGETHER = 120_000; // ms between messages of one sender
const LINES = 80; // entries of a long conversation in the page at first, and added each time the rep reads back
const NEAR = 40; // px from the end of the log that count as being there

const ENDS: Readonly<Record<string, string>> = {
  visitor: "Ended by the visitor",
  rep: "Ended by the rep",
  idle: "Ended: nobody wrote for a long time",
  nobody: "Ended: nobody answered",
  abandoned: "Ended: the visitor left",
  erased: "Ended: the account was deleted",
  lapsed: "Ended: the membership has ended",
};

/** A change of state or a notice as a line of the conversation; null for the ones that say nothing to a rep. */
export function stateLine(entry: Entry): string | null {
  const { to = "", from = "", reason = "", repName = "", notice, endsAt = "" } = entry.data ?? {};
  if (notice) return notice === "ends" ? t("The membership has ended. This session ends at {time}", { time: clock(endsAt) }) : t("The membership goes on, and so does this session");
  if (to === "ended") return t(ENDS[reason] ?? "Ended");
  if (to === "active") return from === "on_hold" ? t("Resumed") : repName ? t("{name} accepted", { name: repName }) : t("Accepted");
  if (to === "on_hold") return t("On hold");
  if (to === "queued") return from === "requested" || !from ? t("Asked for help") : from === "ringing" ? t("Rang without an answer") : t("Back in the queue");
  return null;
}

/**
 * The conversation in the order of its numbers, then one's own words that have no number yet. Of a long one the latest
 * entries are in the page; reading back brings in those before.
 */
export function Talk({ pane, name, place, pictures }: { pane: Pane; name: string; place: number; pictures: Pictures }) {
  const { talk } = pane;
  const box = useRef<HTMLDivElement>(null);
  const [back, readBack] = useState<number | null>(null); // the first entry shown while the rep reads back
  const [end, atEnd] = useState(true);
  const position = useRef(0);
  const anchor = useRef<number | null>(null); // distance to the end of the log that is kept while earlier entries come in
  const total = talk.entries.length;
  const from = back === null ? Math.max(0, total - LINES) : Math.min(back, total);
  const shown = total + talk.pending.length + (talk.peerTyping ? 0.5 : 0);

  useLayoutEffect(() => {
    if (box.current && end) box.current.scrollTop = box.current.scrollHeight;
  }, [shown, end]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || anchor.current === null) return;
    element.scrollTop = element.scrollHeight - anchor.current;
    anchor.current = null;
  }, [from]);
  useLayoutEffect(() => {
    // A pane that changed its place was taken out of the page, and has lost where it was scrolled to.
    if (box.current) box.current.scrollTop = end ? box.current.scrollHeight : position.current;
  }, [place]);
  useLayoutEffect(() => {
    const element = box.current;
    const Observer = (element?.ownerDocument.defaultView as typeof globalThis | null)?.ResizeObserver;
    if (!element || !Observer) return;
    const observer = new Observer(() => {
      if (end) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [end]);

  const scrolled = (element: HTMLElement) => {
    position.current = element.scrollTop;
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    if (near !== end) atEnd(near);
    if (near) readBack(null);
    else if (element.scrollTop < NEAR && from > 0) {
      anchor.current = element.scrollHeight - element.scrollTop;
      readBack(Math.max(0, from - LINES));
    } else if (back === null) readBack(from); // what comes now must not push out what is being read
  };
  const read = latest(talk.entries, (entry) => entry.sender === "rep" && entry.kind === "message" && entry.number <= talk.peerRead);
  const lines = talk.entries.slice(from);
  return (
    <div class="talk-box">
      <div class="talk" ref={box} role="log" aria-label={t("Conversation with {name}", { name })} tabIndex={0} onScroll={(event) => scrolled(event.currentTarget)}>
        <div class="talk-lines">
          {from > 0 && <p class="line-state">{t("{count} earlier: scroll up to read them", { count: count(from) })}</p>}
          {lines.map((entry, index) => {
            const before = lines[index - 1] ?? talk.entries[from - 1];
            return (
              <Fragment key={entry.number}>
                {newDay(before, entry) && <p class="line-day">{day(entry.at)}</p>}
                <Line entry={entry} first={!close(before, entry)} last={!close(entry, lines[index + 1])} name={name} read={entry === read} pictures={pictures} />
              </Fragment>
            );
          })}
          {talk.pending.map((message) => (
            <Waiting key={message.key} pane={pane} pending={message} />
          ))}
          {talk.peerTyping && <p class="typing">{t("{name} is writing…", { name })}</p>}
        </div>
      </div>
      {!end && (
        <Button small extra="talk-newest" onClick={() => atEnd(true)}>
          {t("To the newest")}
        </Button>
      )}
    </div>
  );
}

function newDay(previous: Entry | undefined, entry: Entry): boolean {
  return previous !== undefined && new Date(previous.at).toDateString() !== new Date(entry.at).toDateString();
}

/** Whether two messages of one sender stand together, under one time. */
function close(one: Entry | undefined, next: Entry | undefined): boolean {
  if (one?.kind !== "message" || next?.kind !== "message" || one.sender !== next.sender) return false;
  return Date.parse(next.at) - Date.parse(one.at) < TOGETHER;
}

interface LineProps {
  entry: Entry;
  first: boolean;
  last: boolean;
  name: string;
  read: boolean;
  pictures: Pictures;
}

function Line({ entry, first, last, name, read, pictures }: LineProps) {
  if (entry.kind !== "message") {
    const text = stateLine(entry);
    return text ? (
      <p class="line-state">
        {text} <time dateTime={entry.at}>{clock(entry.at)}</time>
      </p>
    ) : null;
  }
  return (
    <div class={`line line-${entry.sender}${first ? "" : " line-close"}`} data-number={entry.number}>
      <span class="hidden">{entry.sender === "visitor" ? name : t("You")}: </span>
      {entry.picture && <Shot pictures={pictures} entry={entry} />}
      {(entry.text || !entry.picture) && (
        <p class="bubble" dir="auto">
          {entry.text}
        </p>
      )}
      {(last || read) && (
        <p class="line-foot">
          <time dateTime={entry.at}>{clock(entry.at)}</time>
          {read && <span>{t("Read")}</span>}
        </p>
      )}
    </div>
  );
}

function Waiting({ pane, pending }: { pane: Pane; pending: Pane["talk"]["pending"][number] }) {
  const restore = useDraft();
  return (
    <div class="line line-rep line-pending" data-key={pending.key}>
      <p class="bubble" dir="auto">
        {pending.text}
      </p>
      {pending.refused === undefined ? (
        <p class="line-foot">{t("Sending…")}</p>
      ) : (
        <p class="line-foot line-refused" role="alert">
          {t("Not sent.")} {pending.refused}
          {pane.state !== "ENDED" && (
            <Button small look="tertiary" onClick={() => restore(pane.id, pending.key)}>
              {t("Edit")}
            </Button>
          )}
        </p>
      )}
    </div>
  );
}

import { Fragment } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Entry } from "../../../storefront/src/wire";
import { clock, day } from "../format";
import { Button } from "../ui";
import type { Pane } from "./state";
import { useDraft } from "./Composer";

const TOGETHER = 120_000; // ms between messages of one sender

const ENDS: Readonly<Record<string, string>> = {
  visitor: "Ended by the visitor",
  rep: "Ended by the rep",
  idle: "Ended: nobody wrote for a long time",
  nobody: "Ended: nobody answered",
  abandoned: "Ended: the visitor left",
  erased: "Ended: the account was deleted",
};

/** A change of state as a line of the conversation; null for the ones that say nothing to a rep. */
export function stateLine(entry: Entry): string | null {
  const { to = "", from = "", reason = "", repName = "" } = entry.data ?? {};
  if (to === "ended") return ENDS[reason] ?? "Ended";
  if (to === "active") return from === "on_hold" ? "Resumed" : repName ? `${repName} accepted` : "Accepted";
  if (to === "on_hold") return "On hold";
  if (to === "queued") return from === "requested" || !from ? "Asked for help" : from === "ringing" ? "Rang without an answer" : "Back in the queue";
  return null;
}

/** The conversation in the order of its numbers, then one's own words that have no number yet. */
export function Talk({ pane, name }: { pane: Pane; name: string }) {
  const { talk } = pane;
  const box = useRef<HTMLDivElement>(null);
  const bottom = useRef(true);
  const shown = talk.entries.length + talk.pending.length + (talk.peerTyping ? 0.5 : 0);
  useLayoutEffect(() => {
    if (box.current && bottom.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (bottom.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const read = latest(talk.entries, (entry) => entry.sender === "rep" && entry.kind === "message" && entry.number <= talk.peerRead);
  return (
    <div
      class="talk"
      ref={box}
      role="log"
      aria-label={`Conversation with ${name}`}
      tabIndex={0}
      onScroll={({ currentTarget: element }) => {
        bottom.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
      }}
    >
      <div class="talk-lines">
        {talk.entries.map((entry, index) => (
          <Fragment key={entry.number}>
            {newDay(talk.entries[index - 1], entry) && <p class="line-day">{day(entry.at)}</p>}
            <Line entry={entry} first={!close(talk.entries[index - 1], entry)} last={!close(entry, talk.entries[index + 1])} name={name} read={entry === read} />
          </Fragment>
        ))}
        {talk.pending.map((message) => (
          <Waiting key={message.key} pane={pane} pending={message} />
        ))}
        {talk.peerTyping && (
          <p class="typing">
            <bdi>{name}</bdi> is writing…
          </p>
        )}
      </div>
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

function Line({ entry, first, last, name, read }: { entry: Entry; first: boolean; last: boolean; name: string; read: boolean }) {
  if (entry.kind === "state") {
    const text = stateLine(entry);
    return text ? (
      <p class="line-state">
        {text} <time dateTime={entry.at}>{clock(entry.at)}</time>
      </p>
    ) : null;
  }
  return (
    <div class={`line line-${entry.sender}${first ? "" : " line-close"}`} data-number={entry.number}>
      <span class="hidden">{entry.sender === "visitor" ? name : "You"}: </span>
      <p class="bubble" dir="auto">
        {entry.text}
      </p>
      {(last || read) && (
        <p class="line-foot">
          <time dateTime={entry.at}>{clock(entry.at)}</time>
          {read && <span>Read</span>}
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
        <p class="line-foot">Sending…</p>
      ) : (
        <p class="line-foot line-refused" role="alert">
          Not sent. {pending.refused}
          {pane.state !== "ENDED" && (
            <Button small look="tertiary" onClick={() => restore(pane.id, pending.key)}>
              Edit
            </Button>
          )}
        </p>
      )}
    </div>
  );
}

function latest<T>(items: readonly T[], fits: (item: T) => boolean): T | undefined {
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index] as T;
    if (fits(item)) return item;
  }
  return undefined;
}

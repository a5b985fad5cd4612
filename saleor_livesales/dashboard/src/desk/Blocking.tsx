import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError, type FieldError } from "../api";
import { clock, day } from "../format";
import BLOCK from "../graphql/block.graphql";
import BLOCKS from "../graphql/blocks.graphql";
import UNBLOCK from "../graphql/unblock.graphql";
import type { Block, BlockItem, Connection } from "../types";
import { Button, Chip } from "../ui";
import { t } from "../words";
import type { Listing } from "./state";

const POLL = 60_000; // ms
const REASON = 500; // characters, as the server has it
const changed = new EventTarget(); // a block was made or lifted in this window

/** Until when somebody is blocked, as a sentence. */
export function blockedText({ until }: Pick<Block, "until">): string {
  return until ? t("Blocked until {time}", { time: `${day(until)} ${clock(until)}` }) : t("Blocked for good");
}

/** What stands against it, in a sentence; null where it was done. */
async function ask(api: Api, document: string, variables: Record<string, unknown>): Promise<string | null> {
  try {
    const [answer] = Object.values(await api.run<Record<string, { errors: FieldError[] }>>(document, variables));
    return answer?.errors[0]?.message ?? null;
  } catch (error) {
    return error instanceof ApiError ? error.message : t("Something went wrong. Try again.");
  } finally {
    changed.dispatchEvent(new Event("changed"));
  }
}

interface Props {
  api: Api;
  id: string;
  name: string;
  block: Block | null;
  owner: boolean; // blocking for good is not offered to others
  done(): void; // read the visitor again
}

/** Blocks a visitor, after a question and with a reason, or lifts it. */
export function Blocking({ api, id, name, block, owner, done }: Props) {
  const [open, show] = useState(false);
  const [busy, work] = useState(false);
  const [problem, tell] = useState("");
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (open) box.current?.querySelector("input")?.focus();
  }, [open]);
  const close = () => {
    show(false);
    tell("");
    requestAnimationFrame(() => box.current?.querySelector("button")?.focus());
  };
  const run = async (document: string, variables: Record<string, unknown>) => {
    if (busy) return;
    work(true);
    const refused = await ask(api, document, variables);
    work(false);
    if (refused !== null) return tell(refused);
    close();
    done();
  };
  const send = (form: HTMLFormElement) => {
    const given = new FormData(form);
    const reason = String(given.get("reason") ?? "").trim();
    if (reason) void run(BLOCK, { input: { visitorId: id, duration: given.get("duration"), reason } });
  };
  return (
    <div class="blocking" ref={box}>
      {open ? (
        <form
          class="offer-form"
          aria-label={t("Block {name}", { name })}
          onSubmit={(event) => {
            event.preventDefault();
            send(event.currentTarget);
          }}
          onKeyDown={(event) => {
            event.stopPropagation(); // single keys are words here
            if (event.key !== "Escape") return;
            event.preventDefault();
            close();
          }}
        >
          <p>{t("Block {name}? An open session ends. The visitor is not told why.", { name })}</p>
          <input class="search" name="reason" required maxLength={REASON} dir="auto" placeholder={t("Reason, for your colleagues")} aria-label={t("Reason")} />
          <select class="select select-set" name="duration" aria-label={t("For how long")}>
            <option value="DAY">{t("For a day")}</option>
            <option value="WEEK">{t("For a week")}</option>
            {owner && <option value="FOR_GOOD">{t("For good (owner only)")}</option>}
          </select>
          <div class="confirm-tools">
            <Button small look="critical" type="submit" disabled={busy}>
              {t("Block")}
            </Button>
            <Button small look="tertiary" onClick={close}>
              {t("Cancel")}
            </Button>
          </div>
        </form>
      ) : block ? (
        <>
          <Chip tone="critical">{blockedText(block)}</Chip>
          <Button small look="tertiary" disabled={busy} aria-label={t("Unblock {name}", { name })} onClick={() => void run(UNBLOCK, { visitorId: id })}>
            {t("Unblock")}
          </Button>
        </>
      ) : (
        <Button small look="tertiary" aria-label={t("Block {name}", { name })} onClick={() => show(true)}>
          {t("Block")}
        </Button>
      )}
      {problem && (
        <p class="inline-problem" role="alert" dir="auto">
          {problem}
        </p>
      )}
    </div>
  );
}

/** Who is blocked now, and again every minute, and after a change. */
export function useBlocks(api: Api): Listing<BlockItem> {
  const [list, put] = useState<Listing<BlockItem>>({ items: null, total: 0, problem: null });
  useEffect(() => {
    let gone = false;
    const load = async () => {
      try {
        const { liveVisitorBlocks: answer } = await api.run<{ liveVisitorBlocks: Connection<BlockItem> }>(BLOCKS);
        const items = answer.edges.map(({ node }) => node);
        if (!gone) put({ items, total: answer.totalCount ?? items.length, problem: null });
      } catch (error) {
        const problem = error instanceof ApiError ? error.message : t("Something went wrong.");
        if (!gone) put((before) => ({ ...before, problem }));
      }
    };
    const look = () => document.visibilityState === "visible" && void load();
    const now = () => void load();
    const timer = setInterval(look, POLL);
    changed.addEventListener("changed", now);
    void load();
    return () => {
      gone = true;
      clearInterval(timer);
      changed.removeEventListener("changed", now);
    };
  }, [api]);
  return list;
}

export function Blocks({ api, items, done }: { api: Api; items: readonly BlockItem[]; done(): void }) {
  return (
    <ul class="rows" data-testid="blocks">
      {items.map((item) => (
        <li key={item.id} class="row">
          <div class="row-main">
            <p class="row-title">
              <bdi>{item.visitor.name || t("Visitor")}</bdi>
            </p>
            <p class="row-words" dir="auto">
              {item.reason}
            </p>
            <p class="row-text">
              <bdi>{item.byName}</bdi> · {day(item.at)} {clock(item.at)}
            </p>
            <Blocking api={api} id={item.visitor.id} name={item.visitor.name || t("Visitor")} block={item} owner={false} done={done} />
          </div>
        </li>
      ))}
    </ul>
  );
}

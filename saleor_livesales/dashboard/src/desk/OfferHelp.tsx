import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { VisitorItem } from "../types";
import { Button } from "../ui";
import { t } from "../words";
import type { Desk } from "./desk";

const LIMIT = 500; // characters of a greeting, as the server has it

/** Offers help to somebody on the site, in the rep's own words or the channel's. `obstacle`: why this rep can't now. */
export function OfferHelp({ desk, visitor, obstacle, note }: { desk: Desk; visitor: VisitorItem; obstacle: string | null; note: string }) {
  const [open, show] = useState(false);
  const [busy, work] = useState(false);
  const [problem, tell] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const name = visitor.name || t("Visitor");
  useLayoutEffect(() => {
    if (open) box.current?.querySelector("textarea")?.focus();
  }, [open]);
  const close = () => {
    show(false);
    tell("");
    requestAnimationFrame(() => box.current?.querySelector("button")?.focus());
  };
  const send = async () => {
    if (busy) return;
    work(true);
    const row = box.current?.closest("li");
    const refused = await desk.offer(visitor.id, box.current?.querySelector("textarea")?.value.trim() ?? "");
    work(false);
    if (refused !== null) return tell(refused);
    close();
    if (!box.current?.isConnected) row?.querySelector("button")?.focus(); // the row shows the offer by now
  };
  return (
    <div class="offer-help" ref={box}>
      {open ? (
        <form
          class="offer-form"
          aria-label={t("Offer help to {name}", { name })}
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
          onKeyDown={(event) => {
            event.stopPropagation(); // single keys are words here
            if (event.key !== "Escape") return;
            event.preventDefault();
            close();
          }}
        >
          <textarea class="composer-input" rows={2} maxLength={LIMIT} dir="auto" placeholder={t("Greeting; empty for the usual one")} aria-label={t("Greeting")} />
          {problem && (
            <p class="inline-problem" role="alert" dir="auto">
              {problem}
            </p>
          )}
          <div class="confirm-tools">
            <Button small look="primary" type="submit" disabled={busy || obstacle !== null} title={obstacle ?? undefined}>
              {busy ? t("Offering…") : t("Send offer")}
            </Button>
            <Button small look="tertiary" onClick={close}>
              {t("Cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <Button
          small
          disabled={obstacle !== null}
          title={obstacle ?? undefined}
          aria-label={t("Offer help to {name}", { name })}
          aria-describedby={obstacle === null ? undefined : note}
          onClick={() => show(true)}
        >
          {t("Offer help")}
        </Button>
      )}
    </div>
  );
}

import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import { clock, count, lasting, path } from "../format";
import VISITOR from "../graphql/visitor.graphql";
import type { PageView } from "../types";
import { Button, Skeleton } from "../ui";
import { t } from "../words";

const FIRST = 5; // pages that are shown before more is asked for

/** The address, where a browser may be sent there. It comes from the visitor's browser and may be of any scheme. */
function safe(address: string): string | null {
  try {
    const { protocol, href } = new URL(address);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

/** The pages that a visitor looked at, the latest first. */
export function Trail({ pages }: { pages: readonly PageView[] }) {
  const [all, show] = useState(false);
  if (!pages.length) return <p class="none">{t("No page yet")}</p>;
  return (
    <>
      <ol class="trail" data-testid="trail">
        {(all ? pages : pages.slice(0, FIRST)).map((page, index) => (
          <Step key={pages.length - index} page={page} />
        ))}
      </ol>
      {pages.length > FIRST && (
        <Button small look="tertiary" aria-expanded={all} onClick={() => show(!all)}>
          {all ? t("Show fewer") : t("Show all {count} pages", { count: count(pages.length) })}
        </Button>
      )}
    </>
  );
}

function Step({ page: { url, title, viewedAt, seconds, product } }: { page: PageView }) {
  const address = safe(url);
  const name = <bdi>{title || path(url)}</bdi>;
  return (
    <li class="step">
      <p class="step-page" title={url}>
        {address ? (
          <a href={address} target="_blank" rel="noopener noreferrer">
            {name}
          </a>
        ) : (
          name
        )}
        {product && <bdi class="step-product">{product.name}</bdi>}
      </p>
      <p class="step-time">
        {viewedAt && <time dateTime={viewedAt}>{clock(viewedAt)}</time>}
        {seconds !== null && <span title={t("Time on the page")}>{lasting(seconds)}</span>}
      </p>
    </li>
  );
}

/** The pages of somebody in the list: read when they are asked for, and again when the visitor moves. */
export function VisitorTrail({ api, id, name, moved }: { api: Api; id: string; name: string; moved: string }) {
  const [open, show] = useState(false);
  const [pages, put] = useState<readonly PageView[] | null>(null);
  const [problem, tell] = useState("");
  useEffect(() => {
    if (!open) return;
    let gone = false;
    api.run<{ liveVisitor: { trail: PageView[] | null } | null }>(VISITOR, { id }).then(
      ({ liveVisitor }) => {
        if (gone) return;
        tell("");
        put(liveVisitor?.trail ?? []);
      },
      (error: unknown) => gone || tell(error instanceof ApiError ? error.message : t("Something went wrong.")),
    );
    return () => {
      gone = true;
    };
  }, [api, id, open, moved]);
  return (
    <div class="row-trail">
      <button type="button" class="trail-toggle" aria-expanded={open} aria-label={t("Pages of {name}", { name })} onClick={() => show(!open)}>
        <span class="fold-mark" aria-hidden="true" />
        {t("Pages")}
      </button>
      {open && problem && (
        <p class="inline-problem" role="status">
          {problem}
        </p>
      )}
      {open && !problem && (pages ? <Trail pages={pages} /> : <Skeleton rows={2} />)}
    </div>
  );
}

import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import { clock, day } from "../format";
import INQUIRIES from "../graphql/inquiries.graphql";
import type { Connection, InquiryItem } from "../types";
import { Chip } from "../ui";
import { t } from "../words";
import type { Listing } from "./state";

const POLL = 60_000; // ms; nobody waits at the other end

/** The messages that visitors left when nobody was there, newest first, and again every minute while the page is seen. */
export function useInquiries(api: Api): Listing<InquiryItem> {
  const [list, put] = useState<Listing<InquiryItem>>({ items: null, total: 0, problem: null });
  useEffect(() => {
    let gone = false;
    const load = async () => {
      try {
        const { liveInquiries: answer } = await api.run<{ liveInquiries: Connection<InquiryItem> }>(INQUIRIES);
        const items = answer.edges.map(({ node }) => node);
        if (!gone) put({ items, total: answer.totalCount ?? items.length, problem: null });
      } catch (error) {
        const problem = error instanceof ApiError ? error.message : t("Something went wrong.");
        if (!gone) put((before) => ({ ...before, problem }));
      }
    };
    const look = () => document.visibilityState === "visible" && void load();
    const timer = setInterval(look, POLL);
    document.addEventListener("visibilitychange", look);
    void load();
    return () => {
      gone = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [api]);
  return list;
}

export function Inquiries({ items }: { items: readonly InquiryItem[] }) {
  return (
    <ul class="rows" data-testid="inquiries">
      {items.map((item) => (
        <li key={item.id} class="row">
          <div class="row-main">
            <p class="row-title">
              <a class="row-link" href={`mailto:${encodeURIComponent(item.email).replace("%40", "@")}`} target="_blank" rel="noreferrer">
                <bdi>{item.email}</bdi>
              </a>
              {item.mailedAt && <Chip tone="success">{t("Mailed")}</Chip>}
            </p>
            <p class="row-text">
              {day(item.createdAt)} {clock(item.createdAt)}
              {item.product && ` · ${item.product.name}`}
            </p>
            <p class="row-words" dir="auto">
              {item.text}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

import { count } from "../format";
import type { Rating } from "../types";
import { t } from "../words";

const STAR = "M8 1.8l1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6z";

/** A score from 1 to 5, drawn and said. */
export function Stars({ score }: { score: number }) {
  return (
    <span class="stars" role="img" aria-label={t("{score} of 5", { score: count(score) })}>
      {[1, 2, 3, 4, 5].map((one) => (
        <svg key={one} class={one <= score ? "star star-lit" : "star"} viewBox="0 0 16 16" width={16} height={16} aria-hidden="true">
          <path d={STAR} />
        </svg>
      ))}
    </span>
  );
}

/** What the visitor thought of a session that is over. */
export function Rated({ rating }: { rating: Rating }) {
  return (
    <>
      <p class="rated">
        {t("Rated by the visitor")} <Stars score={rating.score} />
      </p>
      {rating.comment && (
        <blockquote class="rated-comment" dir="auto">
          {rating.comment}
        </blockquote>
      )}
    </>
  );
}

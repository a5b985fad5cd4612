import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api";
import { count, soon } from "../format";
import OPENINGS from "../graphql/openings.graphql";
import type { Opening } from "../types";
import { t } from "../words";

const OFTEN = 5_000; // ms between two questions at least
const SELDOM = 300_000; // and at most: the owner may have changed the hours
const SHOWN = 4; // channels that are named

interface ChannelOpening extends Opening {
  channel: string;
  name: string;
}

/** Which channels are closed by their office hours, and until when. It asks again when one opens or closes. */
export function Closed({ api }: { api: Api }) {
  const [openings, put] = useState<readonly ChannelOpening[]>([]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async () => {
      let pause = SELDOM;
      try {
        const { liveOpenings: found } = await api.run<{ liveOpenings: ChannelOpening[] }>(OPENINGS);
        if (over) return;
        put(found);
        const turns = found.map(({ opensAt, closesAt }) => Date.parse(opensAt ?? closesAt ?? "") - api.now() + 1000);
        pause = Math.max(OFTEN, Math.min(SELDOM, ...turns.filter((turn) => !Number.isNaN(turn))));
      } catch {
        // What was known stays; the desk itself tells of a shop that doesn't answer.
      }
      if (!over) timer = setTimeout(ask, pause);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api]);
  const closed = openings.filter(({ open }) => !open);
  return (
    <div class="closings" role="status" data-testid="closed">
      {closed.length > 0 && (
        <p class="notice notice-info">
          <span>
            {closed.slice(0, SHOWN).map(({ channel, name, opensAt }) => (
              <span key={channel} class="closing">
                {opensAt ? t("{name} is closed and opens {time}.", { name, time: soon(opensAt, api.now()) }) : t("{name} is closed.", { name })}
              </span>
            ))}
            {closed.length > SHOWN && <span class="closing">{t("{count} more channels are closed.", { count: count(closed.length - SHOWN) })}</span>}
          </span>
        </p>
      )}
    </div>
  );
}

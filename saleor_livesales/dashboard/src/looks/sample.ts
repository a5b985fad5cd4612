/** The conversation in the preview: what visitor and rep wrote, oldest first. */

import type { Sender } from "../../../storefront/src/wire";

export interface Sample {
  rep: string;
  lines: ReadonlyArray<readonly [sender: Sender, text: string]>;
}

export const SAMPLES: Readonly<Record<"en" | "ar", Sample>> = {
  en: {
    rep: "Anna Smith",
    lines: [
      ["visitor", "Is this bracelet in stock?"],
      ["rep", "It is. You find its sizes at https://shop.example/sizes"],
      ["visitor", "Thank you! And is it solid gold?"],
      ["rep", "Solid, 14 carat. Shall I put one aside for you?"],
    ],
  },
  ar: {
    rep: "ليلى حداد",
    lines: [
      ["visitor", "هل هذا السوار متوفر؟"],
      ["rep", "نعم. المقاسات هنا: https://shop.example/sizes"],
      ["visitor", "شكرًا! وهل هو من الذهب الخالص؟"],
      ["rep", "نعم، عيار ١٤. هل أحجز لك واحدًا؟"],
    ],
  },
};

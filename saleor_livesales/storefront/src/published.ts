// Holds livesales.d.ts to what there is, both ways. Nothing of this is built.
import type * as Real from "./index";
import type * as Told from "./livesales";
import type { SessionView } from "./session";
import type { Setting } from "./settings";
import type { Strings } from "./strings";
import type { Entry, OfferMade } from "./wire";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

export const held: [
  Real.LiveSalesElement extends Told.LiveSalesElement ? true : never,
  typeof Real.createLiveSales extends typeof Told.createLiveSales ? true : never,
  Same<Told.Word, keyof Strings>,
  Same<Exclude<keyof Told.LiveSalesOptions, "strings" | "parent">, Setting>,
  Same<Told.SessionView, SessionView>,
  Same<Told.Storefront, Real.Storefront>,
  Same<Told.Entry, Omit<Entry, "type">>,
  Same<Told.OfferMade, Omit<OfferMade, "type">>,
  Same<keyof typeof Told.LiveSalesElement.defaults, Setting>,
] = [true, true, true, true, true, true, true, true, true];

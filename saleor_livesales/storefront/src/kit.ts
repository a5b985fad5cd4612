// What the eager part hands to the window's code, which is loaded later: nothing is shipped twice.
import { h, icon, keep, sheet, storage } from "./dom";
import { fill } from "./strings";

export const KIT = { h, icon, keep, sheet, storage, fill };
export type Kit = typeof KIT;

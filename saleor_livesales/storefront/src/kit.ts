// What the eager part hands to the window's code, which is loaded later: nothing is shipped twice.
import { h, icon, keep, lasting, sheet, storage } from "./dom";
import { TOO_MANY } from "./live/socket";
import { fill } from "./strings";

export const KIT = { h, icon, keep, lasting, sheet, storage, fill, TOO_MANY };
export type Kit = typeof KIT;

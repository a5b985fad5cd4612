// What the eager part hands to the window's code, which is loaded later: nothing is shipped twice.
import { avatar } from "./avatar";
import { h, icon, keep, lasting, sheet, storage } from "./dom";
import { TOO_MANY } from "./live/socket";
import { viewOf } from "./session";
import { fill } from "./strings";

export const KIT = { avatar, h, icon, keep, lasting, sheet, storage, fill, viewOf, TOO_MANY };
export type Kit = typeof KIT;

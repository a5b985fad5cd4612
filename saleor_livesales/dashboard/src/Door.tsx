/** The way between desk and settings, for who may see both: not everybody has the Dashboard's own menu entries. */

import type { Bridge } from "./bridge";
import { Button } from "./ui";
import { t } from "./words";

const PAGES = {
  desk: { permission: "HANDLE_LIVE_SALES", path: "desk", label: "Desk" },
  settings: { permission: "MANAGE_LIVE_SALES", path: "settings", label: "Settings" },
} as const;

export type PageName = keyof typeof PAGES;

/** The permissions that a Dashboard's token names. The API checks them; here they only decide what is worth showing. */
export function permissionsOf(token: string | null): ReadonlySet<string> {
  try {
    const text = atob((token ?? "").split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/"));
    const { permissions } = JSON.parse(text) as { permissions?: unknown };
    return new Set(Array.isArray(permissions) ? permissions.filter((name) => typeof name === "string") : []);
  } catch {
    return new Set();
  }
}

/** A button to the other page, by the Dashboard's own routing; nothing for who may not see that page. */
export function Door({ bridge, to }: { bridge: Bridge; to: PageName }) {
  const { permission, path, label } = PAGES[to];
  const app = new URLSearchParams(location.search).get("id");
  if (!app || !permissionsOf(bridge.token).has(permission)) return null;
  return (
    <Button small look="tertiary" onClick={() => void bridge.redirect(`/extensions/app/${encodeURIComponent(app)}/${path}`)}>
      {t(label)}
    </Button>
  );
}

import { useEffect, useRef, useState } from "preact/hooks";
import { useStore } from "../store";
import { Button } from "../ui";
import { t } from "../words";
import { type Alerts, KINDS, type Kind } from "./alerts";

const NAMES: Readonly<Record<Kind, string>> = {
  ring: "A visitor rings",
  message: "A message you don't see",
  queue: "Somebody joins the queue",
};

/** What may call the rep, by tone and by desktop notice. */
export function AlertSwitches({ alerts }: { alerts: Alerts }) {
  const [open, show] = useState(false);
  const state = useStore(alerts.store, (all) => all);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => box.current?.contains(event.target as Node) || show(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const silent = KINDS.every((kind) => !state.sound[kind]);
  return (
    <div
      class="menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.preventDefault();
        show(false);
        button.current?.focus();
      }}
    >
      <Button small look="tertiary" ref={button} aria-expanded={open} aria-haspopup="dialog" onClick={() => show(!open)}>
        {silent ? t("Alerts: no sound") : t("Alerts")}
      </Button>
      {open && (
        <div class="menu-body" role="dialog" aria-label={t("Alerts")}>
          <table class="switches">
            <thead>
              <tr>
                <td />
                <th scope="col">{t("Sound")}</th>
                <th scope="col">{t("Desktop")}</th>
              </tr>
            </thead>
            <tbody>
              {KINDS.map((kind) => (
                <tr key={kind}>
                  <th scope="row">{t(NAMES[kind])}</th>
                  {(["sound", "desktop"] as const).map((where) => (
                    <td key={where}>
                      <input
                        type="checkbox"
                        aria-label={`${t(NAMES[kind])}: ${t(where === "sound" ? "Sound" : "Desktop")}`}
                        checked={state[where][kind]}
                        onChange={(event) => alerts.set(where, kind, event.currentTarget.checked)}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          <p class="menu-note">{t(PERMISSIONS[state.permission])}</p>
          {state.permission === "default" && (
            <Button small onClick={() => void alerts.ask()}>
              {t("Allow desktop notices")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

const PERMISSIONS = {
  granted: "Desktop notices come while you look at something else.",
  default: "This browser has not been asked yet whether the desk may show desktop notices.",
  denied: "This browser lets the desk show no desktop notices from inside the Dashboard. Pop a pane out, and allow them in its window.",
  missing: "This browser knows no desktop notices.",
} as const;

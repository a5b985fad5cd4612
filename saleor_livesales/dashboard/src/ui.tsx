/** Small pieces that every page of the console is made of. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "./words";

type ButtonProps = Omit<JSX.IntrinsicElements["button"], "class" | "className"> & {
  look?: "primary" | "secondary" | "tertiary" | "critical";
  small?: boolean;
  extra?: string; // further classes
};

export function Button({ look = "secondary", small = false, extra = "", children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} class={`button button-${look}${small ? " button-small" : ""} ${extra}`.trimEnd()}>
      {children}
    </button>
  );
}

export function Chip({ tone, children }: { tone?: "info" | "success" | "warning" | "critical"; children: ComponentChildren }) {
  return <span class={`chip${tone ? ` chip-${tone}` : ""}`}>{children}</span>;
}

/** Nothing there, or why it can't be shown, with what to do about it. */
export function Blank({ title, text, children }: { title: string; text?: string; children?: ComponentChildren }) {
  return (
    <div class="blank">
      <p class="blank-title">{title}</p>
      {text && <p class="blank-text">{text}</p>}
      {children}
    </div>
  );
}

export function Skeleton({ rows }: { rows: number }) {
  return (
    <div class="skeleton" role="status" aria-label={t("Loading")}>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class="skeleton-row" />
      ))}
    </div>
  );
}

/** Initials on a quiet disc; says nothing to a screen reader, since the name stands beside it. */
export function Disc({ name }: { name: string }) {
  const letters = name
    .split(/\s+/)
    .map((word) => [...word][0] ?? "")
    .join("")
    .slice(0, 2)
    .toUpperCase();
  return (
    <span class="disc" aria-hidden="true">
      {letters}
    </span>
  );
}

const tickers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** The time by `clock`, again every second: one timer for all that show it. */
export function useNow(clock: () => number): number {
  const [now, set] = useState(clock);
  useEffect(() => {
    const tick = () => set(clock());
    tickers.add(tick);
    ticking ??= setInterval(() => {
      for (const each of tickers) each();
    }, 1000);
    return () => {
      tickers.delete(tick);
      if (tickers.size) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  }, []);
  return now;
}

const ICONS = {
  pin: "M9.5 1.5 14.5 6.5 11 8.5 10 12 4 6 7.5 5ZM6.5 9.5 2 14",
  window: "M6.5 3.5H2.5V13.5H12.5V9.5M9 2H14V7M14 2 7.5 8.5",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  picture: "M2 3h12v10H2ZM2 10.5 5.5 7 8.5 10 10.5 8 14 11.5M5.5 5.5h.01",
} as const;

/** A drawing of 16 by 16; says nothing to a screen reader. */
export function Icon({ name }: { name: keyof typeof ICONS }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width={16} height={16} aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}

export interface MenuItem {
  label: string;
  hint?: string; // the key that does the same
  disabled?: boolean;
  act(): void;
}

/** A button that opens a list of things to do. Arrows move in it, Escape and Tab close it. */
export function Menu({ label, items }: { label: string; items: readonly MenuItem[] }) {
  const [open, show] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const close = (back: boolean) => {
    show(false);
    if (back) box.current?.querySelector("button")?.focus();
  };
  useLayoutEffect(() => {
    const page = box.current?.ownerDocument;
    if (!open || !page) return;
    box.current?.querySelector<HTMLElement>("[role=menuitem]:enabled")?.focus();
    const outside = (event: Event) => box.current?.contains(event.target as Node) || show(false);
    page.addEventListener("pointerdown", outside);
    return () => page.removeEventListener("pointerdown", outside);
  }, [open]);
  const pressed = (event: KeyboardEvent) => {
    if (!open) return;
    const all = [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]:enabled") ?? [])];
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Tab") return close(false);
    if (event.key === "Escape") close(true);
    else if (by) all[(all.indexOf(event.target as HTMLElement) + by + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
  };
  return (
    <div class="menu" ref={box} onKeyDown={pressed}>
      <button type="button" class="button button-tertiary button-icon" aria-label={label} title={label} aria-haspopup="menu" aria-expanded={open} onClick={() => show(!open)}>
        <Icon name="more" />
      </button>
      {open && (
        <div class="menu-body" role="menu" aria-label={label}>
          {items.map(({ label: text, hint, disabled = false, act }) => (
            <button
              key={text}
              type="button"
              class="menu-item"
              role="menuitem"
              disabled={disabled}
              onClick={() => {
                close(true);
                act();
              }}
            >
              <span>{text}</span>
              {hint && <kbd aria-hidden="true">{hint}</kbd>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

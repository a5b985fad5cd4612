/** Small pieces that every page of the console is made of. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

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
    <div class="skeleton" role="status" aria-label="Loading">
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

/** The time by `clock`, again every second. */
export function useNow(clock: () => number): number {
  const [now, set] = useState(clock);
  useEffect(() => {
    const timer = setInterval(() => set(clock()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

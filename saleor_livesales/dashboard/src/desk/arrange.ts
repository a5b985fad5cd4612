/** Which panes stand side by side. Pure. */

export const PANE_WIDTH = 360; // px; narrower ones can't be read comfortably
export const PANES = 3;

/** How many panes fit into an area of this width. */
export function room(width: number): number {
  return Math.min(PANES, Math.max(1, Math.floor(width / PANE_WIDTH)));
}

/**
 * Shows `id` among `shown` (in their places on the screen). Where there is no room, it takes the place of the pane
 * that was used longest ago; `used` orders ids from the one used longest ago to the latest.
 */
export function show(shown: readonly string[], id: string, used: readonly string[], places: number): string[] {
  if (shown.includes(id)) return [...shown];
  if (shown.length < places) return [...shown, id];
  const oldest = used.find((other) => shown.includes(other)) ?? shown[0];
  return shown.map((other) => (other === oldest ? id : other));
}

/** Fits `shown` into fewer or more places: keeps those used last, fills up with others that are open. */
export function fit(shown: readonly string[], open: readonly string[], used: readonly string[], places: number): string[] {
  let kept = shown.filter((id) => open.includes(id));
  while (kept.length > places) {
    const oldest = used.find((id) => kept.includes(id)) ?? kept[0];
    kept = kept.filter((id) => id !== oldest);
  }
  for (const id of open) if (kept.length < places && !kept.includes(id)) kept = [...kept, id];
  return kept;
}

/** Moves `id` to the end: it was used just now. */
export function touch(used: readonly string[], id: string): string[] {
  return [...used.filter((other) => other !== id), id];
}

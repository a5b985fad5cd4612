/** Which panes stand side by side, and in which order. Pure. */

export const PANE_WIDTH = 330; // px; narrower ones can't be read comfortably
export const PANES = 6;

/** What the rep has arranged. `open` is the order of the list, `shown` that of the screen. */
export interface Arrangement {
  readonly open: readonly string[];
  readonly shown: readonly string[];
  readonly pinned: readonly string[];
  readonly popped: readonly string[]; // in windows of their own
  readonly used: readonly string[]; // from the one used longest ago to the latest
  readonly places: number;
}

/** How many panes fit into an area of this width. */
export function room(width: number): number {
  return Math.min(PANES, Math.max(1, Math.floor(width / PANE_WIDTH)));
}

/** The pane that gives way: the one used longest ago that is not pinned; a pinned one only where all are. */
function oldest(among: readonly string[], { used, pinned }: Arrangement): string | undefined {
  const byUse = [...among.filter((id) => !used.includes(id)), ...used.filter((id) => among.includes(id))];
  return byUse.find((id) => !pinned.includes(id)) ?? byUse[0];
}

/** `shown` with `id` in it, which takes the place of another where there is no room. */
export function show(state: Arrangement, id: string): string[] {
  const { shown, places } = state;
  if (shown.includes(id)) return [...shown];
  if (shown.length < places) return [...shown, id];
  const away = oldest(shown, state);
  return shown.map((other) => (other === away ? id : other));
}

/** `shown` for fewer or more places: keeps those pinned and those used last, fills up with others that are open. */
export function fit(state: Arrangement): string[] {
  const { open, popped, places } = state;
  const here = (id: string) => open.includes(id) && !popped.includes(id);
  let kept = state.shown.filter(here);
  while (kept.length > places) {
    const away = oldest(kept, state);
    kept = kept.filter((id) => id !== away);
  }
  for (const id of open) if (kept.length < places && here(id) && !kept.includes(id)) kept = [...kept, id];
  return kept;
}

/** Moves `id` to the end: it was used just now. */
export function touch(used: readonly string[], id: string): string[] {
  return [...used.filter((other) => other !== id), id];
}

/** `ids` with `id` put at the place of `target`; those between move up. One that is not among them takes its place. */
export function put(ids: readonly string[], id: string, target: string): string[] {
  const [from, to] = [ids.indexOf(id), ids.indexOf(target)];
  if (to < 0 || from === to) return [...ids];
  if (from < 0) return ids.map((other) => (other === target ? id : other));
  const others = ids.filter((other) => other !== id);
  others.splice(to, 0, id);
  return others;
}

/** `ids` with `id` one place earlier (-1) or later (1); the same at the end of the row. */
export function step(ids: readonly string[], id: string, by: -1 | 1): string[] {
  const target = ids[ids.indexOf(id) + by];
  return ids.includes(id) && target !== undefined ? put(ids, id, target) : [...ids];
}

/** `ids` with `id` in it, at the place that it had in `before`; one that was not there comes last. */
export function restore(ids: readonly string[], id: string, before: readonly string[]): string[] {
  const rank = before.indexOf(id);
  const at = rank < 0 ? -1 : ids.findIndex((other) => before.indexOf(other) > rank || !before.includes(other));
  return at < 0 ? [...ids, id] : [...ids.slice(0, at), id, ...ids.slice(at)];
}

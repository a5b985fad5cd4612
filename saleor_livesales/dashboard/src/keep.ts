/** Small values that outlast a reload where the browser keeps anything for this frame, and else live as long as the page. */

export type Place = "sessionStorage" | "localStorage";

export function storage(place: Place = "sessionStorage"): Storage | null {
  try {
    const found = window[place];
    found.getItem("livesales:probe"); // some give the object and refuse its use
    return found;
  } catch {
    return null;
  }
}

/** The value kept under this name, put through `read`; null where there is none or it is not readable. */
export function recall<T>(place: Place, name: string, read: (value: unknown) => T): T | null {
  try {
    const text = storage(place)?.getItem(name);
    return text ? read(JSON.parse(text)) : null;
  } catch {
    return null;
  }
}

/** Keeps the value; false where nothing is kept. */
export function keep(place: Place, name: string, value: unknown): boolean {
  try {
    const kept = storage(place);
    kept?.setItem(name, JSON.stringify(value));
    return kept !== null;
  } catch {
    return false;
  }
}

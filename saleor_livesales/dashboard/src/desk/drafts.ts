/** What the rep has typed and not sent, kept over a reload in this tab's own storage. */

const PREFIX = "livesales:draft:";

export function storage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null; // forbidden in this frame: drafts live as long as the page
  }
}

export class Drafts {
  #memory = new Map<string, string>();
  #storage: Storage | null;

  constructor(kept: Storage | null) {
    this.#storage = kept;
  }

  get(session: string): string {
    return this.#memory.get(session) ?? this.#read(session);
  }

  set(session: string, text: string): void {
    this.#memory.set(session, text);
    try {
      if (text) this.#storage?.setItem(PREFIX + session, text);
      else this.#storage?.removeItem(PREFIX + session);
    } catch {
      // Full or forbidden: the draft stays in memory.
    }
  }

  #read(session: string): string {
    try {
      return this.#storage?.getItem(PREFIX + session) ?? "";
    } catch {
      return "";
    }
  }
}

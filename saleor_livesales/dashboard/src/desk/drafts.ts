/** What the rep has typed and not sent, kept over a reload in this tab's own storage. */

const PREFIX = "livesales:draft:";

export class Drafts {
  #memory = new Map<string, string>();
  #storage: Storage | null;
  /** False where the browser keeps nothing for this frame: a reload then loses drafts, and the desk says so. */
  lasting: boolean;

  constructor(kept: Storage | null) {
    this.#storage = kept;
    this.lasting = kept !== null;
  }

  get(session: string): string {
    return this.#memory.get(session) ?? this.#read(session);
  }

  set(session: string, text: string): void {
    if (text) this.#memory.set(session, text);
    else this.#memory.delete(session);
    try {
      if (text) this.#storage?.setItem(PREFIX + session, text);
      else this.#storage?.removeItem(PREFIX + session);
      this.lasting = this.#storage !== null;
    } catch {
      this.lasting = false; // full or forbidden: the draft stays in memory
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

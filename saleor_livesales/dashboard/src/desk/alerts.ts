/** What calls the rep: tones and desktop notices, each kind by its own switch. */

import { keep, recall } from "../keep";
import { Store } from "../store";

export const KINDS = ["ring", "message", "queue"] as const;
export type Kind = (typeof KINDS)[number];
export type Switches = Readonly<Record<Kind, boolean>>;

export interface AlertState {
  readonly sound: Switches;
  readonly desktop: Switches;
  readonly muted: boolean; // the browser lets no tone sound before the rep has clicked or typed here
  readonly permission: NotificationPermission | "missing";
}

const KEPT = "livesales:alerts";
const RING_EVERY = 3000; // ms, until it is answered
const QUIET_FOR = 1500; // ms between two tones of a kind
const LENGTH = 0.14; // seconds of a note
const NOTES: Readonly<Record<Kind, readonly number[]>> = { ring: [784, 988, 784, 988], message: [660, 880], queue: [523] }; // Hz

export class Alerts {
  readonly store: Store<AlertState>;
  #context: AudioContext | null = null;
  #last: Partial<Record<Kind, number>> = {};
  #ringing: ReturnType<typeof setInterval> | undefined;
  #attended: () => boolean;

  /** `attended` tells whether the rep has the desk before their eyes: then no desktop notice is needed. */
  constructor(attended: () => boolean) {
    this.#attended = attended;
    const kept = recall("localStorage", KEPT, (value) => value as Partial<AlertState>);
    const before = { ring: true, message: true, queue: false };
    this.store = new Store<AlertState>({
      sound: { ...before, ...kept?.sound },
      desktop: { ...before, ...kept?.desktop },
      muted: false,
      permission: permission(),
    });
    for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, this.touched, { capture: true });
  }

  /** The rep did something here, before which no browser lets a page make a sound. */
  readonly touched = (): void => {
    if (!this.store.state.muted) return;
    void this.#context?.resume();
    this.store.set({ muted: false });
  };

  set(where: "sound" | "desktop", kind: Kind, on: boolean): void {
    this.store.set({ [where]: { ...this.store.state[where], [kind]: on } });
    const { sound, desktop } = this.store.state;
    keep("localStorage", KEPT, { sound, desktop });
    if (where === "sound" && on) this.#play(kind);
  }

  /** Asks the browser whether the desk may show desktop notices. In another site's frame most answer no by themselves. */
  async ask(page: Window & typeof globalThis = window): Promise<void> {
    await page.Notification?.requestPermission().catch(() => "denied");
    this.store.set({ permission: permission() });
  }

  /** Calls the rep once. Of several of a kind within a moment, one sounds. `tag` replaces an earlier notice of the same. */
  call(kind: Kind, title: string, body: string, tag: string, open: () => void): void {
    if (this.store.state.sound[kind] && Date.now() - (this.#last[kind] ?? 0) > QUIET_FOR) this.#play(kind);
    if (!this.store.state.desktop[kind] || this.#attended() || permission() !== "granted") return;
    try {
      const notice = new Notification(title, { body, tag: `livesales:${tag}`, silent: true });
      notice.onclick = () => {
        window.focus();
        open();
        notice.close();
      };
    } catch {
      // Some phones know the name and refuse the use.
    }
  }

  /** Sounds again and again while something rings. */
  ringing(on: boolean): void {
    if (on === (this.#ringing !== undefined)) return;
    clearInterval(this.#ringing);
    this.#ringing = on ? setInterval(() => this.store.state.sound.ring && this.#play("ring"), RING_EVERY) : undefined;
  }

  #play(kind: Kind): void {
    this.#last[kind] = Date.now();
    try {
      const context = (this.#context ??= new AudioContext());
      if (context.state !== "running") {
        if (!navigator.userActivation?.hasBeenActive) return this.store.set({ muted: true });
        void context.resume();
      }
      const volume = context.createGain();
      volume.connect(context.destination);
      const start = context.currentTime + 0.02;
      const notes = NOTES[kind];
      volume.gain.setValueAtTime(0.14, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + notes.length * LENGTH + 0.1);
      for (const [index, frequency] of notes.entries()) {
        const tone = context.createOscillator();
        tone.frequency.value = frequency;
        tone.connect(volume);
        tone.start(start + index * LENGTH);
        tone.stop(start + (index + 1) * LENGTH);
      }
    } catch {
      // No sound device: rings and messages stand on the screen.
    }
  }
}

function permission(): NotificationPermission | "missing" {
  return typeof Notification === "undefined" ? "missing" : Notification.permission;
}

// A short tone for what the visitor does not see coming. Made by WebAudio: there is no file to load or to allow.
import type { Kit } from "./kit";

const KEPT = "livesales:sound";
const ONCE_WITHIN = 1500; // ms; of several tabs one rings
const NOTES = [660, 880]; // Hz
const LENGTH = 0.14; // seconds each

export class Sound {
  #context: AudioContext | null = null;
  #touched = false;

  constructor(private readonly kit: Kit) {}

  /** What the visitor chose last, in any tab. */
  get on(): boolean {
    return this.kit.storage("localStorage").getItem(KEPT) !== "off";
  }
  set on(on: boolean) {
    this.kit.keep(this.kit.storage("localStorage"), KEPT, on ? null : "off");
  }

  /** The visitor did something here, before which no browser lets a page make a sound. */
  readonly touched = (): void => {
    this.#touched = true;
  };

  ring(): void {
    if (!this.on || !(navigator.userActivation?.hasBeenActive ?? this.#touched)) return;
    if (!navigator.locks) return this.#play();
    void navigator.locks.request(KEPT, { ifAvailable: true }, async (mine) => {
      if (!mine) return;
      this.#play();
      await new Promise((resolve) => setTimeout(resolve, ONCE_WITHIN));
    });
  }

  /** Lets go of the sound device. */
  stop(): void {
    void this.#context?.close();
    this.#context = null;
  }

  #play(): void {
    try {
      const context = (this.#context ??= new AudioContext());
      void context.resume();
      const volume = context.createGain();
      volume.connect(context.destination);
      const start = context.currentTime + 0.02;
      volume.gain.setValueAtTime(0.12, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + NOTES.length * LENGTH + 0.1);
      for (const [index, frequency] of NOTES.entries()) {
        const tone = context.createOscillator();
        tone.frequency.value = frequency;
        tone.connect(volume);
        tone.start(start + index * LENGTH);
        tone.stop(start + (index + 1) * LENGTH);
      }
    } catch {
      // No sound device, or none for us: the count of unread messages says the same.
    }
  }
}

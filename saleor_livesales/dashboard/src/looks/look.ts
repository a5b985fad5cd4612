/** What the server works out where the owner sets a colour or two: the same as channels/look.py, held to it by a test. Pure. */

export const READABLE = 4.5; // contrast that text needs: WCAG 2.2, 1.4.3
export const RADIUS_LIMIT = 32; // pixels

/** The widget's own, as in storefront/src/styles/base.css. */
export const OWN = { accent: "#1f3a8a", onAccent: "#ffffff", accentDark: "#a9c1ff", onAccentDark: "#0d1733", radius: 14 } as const;
const DARK_SURFACE = "#191d26";

/** `AbC`, `#AbC` and `#aabbcc` alike as `#aabbcc`; null for what is no such colour. */
export function colour(text: string): string | null {
  const digits = text.trim().replace(/^#/, "").toLowerCase();
  if (!/^([0-9a-f]{3}){1,2}$/.test(digits)) return null;
  return `#${digits.length === 6 ? digits : digits.replace(/./g, "$&$&")}`;
}

/** From 1, the same, to 21, black on white. */
export function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** White where that can be read, else black, which then can. */
export function textOn(background: string): string {
  return contrast("#ffffff", background) >= READABLE ? "#ffffff" : "#000000";
}

/** The accent, mixed with white in steps of a twentieth until it stands out from the dark window by 4.5 to 1. */
export function forTheDark(accent: string): string {
  let mixed = accent;
  for (let step = 0; step <= 20; step++) {
    mixed = `#${parts(accent)
      .map((part) => Math.floor((part * (20 - step) + 255 * step + 10) / 20).toString(16).padStart(2, "0"))
      .join("")}`;
    if (contrast(mixed, DARK_SURFACE) >= READABLE) break;
  }
  return mixed;
}

/** To one digit, never upwards: 4.49 must not read as the 4.5 that it misses. */
export function shortened(ratio: number): number {
  return Math.floor(ratio * 10) / 10;
}

function parts(of: string): [number, number, number] {
  return [1, 3, 5].map((at) => parseInt(of.slice(at, at + 2), 16)) as [number, number, number];
}

function luminance(of: string): number {
  const [red, green, blue] = parts(of).map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

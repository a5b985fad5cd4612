// A code in the address: `#live=XXXX-XXXX-XXC`, as printed QR codes carry it. Read once, and gone from the address at once.

/** The code, empty for a bare `#live=`, which asks for one; undefined where the address says nothing. */
export function takeCode(): string | undefined {
  const { hash, href } = location;
  const [found, code] = /[#&]live=([^&]*)/.exec(hash) ?? [];
  if (found) history.replaceState(history.state, "", href.split("#")[0] + hash.replace(/[#&]live=[^&]*/g, "").replace(/^&/, "#"));
  return code;
}

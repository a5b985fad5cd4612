// The field for a sign-in code. A code is kept nowhere: it is typed or scanned, sent, and forgotten.
import REDEEM from "./graphql/SignInCodeRedeem.graphql";
import type { PanelHost } from "./panel";
import type { About } from "./request";

type Opened = { product: { id: string } | null; variant: { id: string } | null };

/** Enters a code. Gives what it is about; raises what the shop refuses. */
export async function redeem({ client }: PanelHost, code: string): Promise<About> {
  const data = await client.call<{ liveSignInCodeRedeem: { opened: Opened } }>(REDEEM, (ticket) => ({ ticket, code }));
  const { product, variant } = data.liveSignInCodeRedeem.opened;
  return product ? { productId: product.id, variantId: variant?.id } : {};
}

/** Why a code was not taken, in the visitor's words. */
export function refusal(host: PanelHost, error: unknown): string {
  const t = host.strings();
  const { code } = error as { code?: string };
  return code === "CODE_REFUSED" ? t.codeRefused : code === "TOO_MANY_TRIES" ? t.codeTries : host.explain(error);
}

/** With `given`, that is entered at once. `done` is told what the code is about. */
export function codeForm(host: PanelHost, given: string, done: (about: About) => void): HTMLElement {
  const { h } = host.kit;
  const t = host.strings();
  const code = h("input", { id: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true, maxlength: 64, dir: "ltr", part: "code", "aria-describedby": "problem" });
  const problem = h("p", { id: "problem", class: "note", role: "alert", hidden: true });
  const send = h("button", { type: "submit", class: "primary", part: "code-send" }, t.codeSend);
  const complain = (words: string): void => {
    problem.textContent = words;
    problem.hidden = false;
    code.setAttribute("aria-invalid", "true");
    code.focus();
  };
  const submit = async (event?: Event): Promise<void> => {
    event?.preventDefault();
    if (send.disabled) return;
    const typed = code.value;
    if (!typed.trim()) return complain(t.codeMissing);
    problem.hidden = true;
    code.setAttribute("aria-invalid", "false");
    send.disabled = true;
    try {
      const about = await redeem(host, typed);
      code.value = "";
      if (form.isConnected) done(about);
    } catch (error) {
      complain(refusal(host, error));
    } finally {
      send.disabled = false;
    }
  };
  const form = h(
    "form",
    { class: "inquiry", novalidate: true, part: "code-form", submit: (event: Event) => void submit(event) },
    h("p", {}, t.codeIntro),
    h("label", { for: "code" }, t.code),
    code,
    problem,
    send,
  );
  code.value = given;
  if (given) queueMicrotask(() => void submit());
  return form;
}

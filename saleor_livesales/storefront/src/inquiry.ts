// A message left for later: an e-mail address to answer to, and the words. Sent once, whatever the network does.
import INQUIRY from "./graphql/InquiryCreate.graphql";
import { uuid } from "./live/ids";
import { intro } from "./opening";
import type { PanelHost } from "./panel";

const EMAIL = "livesales:email"; // what is half written is there again when the form is
const TEXT = "livesales:text";
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/; // the server checks for good

/** Nobody is there, live help is not to be had for this, or the member has used up what the plan gives. */
export type Why = "nobody" | "closed" | "used";

export function inquiryForm(host: PanelHost, why: Why, done: (confirmation: HTMLElement) => void): HTMLElement {
  const { h } = host.kit;
  const t = host.strings();
  const key = uuid();
  const limit = host.client.messageLimit;
  const email = h("input", { id: "email", type: "email", autocomplete: "email", required: true, maxlength: 254, dir: "ltr", part: "email", "aria-describedby": "problem" });
  const text = h("textarea", { id: "text", rows: 5, required: true, maxlength: limit, dir: "auto", part: "text", "aria-describedby": "problem" });
  const problem = h("p", { id: "problem", class: "note", role: "alert", hidden: true });
  const send = h("button", { type: "submit", class: "primary", part: "inquiry-send" }, t.inquirySend);

  const store = host.kit.storage("sessionStorage");
  email.value = store.getItem(EMAIL) ?? "";
  text.value = store.getItem(TEXT) ?? "";
  email.addEventListener("input", () => host.kit.keep(store, EMAIL, email.value || null));
  text.addEventListener("input", () => host.kit.keep(store, TEXT, text.value || null));

  const complain = (words: string, field?: HTMLElement): void => {
    problem.textContent = words;
    problem.hidden = false;
    for (const input of [email, text]) input.setAttribute("aria-invalid", String(input === field));
    field?.focus();
  };

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const address = email.value.trim();
    const words = text.value.trim();
    if (!ADDRESS.test(address)) return complain(t.emailMissing, email);
    if (!words) return complain(t.textMissing, text);
    problem.hidden = true;
    send.disabled = true;
    try {
      const { channel } = host.client.config;
      const productId = host.product() || undefined;
      await host.client.call(INQUIRY, (ticket) => ({ input: { ticket, channel, key, email: address, text: words, productId } }));
      host.kit.keep(store, TEXT, null);
      done(
        h(
          "div",
          { class: "done", part: "inquiry-done" },
          h("p", {}, host.kit.fill(t.inquiryDone, { email: address })),
          h("button", { type: "button", class: "plain", part: "close", click: () => host.close() }, t.close),
        ),
      );
    } catch (error) {
      const field = (error as { field?: string | null }).field;
      if (field === "email") complain(t.emailMissing, email);
      else if (field === "text") complain(t.textMissing, text);
      else complain(host.explain(error));
    } finally {
      send.disabled = false;
    }
  };

  return h(
    "form",
    { class: "inquiry", novalidate: true, part: "inquiry", submit: (event: Event) => void submit(event) },
    intro(host, why),
    h("label", { for: "email" }, t.email),
    email,
    h("label", { for: "text" }, t.message),
    text,
    problem,
    send,
  );
}

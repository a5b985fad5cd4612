import { createContext } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { count } from "../format";
import { useStore } from "../store";
import { Button } from "../ui";
import { t } from "../words";
import { AttachButton, Card, filesOf } from "./Attach";
import type { Desk } from "./desk";
import type { Outgoing } from "./pictures";

const NEAR = 500; // characters before the limit at which the count appears

/** Puts a refused message back into the input of its pane. */
export const Restore = createContext<(id: string, key: string) => void>(() => undefined);
export const useDraft = () => useContext(Restore);

/** The input of a pane. Enter sends, Shift+Enter starts a new line; what is typed survives a reload. */
export function Composer(props: { desk: Desk; id: string; name: string; limit: number; connected: boolean; outgoing: readonly Outgoing[] }) {
  const { desk, id, name, limit, connected, outgoing } = props;
  const [text, put] = useState(() => desk.drafts.get(id));
  const input = useRef<HTMLTextAreaElement>(null);
  const length = [...text].length;
  const sendable = text.trim() !== "" && length <= limit;

  useLayoutEffect(() => {
    const element = input.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [text]);

  const called = useStore(desk.store, (state) => state.writing === id);
  useLayoutEffect(() => {
    if (!called) return;
    input.current?.ownerDocument.defaultView?.focus();
    input.current?.focus();
    desk.focus(id);
  }, [called]);

  const write = (value: string) => {
    put(value);
    desk.drafts.set(id, value);
    desk.typing(id, value.trim() !== "");
  };
  const send = () => {
    if (!sendable) return;
    desk.say(id, text.trim());
    put("");
    input.current?.focus();
  };

  return (
    <form
      class="composer"
      onPaste={(event) => {
        const files = filesOf(event.clipboardData);
        if (!files) return;
        event.preventDefault();
        desk.pictures.take(id, files);
      }}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {outgoing.map((item) => (
        <Card key={item.key} desk={desk} id={id} item={item} back={() => input.current?.focus()} />
      ))}
      <AttachButton desk={desk} id={id} />
      <textarea
        ref={input}
        class="composer-input"
        rows={1}
        dir="auto"
        value={text}
        placeholder={t("Write a message")}
        aria-label={t("Message to {name}", { name })}
        aria-invalid={length > limit}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <Button look="primary" disabled={!sendable} onClick={send}>
        {t("Send")}
      </Button>
      <p class={`composer-hint${length > limit ? " composer-over" : ""}`} aria-live="polite">
        {length > limit - NEAR
          ? t("{length} of {limit} characters", { length: count(length), limit: count(limit) })
          : !connected
            ? t("Not connected. What you send now goes out as soon as the connection is back.")
            : text && !desk.drafts.lasting
              ? t("This browser keeps nothing for the desk: a reload would lose these words.")
              : t("Enter sends, Shift+Enter starts a new line")}
      </p>
    </form>
  );
}

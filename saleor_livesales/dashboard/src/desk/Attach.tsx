import { useLayoutEffect, useRef } from "preact/hooks";
import { size } from "../format";
import { Button, Icon } from "../ui";
import { t } from "../words";
import type { Desk } from "./desk";
import type { Outgoing } from "./pictures";

export function AttachButton({ desk, id }: { desk: Desk; id: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="button button-tertiary button-icon attach" aria-label={t("Send a picture")} title={t("Send a picture")} onClick={() => input.current?.click()}>
        <Icon name="picture" />
      </button>
      <input
        ref={input}
        type="file"
        accept="image/*"
        multiple
        hidden
        onChange={(event) => {
          if (event.currentTarget.files) desk.pictures.take(id, event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

/** The files of a paste or a drop, unless they are but a picture of words that come along. */
export function filesOf(data: DataTransfer | null): FileList | null {
  return data?.files.length && !data.types.includes("text/plain") ? data.files : null;
}

/** A picture before it is sent: what it looks like, a caption, how far it is, and what went wrong. */
export function Card({ desk, id, item, back }: { desk: Desk; id: string; item: Outgoing; back(): void }) {
  const { key, file, part, problem, final } = item;
  const { pictures } = desk;
  const sending = part !== null;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.querySelector<HTMLElement>("input:enabled, button:enabled")?.focus();
    return () => {
      if (box.current?.contains(box.current.ownerDocument.activeElement)) back();
    };
  }, []);
  useLayoutEffect(() => {
    // A control that has the focus was switched off: the browser takes it away now or with the next frame.
    const page = box.current?.ownerDocument;
    const lost = page?.activeElement === page?.body || box.current?.querySelector(":focus:disabled");
    if (lost) box.current?.querySelector<HTMLElement>("button:enabled")?.focus();
  }, [sending, final]);
  return (
    <div
      ref={box}
      class="outgoing"
      role="group"
      aria-label={t("Picture to send")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        pictures.back(id, key);
      }}
    >
      <img class="outgoing-preview" src={item.preview} alt="" />
      <div class="outgoing-side">
        {!final && (
          <input
            type="text"
            class="composer-input"
            maxLength={500}
            dir="auto"
            disabled={sending}
            value={item.caption}
            placeholder={t("What does it show? (optional)")}
            aria-label={t("What does it show? (optional)")}
            onInput={(event) => pictures.change(id, key, { caption: event.currentTarget.value })}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.isComposing) return;
              event.preventDefault();
              void pictures.send(id, key);
            }}
          />
        )}
        {sending && <progress max={1} value={part} aria-label={t("Sending…")} />}
        {problem ? (
          <p class="outgoing-problem" role="alert">
            {problem}
          </p>
        ) : (
          <p class="outgoing-hint" role="status">
            {sending ? t("Sending…") : size(file.size)}
          </p>
        )}
        <div class="outgoing-tools">
          {!final && (
            <Button small look="primary" disabled={sending} onClick={() => void pictures.send(id, key)}>
              {problem ? t("Try again") : t("Send picture")}
            </Button>
          )}
          <Button small look="tertiary" onClick={() => pictures.back(id, key)}>
            {sending ? t("Cancel") : t("Remove")}
          </Button>
        </div>
      </div>
    </div>
  );
}

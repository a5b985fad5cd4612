import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Entry } from "../../../storefront/src/wire";
import { Button } from "../ui";
import { t } from "../words";
import type { Addresses, Pictures } from "./pictures";

const SHOWN = 260; // CSS pixels of the longer side in the conversation

type Found = Addresses | "loading" | "gone" | "failed";

/** What a message says in words alone: of a picture that it is one, and its caption. */
export function said({ picture, text = "" }: Entry): string {
  return picture ? `[${t("Picture")}] ${text}`.trimEnd() : text;
}

/** A picture in the conversation, in a room of its size from the first moment; a click shows it in large. */
export function Shot({ pictures, entry }: { pictures: Pictures; entry: Entry }) {
  const { id, width, height } = entry.picture!;
  const [found, put] = useState<Found>("loading");
  const [large, show] = useState(false);
  const box = useRef<HTMLButtonElement>(null);
  const tries = useRef(0);
  const load = (anew: boolean) => {
    put("loading");
    pictures.addresses(id, anew).then(
      (addresses) => put(addresses ?? "gone"),
      () => put("failed"),
    );
  };
  useLayoutEffect(() => load(false), [id]);
  const label = [t("Picture"), entry.text].filter(Boolean).join(": ");
  const open = () => {
    if (found === "failed") load(true);
    else if (typeof found === "object") show(true);
  };
  return (
    <>
      <button
        ref={box}
        type="button"
        class="shot"
        aria-label={label}
        style={{ inlineSize: `${Math.round(Math.min(SHOWN, width, (SHOWN * width) / height))}px`, aspectRatio: `${width} / ${height}` }}
        onClick={open}
      >
        {typeof found === "object" ? (
          <img
            src={found.small}
            alt=""
            referrerPolicy="no-referrer"
            onError={() => (tries.current++ ? put("failed") : load(true))} // its address may have run out
          />
        ) : (
          <span class="shot-text">
            {found === "gone" ? t("This picture is no longer there.") : found === "failed" ? t("This picture can't be shown. Try again.") : ""}
          </span>
        )}
      </button>
      {large && (
        <Viewer
          pictures={pictures}
          id={id}
          label={label}
          caption={entry.text ?? ""}
          close={() => {
            show(false);
            box.current?.focus();
          }}
        />
      )}
    </>
  );
}

function Viewer({ pictures, id, label, caption, close }: { pictures: Pictures; id: string; label: string; caption: string; close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [source, put] = useState("");
  const [wrong, fail] = useState(false);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    pictures.addresses(id).then(
      (addresses) => (addresses ? put(addresses.large) : fail(true)),
      () => fail(true),
    );
  }, []);
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={label}
      onClose={close}
      onKeyDown={(event) => event.stopPropagation()} // the desk's single keys mean nothing here
      onClick={(event) => event.target === event.currentTarget && dialog.current?.close()}
    >
      <div class="viewer-tools">
        <Button small onClick={() => dialog.current?.close()}>
          {t("Close")}
        </Button>
      </div>
      {wrong ? <p role="alert">{t("This picture can't be shown. Try again.")}</p> : source && <img src={source} alt={label} referrerPolicy="no-referrer" onError={() => fail(true)} />}
      {caption && (
        <p class="viewer-caption" dir="auto">
          {caption}
        </p>
      )}
    </dialog>
  );
}

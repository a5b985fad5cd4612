import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useStore } from "../store";
import { Button } from "../ui";
import { t } from "../words";
import type { Desk } from "./desk";
import { type Keys, SHORTCUTS } from "./keys";

/** The sheet of shortcuts. Closing it gives the focus back to where it was. */
export function Shortcuts({ desk, keys }: { desk: Desk; keys: Keys }) {
  const open = useStore(desk.store, (state) => state.sheet);
  const dialog = useRef<HTMLDialogElement>(null);
  const [single, use] = useState(keys.single);
  useLayoutEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const close = () => desk.store.set({ sheet: false });
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby="sheet-title" onClose={close} onClick={(event) => event.target === event.currentTarget && close()}>
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id="sheet-title">{t("Keyboard shortcuts")}</h2>
          <Button small look="tertiary" onClick={close}>
            {t("Close")}
          </Button>
        </header>
        <div class="sheet-groups">
          {SHORTCUTS.map(({ title, items }) => (
            <section key={title}>
              <h3>{t(title)}</h3>
              <dl>
                {items.map(({ keys: shown, text }) => (
                  <div key={text}>
                    <dt dir="ltr">
                      {shown.map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{t(text)}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <label class="check sheet-foot">
          <input
            type="checkbox"
            checked={single}
            onChange={({ currentTarget: { checked } }) => {
              keys.setSingle(checked);
              use(checked);
            }}
          />
          <span>{t("Single keys work where nothing is being written")}</span>
        </label>
      </div>
    </dialog>
  );
}

/** The owner's pages behind their tabs: which one is shown stands after `#` in the frame's address. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api";
import { t } from "../words";
import { PAGES } from "./pages";

function named(hash: string): string {
  const name = hash.replace(/^#/, "");
  return PAGES.find((page) => page.name === name)?.name ?? PAGES[0]!.name;
}

export function OwnerView({ api, door }: { api: Api; door: ComponentChildren }) {
  const [shown, show] = useState(() => named(location.hash));
  const [seen, see] = useState<ReadonlySet<string>>(new Set([shown]));
  useEffect(() => {
    const turned = () => {
      const name = named(location.hash);
      see((before) => new Set([...before, name]));
      show(name);
    };
    addEventListener("hashchange", turned);
    return () => removeEventListener("hashchange", turned);
  }, []);
  return (
    <div class="owner">
      <header class="owner-head">
        <nav class="owner-tabs" aria-label={t("Live sales")}>
          {PAGES.map(({ name, label }) => (
            <a key={name} class="owner-tab" href={`#${name}`} aria-current={name === shown ? "page" : undefined}>
              {label()}
            </a>
          ))}
        </nav>
        {door}
      </header>
      {PAGES.filter(({ name }) => seen.has(name)).map(({ name, View }) => (
        <div key={name} class="owner-page" hidden={name !== shown}>
          <View api={api} />
        </div>
      ))}
    </div>
  );
}

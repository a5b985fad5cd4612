/** Starts the console: the desk, or the owner's page, by the path that the document was served at. */

import "./styles/console.css";
import { render } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import { Api } from "./api";
import { Bridge } from "./bridge";
import { Desk } from "./desk/desk";
import { DeskView } from "./desk/DeskView";
import { Door } from "./Door";
import { setLocale } from "./format";
import { OwnerView } from "./settings/Owner";
import { Blank, Skeleton } from "./ui";
import { speak, t } from "./words";

const PATIENCE = 10_000; // ms for the Dashboard's handshake

function meta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="livesales-${name}"]`)?.content.trim() ?? "";
}

function dress(theme: string | null): void {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}

/** Waits for the Dashboard's token, then shows the page. */
function Console({ bridge, api, page }: { bridge: Bridge; api: Api; page: "desk" | "settings" }) {
  const [signed, sign] = useState(bridge.token !== null);
  const [late, tire] = useState(false);
  const [, again] = useReducer<number, void>((times) => times + 1, 0);
  const [desk] = useState(() => (page === "desk" ? new Desk(api) : null));
  useEffect(() => {
    const timer = setTimeout(() => tire(true), PATIENCE);
    const stops = [
      bridge.on("token", () => sign(true)),
      bridge.on("theme", dress),
      bridge.on("locale", (locale) => {
        setLocale(locale);
        again();
        void speak(locale).then(() => again());
      }),
    ];
    bridge.start();
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [bridge]);
  if (!signed) {
    return (
      <main class="page page-blank">
        {!bridge.framed ? (
          <Blank title={t("Open this page from the Dashboard")} text={t("It is under Extensions, Installed, Live sales; for who may see customers, under Customers too.")} />
        ) : late ? (
          <Blank title={t("The Dashboard has not answered")} text={t("Reload the page. If this stays, the Dashboard's address may be missing in the plugin's settings.")} />
        ) : (
          <Skeleton rows={6} />
        )}
      </main>
    );
  }
  return desk ? (
    <DeskView desk={desk} door={<Door bridge={bridge} to="settings" />} />
  ) : (
    <OwnerView api={api} door={<Door bridge={bridge} to="desk" />} />
  );
}

const root = document.getElementById("console");
if (root) {
  dress(new URLSearchParams(location.search).get("theme"));
  // The address comes from the server's own page. The query's saleorApiUrl and domain can be forged by a link and are not read.
  const address = meta("api");
  const bridge = new Bridge(meta("dashboard").split(/\s+/).filter(Boolean));
  const page = /\/settings\/?$/.test(location.pathname) ? "settings" : "desk";
  render(
    address ? (
      <Console bridge={bridge} api={new Api(address, bridge)} page={page} />
    ) : (
      <main class="page page-blank">
        <Blank title={t("The console does not know its shop")} text={t("The page was served without the shop's address.")} />
      </main>
    ),
    root,
  );
}

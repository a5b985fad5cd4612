/** The real widget, beside the form, in the look that is being chosen. It takes no clicks: it is there to be looked at. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Look } from "../../../storefront/src/look";
import { t } from "../words";
import { Segments } from "./fields";
import { type Scene, Stage } from "./stage";

const SIZES = { desktop: [720, 720], phone: [390, 720] } as const; // as wide and high as the page in the frame takes itself to be

export function Preview({ look, greeting }: { look: Look; greeting: string }) {
  const [view, see] = useState<Scene["view"]>("conversation");
  const [language, speak] = useState<Scene["language"]>(document.documentElement.lang === "ar" ? "ar" : "en");
  const [page, turn] = useState<"light" | "dark">(document.documentElement.dataset.theme === "dark" ? "dark" : "light");
  const [size, resize] = useState<keyof typeof SIZES>("desktop");
  const [missing, miss] = useState(false);
  const frame = useRef<HTMLIFrameElement>(null);
  const room = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  const [width, height] = SIZES[size];

  useEffect(() => {
    if (!frame.current) return;
    stage.current ??= new Stage(frame.current, new URL("../livesales.js", location.href).href);
    stage.current.show({ view, language, greeting }, look, page === "dark").catch(() => miss(true));
  }, [view, language, greeting, JSON.stringify(look), page]);

  useLayoutEffect(() => {
    const box = room.current;
    if (!box) return;
    const fit = () => {
      const scale = Math.min(1, box.clientWidth / width);
      frame.current?.style.setProperty("transform", `scale(${scale})`);
      box.style.setProperty("block-size", `${Math.round(height * scale)}px`);
      frame.current?.style.setProperty("inset-inline-start", `${Math.round((box.clientWidth - width * scale) / 2)}px`);
    };
    const watcher = new ResizeObserver(fit);
    watcher.observe(box);
    fit();
    return () => watcher.disconnect();
  }, [width, height]);

  return (
    <figure class="look" aria-label={t("Preview of the widget")}>
      <div class="look-tools">
        <Segments
          name="look-view"
          label={t("What is shown")}
          value={view}
          options={[
            ["launcher", t("Launcher")],
            ["offer", t("Offer")],
            ["conversation", t("Conversation")],
          ]}
          change={see}
        />
        <Segments
          name="look-page"
          label={t("The page around it")}
          value={page}
          options={[
            ["light", t("Light page")],
            ["dark", t("Dark page")],
          ]}
          change={turn}
        />
        <Segments
          name="look-size"
          label={t("Screen")}
          value={size}
          options={[
            ["desktop", t("Desktop")],
            ["phone", t("Phone")],
          ]}
          change={resize}
        />
        <Segments
          name="look-language"
          label={t("Language")}
          value={language}
          options={[
            ["en", "English"],
            ["ar", "العربية"],
          ]}
          change={speak}
        />
      </div>
      <div class="look-room" ref={room}>
        {missing ? (
          <p class="field-hint">{t("The preview could not be loaded. What you choose is saved all the same.")}</p>
        ) : (
          <iframe ref={frame} class="look-frame" title={t("Preview of the widget")} width={width} height={height} tabIndex={-1} inert />
        )}
      </div>
      <figcaption class="field-hint">{t("The widget itself, with a made-up conversation. What a page says in its own style sheet goes before what you choose here.")}</figcaption>
    </figure>
  );
}

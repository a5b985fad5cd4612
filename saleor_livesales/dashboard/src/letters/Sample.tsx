import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import PREVIEW from "../graphql/letterPreview.graphql";
import { Button, Skeleton } from "../ui";
import { t } from "../words";

interface Page {
  content: string;
  picture: string | null;
}

/** A page as it would be printed to an invented member, drawn anew whenever `version` changes. */
export function Sample({ api, channel, language, version }: { api: Api; channel: string; language: string; version: number }) {
  const [page, put] = useState<Page | null>(null);
  const [failure, fail] = useState("");
  const asked = useRef(0);
  const load = async () => {
    const mine = ++asked.current;
    put(null);
    fail("");
    try {
      const { liveLetterPreview } = await api.run<{ liveLetterPreview: Page | null }>(PREVIEW, { channel, language });
      if (mine === asked.current) put(liveLetterPreview);
    } catch (error) {
      if (mine === asked.current) fail(error instanceof ApiError ? error.message : t("Something went wrong."));
    }
  };
  useEffect(() => void load(), [api, channel, language, version]);

  if (failure) {
    return (
      <p class="inline-problem" role="alert">
        {failure}{" "}
        <Button small onClick={() => void load()}>
          {t("Try again")}
        </Button>
      </p>
    );
  }
  if (!page) return <Skeleton rows={6} />;
  const save = () => {
    const bytes = Uint8Array.from(atob(page.content), (letter) => letter.charCodeAt(0));
    const address = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
    Object.assign(document.createElement("a"), { href: address, download: "letter.pdf" }).click();
    window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return (
    <>
      {page.picture && <img class="letters-page" src={`data:image/png;base64,${page.picture}`} alt={t("A letter to an invented member")} />}
      <Button small onClick={save}>
        {t("Sample page (PDF)")}
      </Button>
    </>
  );
}

import WORDS from "../../../storefront/src/locales/page-en.json";
import { t } from "../words";

/** An offer as visitors see it, with the greeting as it is being written. The buttons do nothing here. */
export function Preview({ greeting }: { greeting: string }) {
  const own = greeting.trim();
  return (
    <figure class="preview" aria-label={t("Preview of the offer")}>
      <figcaption>{t("Preview")}</figcaption>
      <div class="preview-page">
        <div class="preview-bubble">
          <p class="preview-text" dir="auto" data-testid="greeting-preview">
            {own || WORDS.offerGreeting}
          </p>
          <p class="preview-actions" aria-hidden="true" dir="auto">
            <span class="preview-accept">{WORDS.offerAccept}</span>
            <span>{WORDS.offerDecline}</span>
          </p>
        </div>
      </div>
      {!own && <p class="field-hint">{t("Left empty, visitors read the widget's own words in their language.")}</p>}
    </figure>
  );
}

import { useState } from "preact/hooks";
import type { Api } from "../api";
import { Segments } from "../looks/fields";
import { t } from "../words";
import { AllCodes } from "./AllCodes";
import { Deliveries } from "./Deliveries";

/** The owner's page of sign-in codes: those on their way to members, and all there are. */
export function CodesView({ api }: { api: Api }) {
  const [view, see] = useState<"deliveries" | "all">("deliveries");
  return (
    <main class="page members">
      <section class="members-list" aria-labelledby="codes-title">
        <header class="members-head codes-head">
          <h1 id="codes-title">{t("Sign-in codes")}</h1>
          <Segments
            name="codes-view"
            label={t("What is shown")}
            value={view}
            options={[
              ["deliveries", t("On their way to members")],
              ["all", t("All codes")],
            ]}
            change={see}
          />
        </header>
        {view === "deliveries" ? <Deliveries api={api} /> : <AllCodes api={api} />}
      </section>
    </main>
  );
}

import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError, type FieldError } from "../api";
import CHANNELS from "../graphql/channels.graphql";
import CREATE from "../graphql/pieceCreate.graphql";
import { Card, Line } from "../settings/fields";
import type { ChannelSettings } from "../types";
import { Button } from "../ui";
import { t } from "../words";
import { KINDS, productId } from "./lists";

type Answer = { livePrintPieceCreate: { piece: { id: string } | null; errors: FieldError[] } };

const EMPTY = { name: "", kind: "CATALOGUE", channel: "", product: "", landingUrl: "", personal: false, until: "" };

/** The form of a piece that is to be printed. */
export function NewPiece({ api, made }: { api: Api; made(id: string): void }) {
  const [form, write] = useState(EMPTY);
  const [channels, list] = useState<ChannelSettings[]>([]);
  const [problems, show] = useState<Partial<Record<string, string>>>({});
  const [busy, work] = useState(false);
  const change = (some: Partial<typeof EMPTY>) => write((before) => ({ ...before, ...some }));

  useEffect(() => {
    void api
      .run<{ liveChannels: ChannelSettings[] }>(CHANNELS)
      .then(({ liveChannels }) => {
        list(liveChannels);
        write((before) => ({ ...before, channel: before.channel || (liveChannels[0]?.channel ?? "") }));
      })
      .catch((error: unknown) => show({ form: error instanceof ApiError ? error.message : t("Something went wrong.") }));
  }, [api]);

  const submit = async () => {
    work(true);
    show({});
    try {
      const { livePrintPieceCreate } = await api.run<Answer>(CREATE, {
        input: {
          name: form.name,
          kind: form.kind,
          channel: form.channel,
          productId: productId(form.product),
          landingUrl: form.landingUrl.trim(),
          personal: form.personal,
          // The day is the last one on which it is valid, where the owner is.
          endsAt: form.until ? new Date(`${form.until}T23:59:59`).toISOString() : null,
        },
      });
      if (livePrintPieceCreate.piece) return made(livePrintPieceCreate.piece.id);
      show(Object.fromEntries(livePrintPieceCreate.errors.map(({ field, message }) => [field ?? "form", message])));
    } catch (error) {
      show({ form: error instanceof ApiError ? error.message : t("Something went wrong.") });
    } finally {
      work(false);
    }
  };

  return (
    <form
      class="channel-form"
      aria-label={t("New piece")}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <header class="savebar">
        <h2 class="savebar-title">{t("New piece")}</h2>
        <p class="savebar-text" role="status">
          {problems.form && <span class="field-problem">{problems.form}</span>}
        </p>
        <Button look="primary" type="submit" disabled={busy}>
          {busy ? t("Saving…") : t("Create")}
        </Button>
      </header>
      <div class="cards">
        <Card title={t("What is printed")} text={t("Who enters its code gets help about this product.")}>
          <Line name="name" label={t("Name")} hint={t("Visitors who enter the code see it.")} mode="text" problem={problems.name} value={form.name} change={(name) => change({ name })} />
          <Pick name="kind" label={t("Kind")} value={form.kind} options={KINDS.map(([value, label]) => [value, label()])} change={(kind) => change({ kind })} />
          <Pick name="channel" label={t("Channel")} value={form.channel} options={channels.map((item) => [item.channel, item.name])} change={(channel) => change({ channel })} />
          <Line
            name="productId"
            label={t("Product")}
            hint={t("Its ID, or the address of its page in the Dashboard.")}
            mode="url"
            problem={problems.productId}
            value={form.product}
            change={(product) => change({ product })}
          />
          <Line
            name="landingUrl"
            label={t("Page that the QR code opens")}
            hint={t("A page of your shop with the widget on it, for example https://shop.example.com/lamp.")}
            mode="url"
            problem={problems.landingUrl}
            value={form.landingUrl}
            change={(landingUrl) => change({ landingUrl })}
          />
        </Card>
        <Card title={t("Codes")} text={t("A personal piece tells the rep to whom it was sent; its codes work once each.")}>
          <Pick
            name="personal"
            label={t("Who has a code")}
            value={form.personal ? "1" : ""}
            options={[
              ["", t("One code for everybody")],
              ["1", t("One for each recipient")],
            ]}
            change={(value) => change({ personal: value === "1" })}
          />
          <div class="field">
            <label class={`input${problems.endsAt ? " input-wrong" : ""}`}>
              <span class="input-label">{t("Valid until (may be left empty)")}</span>
              <span class="input-line">
                <input type="date" name="until" value={form.until} onInput={(event) => change({ until: event.currentTarget.value })} />
              </span>
            </label>
            {problems.endsAt && <p class="field-problem">{problems.endsAt}</p>}
          </div>
        </Card>
      </div>
    </form>
  );
}

function Pick(props: { name: string; label: string; value: string; options: (readonly [string, string])[]; change(value: string): void }) {
  return (
    <div class="field">
      <label class="input">
        <span class="input-label">{props.label}</span>
        <span class="input-line">
          <select name={props.name} value={props.value} onChange={(event) => props.change(event.currentTarget.value)}>
            {props.options.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </span>
      </label>
    </div>
  );
}

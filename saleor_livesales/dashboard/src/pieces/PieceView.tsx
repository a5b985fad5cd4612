import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError, type FieldError } from "../api";
import { count, day, money } from "../format";
import CODES from "../graphql/pieceCodes.graphql";
import DOWNLOAD from "../graphql/pieceDownload.graphql";
import PRINTED from "../graphql/piecePrinted.graphql";
import RECIPIENTS from "../graphql/pieceRecipients.graphql";
import REVOKE from "../graphql/pieceRevoke.graphql";
import { Card } from "../settings/fields";
import type { Connection } from "../types";
import { Button, Chip } from "../ui";
import { t } from "../words";
import { AT_ONCE, bytesOf, type CodeItem, type Piece, RECIPIENTS_LIMIT, recipientsOf, withoutHead } from "./lists";

type Refusable<K extends string, T = object> = Record<K, T & { errors: FieldError[] }>;
type File = { name: string; contentType: string; content: string; after: string | null };

const STATES: Record<string, () => string> = {
  ISSUED: () => t("Can be used"),
  USED: () => t("Used up"),
  EXPIRED: () => t("Expired"),
  REVOKED: () => t("Revoked"),
};

/** One printed piece: what came of it, its files, and its end. */
export function PieceView({ api, piece, changed }: { api: Api; piece: Piece; changed(): void }) {
  const [codes, list] = useState<Connection<CodeItem> | null>(null);
  const [problem, complain] = useState("");
  const [told, tell] = useState("");
  const [busy, work] = useState(false);
  const [asking, ask] = useState<"printed" | "revoke" | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const open = piece.state === "ACTIVE" && !piece.printedAt;

  useEffect(() => {
    let gone = false;
    api
      .run<{ liveSignInCodes: Connection<CodeItem> }>(CODES, { filter: { piece: piece.id } })
      .then(({ liveSignInCodes }) => gone || list(liveSignInCodes))
      .catch((error: unknown) => gone || complain(error instanceof ApiError ? error.message : t("Something went wrong.")));
    return () => {
      gone = true;
    };
  }, [api, piece]);

  /** Runs one thing at a time; what was refused is told. */
  const run = async (act: () => Promise<void>) => {
    work(true);
    complain("");
    tell("");
    try {
      await act();
    } catch (error) {
      complain(error instanceof Error ? error.message : t("Something went wrong."));
    } finally {
      work(false);
      ask(null);
    }
  };

  const send = async <K extends string, T>(document: string, name: K, variables: Record<string, unknown>): Promise<T> => {
    const payload = (await api.run<Refusable<K, T & object>>(document, variables))[name];
    if (payload.errors[0]) throw new Error(payload.errors[0].message);
    return payload;
  };

  const download = (format: string) =>
    run(async () => {
      const parts: Uint8Array[] = [];
      let after: string | null = null;
      let found: File;
      do {
        ({ file: found } = await send<"livePrintPieceDownload", { file: File }>(DOWNLOAD, "livePrintPieceDownload", { id: piece.id, format, after }));
        const bytes = bytesOf(found.content);
        parts.push(after === null ? bytes : withoutHead(bytes));
        ({ after } = found);
      } while (after !== null);
      const address = URL.createObjectURL(new Blob(parts as BlobPart[], { type: found.contentType }));
      Object.assign(document.createElement("a"), { href: address, download: found.name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    });

  const add = (chosen: globalThis.File) =>
    run(async () => {
      const recipients = recipientsOf(await chosen.text());
      if (!recipients.length) throw new Error(t("There is no recipient in this file."));
      if (recipients.length > RECIPIENTS_LIMIT) throw new Error(t("A piece has at most {count} recipients.", { count: count(RECIPIENTS_LIMIT) }));
      let added = 0;
      for (let start = 0; start < recipients.length; start += AT_ONCE) {
        const part = recipients.slice(start, start + AT_ONCE);
        const payload = await send<"livePrintPieceRecipientsAdd", { added: number }>(RECIPIENTS, "livePrintPieceRecipientsAdd", { id: piece.id, recipients: part });
        added += payload.added;
        tell(t("{done} of {all} recipients", { done: count(start + part.length), all: count(recipients.length) }));
      }
      tell(t("{count} recipients got a code.", { count: count(added) }));
      changed();
    });

  const end = () =>
    run(async () => {
      await (asking === "printed" ? send(PRINTED, "livePrintPiecePrinted", { id: piece.id }) : send(REVOKE, "livePrintPieceRevoke", { id: piece.id }));
      changed();
    });

  return (
    <section class="channel-form" aria-label={piece.name}>
      <header class="savebar">
        <h2 class="savebar-title">
          <bdi>{piece.name}</bdi>
        </h2>
        <p class="savebar-text" role="status">
          {problem ? <span class="field-problem">{problem}</span> : told}
        </p>
        {open && (
          <Button disabled={busy} onClick={() => ask("printed")}>
            {t("Mark as printed")}
          </Button>
        )}
        {piece.state === "ACTIVE" && (
          <Button disabled={busy} onClick={() => ask("revoke")}>
            {t("Revoke")}
          </Button>
        )}
      </header>
      {asking && (
        <div class="confirm" role="alertdialog" aria-label={asking === "printed" ? t("Mark as printed") : t("Revoke")}>
          <p>
            {asking === "printed"
              ? t("From then on nobody can read or download its codes any more, for good. Have you got all files?")
              : t("All its codes stop working at once, also for those who entered one already. This can't be undone.")}
          </p>
          <div class="confirm-tools">
            <Button small look="critical" disabled={busy} ref={focused} onClick={() => void end()}>
              {asking === "printed" ? t("It is printed") : t("Revoke all codes")}
            </Button>
            <Button small look="tertiary" onClick={() => ask(null)}>
              {t("Cancel")}
            </Button>
          </div>
        </div>
      )}
      <div class="cards">
        <Card title={t("What came of it")} text={t("Sessions and paid orders count that began within seven days after the code was entered. An order counts for the piece whose code came last.")}>
          <dl class="facts">
            <Fact name={t("Product")} value={piece.product?.name ?? t("Not sold any more")} />
            <Fact name={t("Channel")} value={piece.channel} />
            <Fact name={t("Valid")} value={piece.endsAt ? `${day(piece.startsAt)} – ${day(piece.endsAt)}` : t("Since {day}", { day: day(piece.startsAt) })} />
            <Fact name={t("Codes")} value={count(piece.counts.codes)} />
            <Fact name={t("Visitors who entered one")} value={count(piece.counts.redemptions)} />
            <Fact name={t("Sessions")} value={count(piece.counts.sessions)} />
            <Fact name={t("Orders")} value={count(piece.counts.orders)} />
            <Fact name={t("Income")} value={piece.counts.income ? money(piece.counts.income) : "–"} />
          </dl>
        </Card>
        <Card title={t("Files for the printer")} text={t("They hold codes that work. Keep them as you keep a secret.")}>
          {!open && (
            <p>{piece.printedAt ? t("Printed on {day}. Nobody can read its codes any more.", { day: day(piece.printedAt) }) : t("This piece is revoked.")}</p>
          )}
          {open && piece.personal && (
            <div class="field">
              <input
                ref={file}
                class="hidden"
                type="file"
                accept=".csv,text/csv,text/plain"
                aria-label={t("File with recipients")}
                tabIndex={-1}
                onChange={(event) => {
                  const [first] = event.currentTarget.files ?? [];
                  if (first) void add(first);
                  event.currentTarget.value = "";
                }}
              />
              <Button disabled={busy} onClick={() => file.current?.click()}>
                {t("Add recipients from a CSV file")}
              </Button>
              <p class="field-hint">{t("One line each: your reference, then the name. A reference that is there already gets no second code.")}</p>
            </div>
          )}
          {open && (
            <div class="pieces-files">
              {(piece.personal ? ["CSV"] : ["SVG", "PNG", "PDF", "CSV"]).map((format) => (
                <Button key={format} disabled={busy || piece.counts.codes === 0} onClick={() => void download(format)}>
                  {format === "CSV" ? t("List (CSV)") : t("QR code ({format})", { format })}
                </Button>
              ))}
            </div>
          )}
        </Card>
        <Card title={t("Codes")} text={t("Only the last two characters can be seen.")}>
          {codes && codes.edges.length === 0 && <p class="field-hint">{t("There are no codes yet. Add recipients.")}</p>}
          {codes && codes.edges.length > 0 && (
            <table class="pieces-codes">
              <thead>
                <tr>
                  <th scope="col">{t("Code")}</th>
                  <th scope="col">{t("Recipient")}</th>
                  <th scope="col">{t("Used")}</th>
                  <th scope="col">{t("State")}</th>
                </tr>
              </thead>
              <tbody>
                {codes.edges.map(({ node }) => (
                  <tr key={node.id}>
                    <td><bdi dir="ltr">{node.masked}</bdi></td>
                    <td>
                      <bdi>{node.recipient ? node.recipient.name || node.recipient.reference : t("Everybody")}</bdi>
                    </td>
                    <td>{count(node.uses)}</td>
                    <td>
                      <Chip tone={node.state === "ISSUED" ? "success" : node.state === "REVOKED" ? "critical" : undefined}>{STATES[node.state]?.() ?? node.state}</Chip>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {codes && (codes.totalCount ?? 0) > codes.edges.length && (
            <p class="field-hint">{t("and {count} more", { count: count((codes.totalCount ?? 0) - codes.edges.length) })}</p>
          )}
        </Card>
      </div>
    </section>
  );
}

function focused(button: HTMLButtonElement | null) {
  button?.focus();
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

import { useEffect, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import PIECES from "../graphql/pieces.graphql";
import type { Connection } from "../types";
import { Blank, Button, Chip, Skeleton } from "../ui";
import { t } from "../words";
import type { Piece } from "./lists";
import { NewPiece } from "./NewPiece";
import { PieceView } from "./PieceView";

type Loaded = { pieces: Piece[]; more: string | null } | { forbidden: boolean; problem: string } | null;
type Answer = { livePrintPieces: Connection<Piece> & { pageInfo: { hasNextPage: boolean; endCursor: string | null } } };

const PAGE = 50;

/** The owner's page of printed pieces. */
export function PiecesView({ api }: { api: Api }) {
  const [loaded, put] = useState<Loaded>(null);
  const [chosen, choose] = useState<string | null>(null); // null: a new one

  const load = async (after: string | null = null, before: Piece[] = []) => {
    try {
      const { livePrintPieces } = await api.run<Answer>(PIECES, { first: PAGE, after });
      const { hasNextPage, endCursor } = livePrintPieces.pageInfo;
      const pieces = [...before, ...livePrintPieces.edges.map(({ node }) => node)];
      put({ pieces, more: hasNextPage ? endCursor : null });
      return pieces;
    } catch (error) {
      const told = error instanceof ApiError ? error : new ApiError("server", t("Something went wrong."));
      put({ forbidden: told.kind === "permission", problem: told.message });
      return [];
    }
  };
  useEffect(() => void load().then((pieces) => choose(pieces[0]?.id ?? null)), [api]);

  if (loaded === null) {
    return (
      <main class="page page-blank">
        <Skeleton rows={8} />
      </main>
    );
  }
  if ("problem" in loaded) {
    return (
      <main class="page page-blank">
        {loaded.forbidden ? (
          <Blank title={t("You can't see printed pieces")} text={t("Ask an administrator for the permission “Manage live sales”.")} />
        ) : (
          <Blank title={t("The printed pieces could not be loaded")} text={loaded.problem}>
            <Button
              look="primary"
              onClick={() => {
                put(null);
                void load();
              }}
            >
              {t("Try again")}
            </Button>
          </Blank>
        )}
      </main>
    );
  }
  const { pieces, more } = loaded;
  const piece = pieces.find(({ id }) => id === chosen);
  return (
    <main class="page settings">
      <h1 class="hidden">{t("Printed pieces")}</h1>
      <nav class="channels" aria-label={t("Printed pieces")}>
        <div class="pieces-new">
          <Button look="primary" aria-current={piece ? undefined : "true"} onClick={() => choose(null)}>
            {t("New piece")}
          </Button>
        </div>
        {pieces.map((item) => (
          <button key={item.id} type="button" class="channel" aria-current={item === piece ? "true" : undefined} onClick={() => choose(item.id)}>
            <bdi class="channel-name">{item.name}</bdi>
            <Chip tone={item.state === "REVOKED" ? "critical" : item.printedAt ? "success" : undefined}>
              {item.state === "REVOKED" ? t("Revoked") : item.printedAt ? t("Printed") : t("Not printed")}
            </Chip>
          </button>
        ))}
        {pieces.length === 0 && <p class="pieces-none">{t("Nothing was printed yet.")}</p>}
        {more && (
          <Button small look="tertiary" onClick={() => void load(more, pieces)}>
            {t("Show more")}
          </Button>
        )}
      </nav>
      {piece ? (
        <PieceView key={piece.id} api={api} piece={piece} changed={() => void load()} />
      ) : (
        <NewPiece
          api={api}
          made={(id) => {
            void load().then(() => choose(id));
          }}
        />
      )}
    </main>
  );
}

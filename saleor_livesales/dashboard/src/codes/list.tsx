import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Api, ApiError } from "../api";
import { count } from "../format";
import type { Connection } from "../types";
import { Blank, Button, Skeleton } from "../ui";
import { t } from "../words";

const PAGE = 50;

type Page<T> = Connection<T> & { totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string | null } };

interface Shown<T> {
  rows: T[];
  total: number;
  after: string | null;
}

/** A list that is asked for page by page, anew whenever `variables` change. */
export function useList<T>(api: Api, document: string, variables: Record<string, unknown>) {
  const [shown, put] = useState<Shown<T> | null>(null);
  const [failure, fail] = useState<ApiError | null>(null);
  const asked = useRef(0);
  const load = async (after: string | null = null) => {
    const mine = ++asked.current;
    try {
      const found = Object.values(await api.run<Record<string, Page<T>>>(document, { first: PAGE, after, ...variables }))[0]!;
      if (mine !== asked.current) return; // something else was asked for meanwhile
      const fresh = found.edges.map(({ node }) => node);
      put((before) => ({
        rows: after ? [...(before?.rows ?? []), ...fresh] : fresh,
        total: found.totalCount,
        after: found.pageInfo.hasNextPage ? found.pageInfo.endCursor : null,
      }));
      fail(null);
    } catch (error) {
      if (mine === asked.current) fail(error instanceof ApiError ? error : new ApiError("server", t("Something went wrong.")));
    }
  };
  useEffect(() => void load(), [api, JSON.stringify(variables)]);
  return { shown, failure, load };
}

interface ListProps<T> {
  list: ReturnType<typeof useList<T>>;
  columns: readonly string[];
  empty: { title: string; text?: string };
  row(row: T): ComponentChildren;
}

/** Its table, with a last column for what may be done, or what stands in its place. */
export function List<T>({ list: { shown, failure, load }, columns, empty, row }: ListProps<T>) {
  if (failure && !shown) {
    return failure.kind === "permission" ? (
      <Blank title={t("You can't see sign-in codes")} text={t("Ask an administrator for the permission “Manage live sales”.")} />
    ) : (
      <Blank title={t("The sign-in codes could not be loaded")} text={failure.message}>
        <Button look="primary" onClick={() => void load()}>
          {t("Try again")}
        </Button>
      </Blank>
    );
  }
  if (!shown) return <Skeleton rows={6} />;
  return (
    <>
      {failure && (
        <p class="inline-problem" role="alert">
          {failure.message}
        </p>
      )}
      <div class="members-rows">
        {shown.rows.length === 0 ? (
          <Blank {...empty} />
        ) : (
          <>
            <table class="members-table">
              <thead>
                <tr>
                  {columns.map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                  <th scope="col">
                    <span class="hidden">{t("Actions")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>{shown.rows.map(row)}</tbody>
            </table>
            <p class="members-foot">
              {t("{shown} of {total}", { shown: count(shown.rows.length), total: count(shown.total) })}{" "}
              {shown.after && (
                <Button small onClick={() => void load(shown.after)}>
                  {t("Show more")}
                </Button>
              )}
            </p>
          </>
        )}
      </div>
    </>
  );
}

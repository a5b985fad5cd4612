import { useState } from "preact/hooks";
import { type Api, ApiError, type FieldError } from "../api";
import { t } from "../words";

/** Runs mutations: what the API refuses is kept by field, the rest is one sentence. */
export function useAct(api: Api, fields: readonly string[]) {
  const [busy, wait] = useState(false);
  const [problems, show] = useState<Readonly<Record<string, string>>>({});
  const [failure, fail] = useState("");

  /** Whether it was done. */
  const act = async (document: string, variables: Record<string, unknown>): Promise<boolean> => {
    const periods = variables.periods;
    if (periods !== undefined && !Number.isInteger(periods)) {
      show({ periods: t("Enter a whole number.") });
      return false;
    }
    wait(true);
    show({});
    fail("");
    try {
      const answer = await api.run<Record<string, { errors: FieldError[] }>>(document, variables);
      const errors = Object.values(answer)[0]?.errors ?? [];
      show(Object.fromEntries(errors.filter(({ field }) => fields.includes(field ?? "")).map(({ field, message }) => [field, message])));
      fail(errors.find(({ field }) => !fields.includes(field ?? ""))?.message ?? "");
      return !errors.length;
    } catch (error) {
      fail(error instanceof ApiError ? error.message : t("Something went wrong. Try again."));
      return false;
    } finally {
      wait(false);
    }
  };
  return { act, busy, problems, failure };
}

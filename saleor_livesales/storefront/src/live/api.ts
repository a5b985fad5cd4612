// GraphQL over fetch. A refusal in a payload's `errors` becomes an ApiError, so that callers read results alone.

/** `code` is one of LiveSalesErrorCode, or UNREACHABLE when no answer came, or GRAPHQL for a malformed request. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly field: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

interface Refusal {
  field: string | null;
  message: string;
  code: string;
}

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions?: { exception?: { code?: string }; code?: string } }[];
}

/** Runs a document and gives its `data`. Raises ApiError for what the server refuses and when it can't be reached. */
export async function ask<T>(api: string, query: string, variables: object, accessToken?: string | null): Promise<T> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (accessToken) headers["Authorization"] = `Bearer ${accessToken}`;
  let answer: Answer;
  try {
    const response = await fetch(api, { method: "POST", headers, body: JSON.stringify({ query, variables }), credentials: "omit" });
    answer = (await response.json()) as Answer;
  } catch (error) {
    throw new ApiError("UNREACHABLE", String(error));
  }
  const [failure] = answer.errors ?? [];
  if (failure) {
    throw new ApiError(failure.extensions?.exception?.code ?? failure.extensions?.code ?? "GRAPHQL", failure.message);
  }
  for (const payload of Object.values(answer.data ?? {})) {
    const [refusal] = (payload as { errors?: Refusal[] } | null)?.errors ?? [];
    if (refusal) throw new ApiError(refusal.code, refusal.message, refusal.field);
  }
  return answer.data as T;
}

// A GraphQL operation with a file, as a multipart request. By XMLHttpRequest: fetch does not tell how far a body has gone.
// https://github.com/jaydenseric/graphql-multipart-request-spec

/** Why nothing came of it: `code` is one of LiveSalesErrorCode, or UNREACHABLE where no answer came. */
export interface Sent {
  code?: string;
  message?: string;
}

export interface Upload {
  api: string;
  query: string;
  /** `input.image` is null in them: the file takes its place. */
  variables: object;
  file: Blob;
  accessToken?: string;
  /** Called with the part of it that has gone, from 0 to 1. */
  progress(part: number): void;
  signal: AbortSignal;
}

interface Refusal {
  code: string;
  message: string;
}

interface Answer {
  data?: Record<string, { errors?: Refusal[] } | null> | null;
  errors?: { message: string; extensions?: { exception?: { code?: string }; code?: string } }[];
}

/** The answer's `data`. Rejects with `Sent` for what the server refuses, and when it can't be reached. */
export function upload<T>({ api, query, variables, file, accessToken, progress, signal }: Upload): Promise<T> {
  return new Promise((resolve, reject) => {
    const refuse = (code: string, message = ""): void => reject({ code, message } satisfies Sent);
    const form = new FormData();
    form.append("operations", JSON.stringify({ query, variables }));
    form.append("map", '{"0":["variables.input.image"]}');
    form.append("0", file, "picture"); // what it was called is nobody's business
    const request = new XMLHttpRequest();
    request.open("POST", api);
    if (accessToken) request.setRequestHeader("Authorization", `Bearer ${accessToken}`);
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0));
    request.addEventListener("error", () => refuse("UNREACHABLE"));
    request.addEventListener("abort", () => refuse("UNREACHABLE"));
    request.addEventListener("load", () => {
      let answer: Answer;
      try {
        answer = JSON.parse(request.responseText) as Answer;
      } catch {
        return refuse(request.status === 413 ? "TOO_LARGE" : "UNREACHABLE"); // a proxy's own page
      }
      const [failure] = answer.errors ?? [];
      if (failure) return refuse(failure.extensions?.exception?.code ?? failure.extensions?.code ?? "GRAPHQL", failure.message);
      for (const payload of Object.values(answer.data ?? {})) {
        const [refusal] = payload?.errors ?? [];
        if (refusal) return refuse(refusal.code, refusal.message);
      }
      resolve(answer.data as T);
    });
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

import type { z } from "zod";
import type { Problem, Row } from "@/lib/http/row";

export const API_PREFIX = "/api/v1";

/** What the native API answers when it refuses, for pages to show. `status` 0: the core did not answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null,
    readonly retryAfterSeconds: number | null = null,
    /** Of the two-person request that waits for a second person. */
    readonly agreementId: string | null = null,
    /** The engine's short word for why. */
    readonly detail: string | null = null,
  ) {
    super(message);
  }
}

/** Asks the person for a proof of being there; false: they would rather not. */
type AskForProof = () => Promise<boolean>;
let askForProof: AskForProof | null = null;

/** The page that can ask says so here, and takes it back when it goes. */
export function setAskForProof(ask: AskForProof | null): void {
  askForProof = ask;
}

/** Does the call; where the core wants a proof first, asks for it and does the call once more. */
export async function withProof<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const wanted = error instanceof ApiError && error.code === "step_up_required" && error.detail === "prove";
    if (!wanted || !askForProof) throw error;
    if (await askForProof()) return call();
    throw new ApiError(403, "step_up_declined", "Nothing was done: you did not prove that it is you.", null);
  }
}

/** Calls one row of the native API from the browser and parses the answer by the row. */
export function callAdmin<I extends z.ZodType, O extends z.ZodType>(
  row: Row<I, O>,
  input: z.input<I>,
  signal?: AbortSignal,
): Promise<z.output<O>> {
  return withProof(() => callOnce(row, input, signal));
}

async function callOnce<I extends z.ZodType, O extends z.ZodType>(
  row: Row<I, O>,
  input: z.input<I>,
  signal?: AbortSignal,
): Promise<z.output<O>> {
  const { url, body } = toRequest(row, (input ?? {}) as Record<string, unknown>);
  const headers: HeadersInit = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(url, { method: row.method, body, headers, signal, credentials: "same-origin" }).catch(
    (error: unknown) => {
      if (signal?.aborted) throw error;
      throw new ApiError(0, "unavailable", "This core does not answer. Is it still running?", null);
    },
  );
  if (!response.ok) throw await toApiError(response);
  return row.output.parse(await response.json());
}

/** Splits an input into path parts, then query (GET, DELETE) or JSON body (others). */
export function toRequest(row: Row, input: Record<string, unknown>): { url: string; body?: string } {
  const rest = { ...input };
  const path = row.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  if (row.method !== "GET" && row.method !== "DELETE") return { url: API_PREFIX + path, body: JSON.stringify(rest) };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest))
    if (value !== undefined && value !== null) query.set(name, String(value));
  return { url: `${API_PREFIX}${path}${query.size > 0 ? `?${query}` : ""}` };
}

/** A refusal of the native API as an error. */
export async function toApiError(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  const retryAfter = Number(response.headers.get("retry-after"));
  return new ApiError(
    response.status,
    problem?.code ?? "internal",
    problem?.title ?? `This core answered ${response.status}.`,
    problem?.requestId ?? response.headers.get("x-request-id"),
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
    problem?.agreementId ?? null,
    problem?.detail ?? null,
  );
}

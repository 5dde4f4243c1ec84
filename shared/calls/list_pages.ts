import { type ApiCall, type Schema, valueOf } from "./bitbucket_call.ts";
import type { BoundSend } from "./bitbucket_http.ts";

/** One page of a list, as Bitbucket gives it. */
export interface Page<T> {
  readonly values: readonly T[];
  readonly next?: string | null | undefined;
}

/** The most pages read of one list; guards against a list that never ends. */
const MOST_PAGES = 100;

/**
 * All members of a list, over all its pages, a hundred at a time (Bitbucket's most). Of the next page's address only
 * the query is used: so credentials go to no other place, and an API behind a mirror works too.
 */
export async function listPages<T>(
  send: BoundSend,
  call: Omit<ApiCall<Page<T>>, "schema">,
  page: Schema<Page<T>>,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const found: T[] = [];
  let query: string | undefined = "?pagelen=100";
  for (let count = 0; query !== undefined && count < MOST_PAGES; count++) {
    const { values, next } = valueOf(await send({ ...call, url: call.url + query, schema: page }, signal));
    found.push(...values);
    query = nextQuery(next, query);
  }
  return found;
}

function nextQuery(next: string | null | undefined, current: string): string | undefined {
  if (!next || !URL.canParse(next, "https://localhost")) return undefined;
  const query = new URL(next, "https://localhost").search;
  return query === "" || query === current ? undefined : query;
}

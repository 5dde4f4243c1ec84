import { type ApiCall, type Schema, valueOf } from "./bitbucket_call.ts";
import type { BoundSend } from "./bitbucket_http.ts";

/** One page of a list, as Bitbucket gives it. */
export interface Page<T> {
  readonly values: readonly T[];
  readonly next?: string | null | undefined;
}

/** The most pages read of one list, which may never end: those of a hundred runners, in pages of ten, with room. */
const MOST_PAGES = 20;
/** In characters; an address that is longer is none. */
const LONGEST_QUERY = 2000;

/**
 * All members of a list, over all its pages, a hundred at a time (Bitbucket's most). Of the next page's address only
 * the query is used: so credentials go to no other place, and an API behind a mirror works too. A list that goes on
 * after `MOST_PAGES`, or leads back to a page of its own, ends there.
 */
export async function listPages<T>(
  send: BoundSend,
  call: Omit<ApiCall<Page<T>>, "schema">,
  page: Schema<Page<T>>,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const found: T[] = [];
  const read = new Set<string>();
  for (let query: string | undefined = "?pagelen=100"; query !== undefined && read.size < MOST_PAGES;) {
    read.add(query);
    const { values, next } = valueOf(await send({ ...call, url: call.url + query, schema: page }, signal));
    found.push(...values);
    query = nextQuery(next, read);
  }
  return found;
}

function nextQuery(next: string | null | undefined, read: ReadonlySet<string>): string | undefined {
  if (!next || !URL.canParse(next, "https://localhost")) return undefined;
  const query = new URL(next, "https://localhost").search;
  return query === "" || query.length > LONGEST_QUERY || read.has(query) ? undefined : query;
}

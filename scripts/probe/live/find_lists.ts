import type { Answer } from "../../../shared/calls/bitbucket_call.ts";
import type { Findings } from "../judge/findings.ts";
import { type Limit, nextToTry, PAGE_LENGTHS } from "../judge/limit_search.ts";
import { bodyOf } from "../judge/read_answer.ts";
import type { Probe } from "./probe.ts";

/** How long pages of a list are, how one leads to the next, and what there is for a runner that is not. */
export async function findLists(probe: Probe): Promise<Partial<Findings>> {
  const { client, urls, runners, signal } = probe;
  const { next } = bodyOf<{ next: string }>(await readPage(probe, 1));
  const unknown = urls.runners(`{${crypto.randomUUID()}}`);
  const { status } = await client.send({ name: "get runner", method: "GET", url: unknown }, signal);
  const pageLength = await findPageLength(probe);
  return {
    missingRunner: status,
    ...(runners.known.length > 1 ? { hasNext: next !== undefined } : {}),
    ...(pageLength === undefined ? {} : { pageLength }),
  };
}

async function findPageLength(probe: Probe): Promise<Limit | undefined> {
  let found: Limit = { taken: 1, refused: null };
  for (let length; (length = nextToTry(PAGE_LENGTHS, found)) !== undefined;) {
    const answer = await readPage(probe, length);
    const { pagelen } = bodyOf<{ pagelen: number }>(answer);
    if (answer.status === 400) found = { ...found, refused: length };
    else if (pagelen === undefined) return undefined;
    else if (pagelen < length) return { taken: pagelen, refused: length };
    else found = { ...found, taken: length };
  }
  return found;
}

/** The first page of the repository's runners, of the length asked for. */
export function readPage({ client, urls, signal }: Probe, length: number): Promise<Answer> {
  const url = `${urls.runners()}?pagelen=${length}`;
  return client.send({ name: "list runners", method: "GET", url }, signal);
}

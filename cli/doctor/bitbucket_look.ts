import { createBitbucket } from "../../shared/bitbucket/bitbucket_client.ts";
import { readJson } from "../../shared/calls/bitbucket_answer.ts";
import type { Runner } from "../../shared/calls/bitbucket_schema.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import type { BitbucketCredentials } from "../../shared/settings/bitbucket_settings.ts";
import { type Answer, ask } from "./answer.ts";

/** What Bitbucket answers to credentials of its, as far as reading alone can tell. */
export interface BitbucketLook {
  readonly runners: Answer<readonly Runner[]>;
  readonly pipelines: Answer<unknown>;
  /** What the credentials may, where Bitbucket has said so. */
  readonly scopes: readonly string[] | undefined;
  /** How far this machine's clock is ahead of Bitbucket's, in milliseconds; undefined where it has not answered. */
  readonly aheadMs: number | undefined;
}

/** Whom to ask, about which repository. */
export interface BitbucketQuestion {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly credentials: BitbucketCredentials;
  readonly workspaceUuid: string;
  readonly repositoryUuid: string;
  readonly apiTimeoutS: number;
}

/** Asks what a runner's agent asks, and changes nothing: three requests at most, if nothing has to be repeated. */
export async function lookAtBitbucket(
  host: Host,
  question: BitbucketQuestion & { readonly log: Logger },
  signal: AbortSignal,
): Promise<BitbucketLook> {
  const heard = new Ear(host, question.tokenUrl);
  const bitbucket = createBitbucket({ ...host, fetch: heard.fetch }, question);
  // One after the other: refused credentials need not be refused twice, and a token is asked for once.
  const runners = await ask(signal, () => bitbucket.listRunners({ signal }));
  const pipelines = await ask(signal, () => bitbucket.listUnfinishedPipelines({ signal }));
  const { scopes, answered } = heard;
  return { runners, pipelines, scopes, aheadMs: answered ? host.now() - bitbucket.serverNow() : undefined };
}

/** Listens to what answers say beside what was asked for: scopes stand in a header, or in the answer with the token. */
class Ear {
  scopes: readonly string[] | undefined;
  answered = false;
  readonly fetch: typeof fetch;

  constructor(host: Pick<Host, "fetch">, tokenUrl: string) {
    this.fetch = async (input, init) => {
      const response = await host.fetch(input, init);
      this.answered = true;
      const address = input instanceof Request ? input.url : String(input);
      const header = response.headers.get("x-oauth-scopes");
      if (header !== null) this.scopes = words(header);
      else if (response.ok && address.startsWith(tokenUrl)) this.scopes ??= await scopesIn(response);
      return response;
    };
  }
}

async function scopesIn(response: Response): Promise<string[] | undefined> {
  const body = readJson(await response.clone().text().catch(() => ""));
  const { scope, scopes } = (body.ok && typeof body.value === "object" ? body.value ?? {} : {}) as Record<
    string,
    unknown
  >;
  const said = scope ?? scopes;
  return typeof said === "string" ? words(said) : undefined;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

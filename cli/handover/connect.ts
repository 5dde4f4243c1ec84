import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { BitbucketCredentials } from "../../shared/settings/bitbucket_settings.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import type { StartConfig } from "../options/start_config.ts";

/** Whose Bitbucket it is about, and who tells of it. */
export interface ConnectContext {
  readonly host: Host;
  readonly log: Logger;
  readonly config: StartConfig;
}

/** Bitbucket as the step's credentials see it; loaded only where it is needed, since most starts never need it. */
export async function connectBitbucket(
  { host, log, config }: ConnectContext,
  credentials: BitbucketCredentials,
): Promise<Bitbucket> {
  const { createBitbucket } = await import("../../shared/bitbucket/bitbucket_client.ts");
  return createBitbucket(host, {
    apiUrl: config.apiUrl,
    tokenUrl: config.tokenUrl,
    credentials,
    workspace: config.workspaceUuid,
    repository: config.repositoryUuid,
    timeoutMs: config.apiTimeoutS * 1000,
    log,
  });
}

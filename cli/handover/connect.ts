import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { BitbucketCredentials } from "../../shared/settings/bitbucket_settings.ts";
import type { StartContext } from "../aws/aws_session.ts";

/** Bitbucket as the step's credentials see it; loaded only where it is needed, since most starts never need it. */
export async function connectBitbucket(
  { host, log, config }: Pick<StartContext, "host" | "log" | "config">,
  credentials: BitbucketCredentials,
): Promise<Bitbucket> {
  const { createBitbucket } = await import("../../shared/bitbucket/bitbucket_client.ts");
  return createBitbucket(host, { ...config, credentials, log });
}

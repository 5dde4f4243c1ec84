import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { BitbucketCredentials } from "../../shared/settings/bitbucket_settings.ts";
import type { StartContext } from "../aws/aws_session.ts";

/** Where Bitbucket is, and which repository is meant. */
export type BitbucketAccess = Pick<
  StartContext["config"],
  "apiUrl" | "tokenUrl" | "apiTimeoutS" | "workspaceUuid" | "repositoryUuid"
>;

/** Bitbucket as the step's credentials see it; loaded only where it is needed, since most starts never need it. */
export async function connectBitbucket(
  { host, log, config }: Pick<StartContext, "host" | "log"> & { readonly config: BitbucketAccess },
  credentials: BitbucketCredentials,
): Promise<Bitbucket> {
  const { createBitbucket } = await import("../../shared/bitbucket/bitbucket_client.ts");
  return createBitbucket(host, { ...config, credentials, log });
}

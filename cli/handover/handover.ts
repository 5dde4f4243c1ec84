import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { writeIdentities } from "../../shared/settings/runner_identity.ts";
import type { StartContext } from "../aws/aws_session.ts";
import type { BuildVariable } from "../options/build_variables.ts";
import { choiceLine, tokenWarning } from "../options/credentials_mode.ts";
import { connectBitbucket } from "./connect.ts";
import type { RegisteredRunners } from "./registered_runners.ts";

/** For runners that are of no use, in milliseconds. */
const REMOVAL_MS = 10_000;

/** What the build gets that is secret, and its runners if they are registered already. */
export interface Handover {
  readonly variables: readonly BuildVariable[];
  readonly runners?: RegisteredRunners;
}

/** Tells which mode of credentials it is, and what is amiss with it. */
export function tellMode({ log, config }: Pick<StartContext, "log" | "config">): void {
  const { warning, line } = choiceLine(config.choice, config.runners);
  if (warning) log.warning(line);
  else log.info(line);
  const short = tokenWarning(config.choice, config.timeoutMinutes);
  if (short !== undefined) log.warning(short);
}

/**
 * Gets together what the mode of credentials hands on to the build, sealed where a key is given. `bitbucket` is what has been connected to already. Rejects as Bitbucket and KMS do; runners it has registered are removed again then.
 */
export async function prepareHandover(
  context: StartContext,
  bitbucket: Bitbucket | undefined,
): Promise<Handover> {
  const collected = await collect(context, bitbucket);
  try {
    return { ...collected, variables: await sealed(context, collected.variables) };
  } catch (error) {
    await collected.runners?.remove("ended", REMOVAL_MS);
    throw error;
  }
}

async function collect(context: StartContext, known: Bitbucket | undefined): Promise<Handover> {
  const { config: { choice, credentials, credentialVariables }, signal } = context;
  if (credentials === undefined) return { variables: [] };
  const connected = async () => known ?? await connectBitbucket(context, credentials);
  switch (choice.mode) {
    case "secret":
      return { variables: credentialVariables };
    case "token":
      return { variables: [await shortLivedToken(await connected(), signal)] };
    case "project":
      return { variables: [] };
    case "runner":
      return await ownRunners(context, await connected());
  }
}

async function shortLivedToken(bitbucket: Bitbucket, signal: AbortSignal): Promise<BuildVariable> {
  const { accessToken } = await bitbucket.accessToken({ signal });
  return { name: "BITBUCKET_ACCESS_TOKEN", value: accessToken, type: "PLAINTEXT" };
}

async function ownRunners(context: StartContext, bitbucket: Bitbucket): Promise<Handover> {
  const { registerRunners } = await import("./registered_runners.ts");
  const runners = await registerRunners(context, bitbucket);
  const variables = writeIdentities(runners.identities).map((one): BuildVariable => ({
    ...one,
    type: "PLAINTEXT",
  }));
  return { runners, variables };
}

/** All secrets in one variable that only the build's role can open, where there is a key for it. */
async function sealed(
  { session, config, signal }: StartContext,
  secrets: readonly BuildVariable[],
): Promise<readonly BuildVariable[]> {
  const { kmsKey } = config.choice;
  if (kmsKey === undefined || secrets.length === 0) return secrets;
  const { workspaceUuid: workspace, repositoryUuid: repository, pipelineUuid: pipeline } = config;
  const as = { ...config, keyId: kmsKey, context: { workspace, repository, pipeline } };
  const { sealVariables } = await import("./seal_variables.ts");
  return [await sealVariables(secrets, { session, as, signal })];
}

import { ApiError } from "../../shared/program/errors.ts";
import type { RunnerIdentity } from "../../shared/settings/runner_identity.ts";
import type { Sweep } from "../../shared/leftovers/sweep.ts";
import type { AgentState } from "../settings/agent_schema.ts";
import type { RunnerDeps } from "./phase.ts";
import { beginSweep } from "./sweep.ts";

/** What a runner is towards Atlassian, whoever has registered it. */
export type Identity = Pick<RunnerIdentity, "uuid" | "clientId" | "clientSecret">;

/**
 * Registers the runner. Bitbucket answers 400 also where a repository or workspace has its hundred runners: some may be a
 * dead build's, so that they are removed before a second try. Rejects as Bitbucket does.
 */
export async function registerRunner(
  deps: RunnerDeps,
  { name, labels }: Pick<AgentState, "name" | "labels">,
  sweep: Sweep,
): Promise<Identity> {
  const { bitbucket, log, signal } = deps;
  signal.throwIfAborted();
  log.info(`Registering runner ${name} with labels ${labels.join(", ")}`, { runner: name });
  const create = async () => {
    const { uuid, oauth_client } = await bitbucket.createRunner({ name, labels }, { signal });
    return { uuid, clientId: oauth_client.id, clientSecret: oauth_client.secret };
  };
  try {
    return await create();
  } catch (error) {
    if (!speaksOfLimit(error)) throw error;
    log.warning(`${error.message}; trying once more when leftovers of earlier builds are removed`);
    await sweep.end(0);
    await beginSweep(deps, "look twice").done;
    return await create().catch((error) => limitReached(deps, error));
  }
}

/** The other meaning of 400 is a name or labels that Bitbucket does not take; its words for either are not documented. */
function speaksOfLimit(error: unknown): error is ApiError {
  if (!(error instanceof ApiError) || error.status !== 400) return false;
  return /\b(limit|maximum)/i.test(error.message) || !/\b(name|labels?)\b/i.test(error.message);
}

/** How many there are says best whether that is the reason. */
async function limitReached(
  { bitbucket, config, number, signal }: RunnerDeps,
  error: unknown,
): Promise<never> {
  if (!speaksOfLimit(error)) throw error;
  const present = await bitbucket.listRunners({ signal }).catch(() => undefined);
  if (present === undefined) throw error;
  const { call, status, hint } = error;
  const which = config.runnerCount === 1 ? "" : ` at runner ${number} of ${config.runnerCount}`;
  const message = `${error.message}${which}; the repository has ${present.length} runners`;
  throw new ApiError(message, { call, status }, { hint, cause: error });
}

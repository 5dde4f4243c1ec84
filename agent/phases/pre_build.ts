import { runnerName } from "../../shared/leftovers/runner_name.ts";
import { ApiError, messageOf, ProgramError, RunnerError } from "../../shared/program/errors.ts";
import type { RunnerIdentity } from "../../shared/settings/runner_identity.ts";
import { prepareDocker } from "../daemon/docker_daemon.ts";
import { makeWorkFolder } from "../runner/make_folder.ts";
import { buildPlace, typeSuffix } from "../runner/build_machine.ts";
import type { PreparedRunner, RunnerLaunch } from "../runner/runner.ts";
import { runnerLabels } from "../../shared/settings/runner_labels.ts";
import type { AgentState, Bundle } from "../settings/agent_schema.ts";
import { cannotWrite } from "../settings/cannot_write.ts";
import { readBundle } from "../settings/bundle.ts";
import { firstTimes } from "../times/build_times.ts";
import { awaitOnline } from "./await_online.ts";
import { prepareRunner } from "./launch_runner.ts";
import { lifecycleSettings, type PhaseDeps, watchedRunner } from "./phase.ts";
import { removeRunner } from "./post_build.ts";
import type { Sweep } from "../../shared/leftovers/sweep.ts";
import { beginSweep } from "./sweep.ts";

/** How long the look for leftovers may go on once the runner is online: the pipeline waits for the phase to end. */
const ONLINE_GRACE_MS = 2000;
/** The same when the phase fails: leftovers may be the reason, and nothing but the report waits. */
const FAILED_GRACE_MS = 10_000;

/**
 * The pre_build phase: gets everything ready, registers the runner, launches it and waits until Bitbucket says ONLINE;
 * beside that, removes what dead builds of the project left. When it fails it removes its own runner again, since CodeBuild
 * does not run post_build then.
 */
export async function preBuild(deps: PhaseDeps): Promise<void> {
  const bundle = await readBundle(deps.config, deps.log);
  refuseOtherMachine(deps, bundle);
  if (deps.config.surplusCredentials) {
    deps.log.warning(
      "The CodeBuild project has Bitbucket credentials in its environment, which --credentials runner has no use for: " +
        "remove them there, so that no step can read them",
    );
  }
  const earlier = await deps.stateFile.read();
  if (earlier !== undefined && !earlier.removed) {
    await removeRunner(deps, earlier, "a new one takes its place");
  }
  const sweep = beginSweep(deps);
  try {
    const { online, runnerSecret } = await bringUp(deps, bundle, sweep);
    const leftoversDoubtful = await sweep.end(ONLINE_GRACE_MS);
    const { requests, heldToken: token } = deps.bitbucket;
    const secrets = { runner: runnerSecret, token, opened: deps.opened };
    await deps.stateFile.write({ ...online, leftoversDoubtful, requests }, secrets);
  } catch (error) {
    await cleanUpAfter(deps, error);
    await sweep.end(FAILED_GRACE_MS);
    throw error;
  }
}

/** The labels of a runner that start-runner has registered speak of a machine that it could not see. */
function refuseOtherMachine({ config: { identity }, host }: PhaseDeps, { type }: Bundle): void {
  if (identity === undefined || (identity.type === type && identity.arch === host.arch)) return;
  throw new RunnerError(
    `The runner was registered for ${identity.type} on ${identity.arch}, but this build is ${type} on ${host.arch}`,
    {
      hint: `In the first step, set --runner-type ${type} and --environment-type ${
        host.arch === "arm64" ? "ARM" : "LINUX"
      }_${typeSuffix(host.env)}, or leave --credentials runner out`,
    },
  );
}

/** From the bundle to a runner that is online; the state file knows at each moment what there is to remove. */
async function bringUp(
  deps: PhaseDeps,
  bundle: Bundle,
  sweep: Sweep,
): Promise<{ online: AgentState; runnerSecret: string }> {
  const { host, log, stateFile } = deps;
  const times = await firstTimes(deps.config, host.now());
  const runner = await prepare(deps, bundle);
  const planned = { ...await plan(deps, bundle), times };
  // Written before the registration, so that a phase that is killed in between leaves a name to look for.
  await stateFile.write(planned);
  const identity = deps.config.identity ?? await register(deps, planned, sweep);
  const registered = { ...planned, runnerUuid: identity.uuid };
  await stateFile.write(registered);
  const launched = { ...registered, launched: await runner.launch(launchOf(deps, planned, identity)) };
  await stateFile.write(launched);
  const baseline = await comeOnline(deps, launched, identity.uuid);
  const online = {
    ...launched,
    online: true,
    baseline: [...baseline],
    times: { ...times, onlineMs: host.now() },
  };
  await stateFile.write(online);
  log.info(`Runner ${online.name} is online`, { runner: online.name });
  return { online, runnerSecret: identity.clientSecret };
}

async function prepare(deps: PhaseDeps, { type, runnerVersion }: Bundle): Promise<PreparedRunner> {
  const { host, log, signal } = deps;
  const { containerd, runnerHome, runnerImage } = deps.config;
  if (await buildPlace(host.env) === "machine") {
    log.info(`The build runs on the machine itself, in no container: ${host.env.CODEBUILD_BUILD_IMAGE}`);
  }
  log.info(`Preparing Atlassian's ${type} runner ${runnerVersion}`.trim());
  if (type === "docker" || containerd) await prepareDocker(host, { containerd, log, signal });
  return await prepareRunner(host, { type, runnerHome, runnerImage, log, signal });
}

/** CodeBuild's advertised disk is only available below CODEBUILD_SRC_DIR. Source: CodeBuild user guide, compute types. */
async function plan({ config, host }: PhaseDeps, { type, runnerVersion }: Bundle): Promise<PlannedState> {
  const logFile = `${config.runnerHome}/runner.log`;
  await freshLog(logFile);
  return {
    type,
    name: runnerName(config.buildId),
    labels: runnerLabels(type, host.arch, config.labels),
    logFile,
    version: type === "docker" ? config.runnerImage : runnerVersion,
    baseline: [],
    leftoversDoubtful: false,
    workingDirectory: await makeWorkFolder(`${config.sourceFolder ?? "/tmp"}/bitbucket-runner`),
    online: false,
    removed: false,
    requests: 0,
  };
}

type PlannedState = AgentState & { readonly workingDirectory: string };

/** What a runner is towards Atlassian, whoever has registered it. */
type Identity = Pick<RunnerIdentity, "uuid" | "clientId" | "clientSecret">;

/** Bitbucket answers 400 also where a repository or workspace has its hundred runners: some may be a dead build's. */
async function register(deps: PhaseDeps, planned: PlannedState, sweep: Sweep): Promise<Identity> {
  const { bitbucket, log, signal } = deps;
  const { name, labels } = planned;
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
    return await create();
  }
}

/** The other meaning of 400 is a name or labels that Bitbucket does not take; its words for either are not documented. */
function speaksOfLimit(error: unknown): error is ApiError {
  if (!(error instanceof ApiError) || error.status !== 400) return false;
  return /\b(limit|maximum)/i.test(error.message) || !/\b(name|labels?)\b/i.test(error.message);
}

function launchOf({ config }: PhaseDeps, planned: PlannedState, identity: Identity): RunnerLaunch {
  return {
    runnerName: planned.name,
    runnerUuid: identity.uuid,
    workspaceUuid: config.workspaceUuid,
    repositoryUuid: config.repositoryUuid,
    oauthClientId: identity.clientId,
    oauthClientSecret: identity.clientSecret,
    workingDirectory: planned.workingDirectory,
    logFile: planned.logFile,
  };
}

async function comeOnline(deps: PhaseDeps, launched: AgentState, uuid: string): Promise<readonly string[]> {
  using runner = watchedRunner(deps, launched, uuid);
  return await awaitOnline(deps, runner, lifecycleSettings(deps.config, { handsOver: true }));
}

async function cleanUpAfter(deps: PhaseDeps, cause: unknown): Promise<void> {
  const state = await deps.stateFile.read();
  if (state === undefined || state.removed) return;
  const why = cause instanceof ProgramError ? "it did not come up" : "of an unexpected failure";
  try {
    await removeRunner(deps, state, why);
  } catch (error) {
    deps.log.warning(messageOf(error));
  }
}

async function freshLog(path: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, "", { mode: 0o600 });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

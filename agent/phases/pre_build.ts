import { runnerName } from "../../shared/leftovers/runner_name.ts";
import { messageOf, ProgramError, RunnerError } from "../../shared/program/errors.ts";
import { OnlineLooks } from "../ask/online_looks.ts";
import { prepareDocker } from "../daemon/docker_daemon.ts";
import { makeFolder, makeWorkFolder } from "../runner/make_folder.ts";
import { buildPlace, typeSuffix } from "../runner/build_machine.ts";
import type { PreparedRunner, RunnerLaunch } from "../runner/runner.ts";
import { runnerLabels } from "../../shared/settings/runner_labels.ts";
import type { AgentState, Bundle } from "../settings/agent_schema.ts";
import { cannotWrite } from "../settings/cannot_write.ts";
import { readBundle } from "../settings/bundle.ts";
import { firstTimes } from "../times/build_times.ts";
import { awaitOnline } from "./await_online.ts";
import { prepareRunner } from "./launch_runner.ts";
import { lifecycleSettings, type PhaseDeps, type RunnerDeps, watchedRunner } from "./phase.ts";
import { removeRunner } from "./post_build.ts";
import { type Identity, registerRunner } from "./register_runner.ts";
import { eachRunner, leftRunners, runnerFolder } from "./runner_deps.ts";
import type { Sweep } from "../../shared/leftovers/sweep.ts";
import { beginSweep } from "./sweep.ts";

/** How long the look for leftovers may go on once the runner is online: the pipeline waits for the phase to end. */
const ONLINE_GRACE_MS = 2000;
/** The same when the phase fails: leftovers may be the reason, and nothing but the report waits. */
const FAILED_GRACE_MS = 10_000;

/**
 * The pre_build phase: gets everything ready, registers the runners, launches them and waits until Bitbucket calls each ONLINE;
 * beside that, removes what dead builds of the project left. When one of them does not come up it removes all again, since
 * CodeBuild does not run post_build then.
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
  for (const { deps: one, state } of await leftRunners(deps)) {
    if (!state.removed) await removeRunner(one, state, "a new one takes its place");
  }
  const sweep = beginSweep(deps);
  try {
    const runners = await bringAllUp(deps, bundle, sweep);
    const onlineMs = deps.host.now();
    const leftoversDoubtful = await sweep.end(ONLINE_GRACE_MS);
    const { requests, heldToken: token } = deps.bitbucket;
    for (const { stateFile, number, online, runnerSecret: runner } of runners) {
      const first = number === 1;
      const secrets = first ? { runner, token, opened: deps.opened } : { runner };
      const shared = first ? { leftoversDoubtful, requests, times: { ...online.times, onlineMs } } : {};
      await stateFile.write({ ...online, ...shared }, secrets);
    }
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

type OnlineRunner = RunnerDeps & { readonly online: AgentState; readonly runnerSecret: string };

/** What the runners of a build have in common on their way up. */
interface Ascent {
  readonly prepared: PreparedRunner;
  readonly looks: OnlineLooks;
  /** Registers one after the other: a burst of requests would be refused, and the limit on runners be met by several. */
  readonly register: (deps: RunnerDeps, planned: PlannedState) => Promise<Identity>;
}

/** All runners, online; as soon as one of them fails, the others give up too. */
async function bringAllUp(deps: PhaseDeps, bundle: Bundle, sweep: Sweep): Promise<OnlineRunner[]> {
  const { config, host } = deps;
  const times = await firstTimes(config, host.now());
  const prepared = await prepare(deps, bundle);
  const failing = new AbortController();
  const signal = AbortSignal.any([deps.signal, failing.signal]);
  const numbers = Array.from({ length: config.runnerCount }, (_, index) => index + 1);
  const runners = eachRunner({ ...deps, signal }, numbers);
  // All are planned before the first is registered, and then in their order: a failure tells at which of them it was.
  const planned: (readonly [RunnerDeps, PlannedState])[] = [];
  for (const one of runners) planned.push([one, await plan(one, bundle, times)]);
  let turn: Promise<unknown> = Promise.resolve();
  const ascent: Ascent = {
    prepared,
    looks: new OnlineLooks({ ...deps, signal }, runners.length),
    register(one, planned) {
      const registered = turn.catch(() => {}).then(() => registerRunner(one, planned, sweep));
      turn = registered;
      return registered;
    },
  };
  const outcomes = await Promise.allSettled(planned.map(async ([one, state]) => {
    try {
      return await bringUp(one, state, ascent);
    } catch (error) {
      if (!signal.aborted && runners.length > 1) {
        one.log.warning(`${messageOf(error)}; taking all runners down`);
      }
      failing.abort(error);
      throw error;
    } finally {
      ascent.looks.done();
    }
  }));
  if (failing.signal.aborted) throw failing.signal.reason;
  return outcomes.flatMap((outcome) => outcome.status === "fulfilled" ? [outcome.value] : []);
}

/** From the plan to a runner that is online; the state file knows at each moment what there is to remove. */
async function bringUp(deps: RunnerDeps, planned: PlannedState, ascent: Ascent): Promise<OnlineRunner> {
  const { log, stateFile, config, number } = deps;
  const identity = config.identities[number - 1] ?? await ascent.register(deps, planned);
  const registered = { ...planned, runnerUuid: identity.uuid };
  await stateFile.write(registered);
  const launched = {
    ...registered,
    launched: await ascent.prepared.launch(launchOf(deps, planned, identity)),
  };
  await stateFile.write(launched);
  const baseline = await comeOnline(deps, launched, identity.uuid, ascent.looks);
  const online = { ...launched, online: true, baseline: [...baseline] };
  await stateFile.write(online);
  log.info(`Runner ${online.name} is online`, { runner: online.name });
  return { ...deps, online, runnerSecret: identity.clientSecret };
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
async function plan(
  { config, host, number, stateFile }: RunnerDeps,
  { type, runnerVersion }: Bundle,
  times: AgentState["times"],
): Promise<PlannedState> {
  const folder = runnerFolder(config, number);
  await makeFolder(folder);
  const logFile = `${folder}/runner.log`;
  await freshLog(logFile);
  const planned = {
    type,
    name: runnerName(config.buildId, number),
    labels: runnerLabels(type, host.arch, config.labels),
    logFile,
    version: type === "docker" ? config.runnerImage : runnerVersion,
    baseline: [],
    leftoversDoubtful: false,
    workingDirectory: await makeWorkFolder(`${config.sourceFolder ?? "/tmp"}/bitbucket-runner`),
    online: false,
    removed: false,
    requests: 0,
    ...(number === 1 ? { times } : {}),
  };
  // Written before the registration, so that a phase that is killed in between leaves a name to look for.
  await stateFile.write(planned);
  return planned;
}

type PlannedState = AgentState & { readonly workingDirectory: string };

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

async function comeOnline(
  deps: RunnerDeps,
  launched: AgentState,
  uuid: string,
  looks: OnlineLooks,
): Promise<readonly string[]> {
  using runner = watchedRunner(deps, launched, uuid);
  return await awaitOnline({ ...deps, looks }, runner, lifecycleSettings(deps.config, { handsOver: true }));
}

async function cleanUpAfter(deps: PhaseDeps, cause: unknown): Promise<void> {
  const why = cause instanceof ProgramError ? "it did not come up" : "of an unexpected failure";
  const left = (await leftRunners(deps)).filter(({ state }) => !state.removed);
  await Promise.all(left.map(async ({ deps: one, state }) => {
    await removeRunner(one, state, why).catch((error) => one.log.warning(messageOf(error)));
  }));
}

async function freshLog(path: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, "", { mode: 0o600 });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

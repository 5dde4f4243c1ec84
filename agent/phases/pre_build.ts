import { ProgramError, RunnerError } from "../../shared/program/errors.ts";
import { removeLeftovers } from "../leftovers/leftovers.ts";
import { projectOf, runnerName } from "../../shared/leftovers/runner_name.ts";
import { awaitOnline } from "./await_online.ts";
import type { Bundle } from "../settings/agent_schema.ts";
import { readBundle } from "../settings/bundle.ts";
import { prepareDocker } from "../daemon/docker_daemon.ts";
import { endedBuilds } from "./ended_builds.ts";
import { launchRunner } from "./launch_runner.ts";
import { type PhaseDeps, watchedRunner } from "./phase.ts";
import { removeRunner } from "./post_build.ts";
import { runnerLabels } from "../runner/runner_labels.ts";
import type { AgentState } from "../settings/agent_schema.ts";

/**
 * The pre_build phase: registers the runner, launches it and waits until Bitbucket says ONLINE; on the way,
 * removes what dead builds of the project left. When it fails it removes its own runner again, since CodeBuild
 * does not run post_build then.
 */
export async function preBuild(deps: PhaseDeps): Promise<void> {
  const bundle = await readBundle(deps.config, deps.log);
  const earlier = await deps.stateFile.read();
  if (earlier !== undefined && !earlier.removed) {
    await removeRunner(deps, earlier, "a new one takes its place");
  }
  if (bundle.type === "docker" || deps.config.containerd) {
    await prepareDocker(deps.host, {
      containerd: deps.config.containerd,
      log: deps.log,
      signal: deps.signal,
    });
  }
  const sweep = sweepLeftovers(deps);
  try {
    await bringUp(deps, bundle);
  } catch (error) {
    await cleanUpAfter(deps, error);
    throw error;
  } finally {
    await sweep;
  }
  const state = await deps.stateFile.read();
  const { requests, heldToken: token } = deps.bitbucket;
  if (state !== undefined) await deps.stateFile.write({ ...state, requests, token });
}

async function bringUp(deps: PhaseDeps, bundle: Bundle): Promise<void> {
  const { config, host, log, bitbucket, stateFile, signal } = deps;
  const name = runnerName(config.buildId);
  const labels = runnerLabels(bundle.type, host.arch, config.labels);
  const logFile = `${config.runnerHome}/runner.log`;
  await freshLog(logFile);
  let state: AgentState = {
    type: bundle.type,
    name,
    labels,
    logFile,
    online: false,
    removed: false,
    requests: 0,
    secrets: [],
  };
  // Written before the registration, so that a phase that is killed in between leaves a name to look for.
  await stateFile.write(state);
  log.info(`Registering runner ${name} with labels ${labels.join(", ")}`, { runner: name });
  const registered = await bitbucket.createRunner({ name, labels }, { signal });
  const secret = registered.oauth_client.secret;
  log.redactor.add(secret);
  state = { ...state, runnerUuid: registered.uuid, secrets: [secret] };
  await stateFile.write(state);
  const { record } = await launchRunner(host, {
    type: bundle.type,
    runnerHome: config.runnerHome,
    runnerVersion: bundle.runnerVersion,
    launch: {
      runnerName: name,
      runnerUuid: registered.uuid,
      workspaceUuid: config.workspaceUuid,
      repositoryUuid: config.repositoryUuid,
      oauthClientId: registered.oauth_client.id,
      oauthClientSecret: secret,
      workingDirectory: await workingDirectory(config.sourceFolder),
      logFile,
    },
    log,
    signal,
  });
  state = { ...state, launched: record };
  await stateFile.write(state);
  const runner = watchedRunner(deps, state, registered.uuid);
  try {
    await awaitOnline(deps, runner);
  } finally {
    runner.output.close();
  }
  await stateFile.write({ ...state, online: true });
  log.info(`Runner ${name} is online`, { runner: name });
}

async function cleanUpAfter(deps: PhaseDeps, cause: unknown): Promise<void> {
  const state = await deps.stateFile.read();
  if (state === undefined || state.removed) return;
  const why = cause instanceof ProgramError ? "it did not come up" : "of an unexpected failure";
  try {
    await removeRunner(deps, state, why);
  } catch (error) {
    deps.log.warning(error instanceof Error ? error.message : String(error));
  }
}

/** Never the reason for a failure: what it misses, the next build finds. */
async function sweepLeftovers(deps: PhaseDeps): Promise<void> {
  try {
    await removeLeftovers({
      bitbucket: deps.bitbucket,
      project: projectOf(deps.config.buildId),
      ownRunnerName: runnerName(deps.config.buildId),
      buildsEnded: endedBuilds(deps.host, deps.config.apiTimeoutS * 1000),
      host: deps.host,
      log: deps.log,
      signal: deps.signal,
      uncertain: "look twice",
    });
  } catch (error) {
    if (deps.signal.aborted) return;
    deps.log.warning(
      `Leftovers of earlier builds were not removed: ${error instanceof Error ? error.message : error}`,
    );
  }
}

async function freshLog(path: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, "", { mode: 0o600 });
  } catch (cause) {
    throw new RunnerError(`Cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`, {
      hint: "RUNNER_HOME must be a folder the build can write to, on a disk with space left",
      cause,
    });
  }
}

/** CodeBuild's advertised disk is only available below CODEBUILD_SRC_DIR. Source: CodeBuild user guide, compute types. */
async function workingDirectory(sourceFolder: string | undefined): Promise<string> {
  if (sourceFolder === undefined) return "/tmp";
  const folder = `${sourceFolder}/bitbucket-runner`;
  await Deno.mkdir(folder, { recursive: true });
  return folder;
}

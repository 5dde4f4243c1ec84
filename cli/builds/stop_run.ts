import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { EXIT_CODES, ProgramError } from "../../shared/program/errors.ts";
import type { LookConfig } from "../options/look_config.ts";
import { partingFrom } from "../stop/parting.ts";
import { removeRunners } from "../stop/remove_runners.ts";
import { stopBuild, type StopOutcome } from "../stop/stop_build.ts";
import { buildRecord } from "./build_record.ts";
import type { Project } from "./project.ts";

/** For removing the runner, in milliseconds. */
const REMOVAL_MS = 60_000;

/**
 * Stops a build, and removes its runner as far as there are credentials. One whose runner is online may be serving a step, and is
 * stopped by force only. Rejects with `ProgramError` where the build goes on.
 */
export async function stopRun(
  project: Project<LookConfig>,
  build: KnownBuild,
  { force }: { readonly force: boolean },
): Promise<void> {
  const { log } = project;
  const { kind } = buildRecord(build);
  const parting = partingFrom({ fresh: build, last: build, lastAgeMs: 0 });
  if (parting.kind === "leave" && kind !== "job" && !force) {
    throw new ProgramError(`Cannot stop build ${build.id}: ${parting.why}`, EXIT_CODES.failed, {
      hint: "a step that it serves would be cut off: add --force to stop it all the same",
    });
  }
  if (parting.kind === "over") log.info(`Build ${build.id} has ended already: ${build.buildStatus}`);
  const expected = parting.kind === "leave";
  if (expected && kind !== "job") {
    log.warning(`The runner of build ${build.id} is online: a step on it is cut off`);
  }
  const outcome = parting.kind === "over"
    ? "ended"
    : (await stopBuild(project, build.id, { expected, rejects: true })).kind;
  if (kind !== "job") await removeRunnerOf(project, build, outcome);
}

async function removeRunnerOf(
  project: Project<LookConfig>,
  build: KnownBuild,
  outcome: StopOutcome["kind"],
): Promise<void> {
  const { config } = project;
  const { workspaceUuid, repositoryUuid } = buildRecord(build);
  // The build's own, whatever repository the environment names.
  if (workspaceUuid === undefined || repositoryUuid === undefined) return;
  await removeRunners(
    { ...project, config: { ...config, workspaceUuid, repositoryUuid }, patienceMs: REMOVAL_MS },
    [{ id: build.id, is: outcome === "ended" ? "ended" : "stopping", runners: undefined }],
  );
}

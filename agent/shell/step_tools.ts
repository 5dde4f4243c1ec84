import { RunnerError } from "../../shared/program/errors.ts";
import type { Logger } from "../../shared/output/log.ts";
import { findProgram } from "../process/find_program.ts";
import { runCommand } from "../process/process.ts";
import { remedyFor } from "../runner/build_machine.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

/** What Atlassian's shell runner starts for its steps. Source: its page on Linux shell runners; Nixpkgs for setsid. */
const NEEDED = [
  { program: "git", remedy: "install the package git, 2.35 or later, since steps clone with it" },
  { program: "bash", remedy: "install the package bash, since steps' scripts run in it" },
  { program: "setsid", remedy: "install the package util-linux, since each step is started with its setsid" },
];

/** Atlassian's page names 2.35. */
const OLDEST_GIT = { major: 2, minor: 35 };
const VERSION_TIMEOUT_MS = 15_000;

export interface ToolSearch {
  readonly env: Readonly<Record<string, string>>;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/** Makes sure that the image has what every step needs. Rejects with RunnerError, which names all that is missing. */
export async function checkStepTools(search: ToolSearch): Promise<void> {
  const { env } = search;
  const missing = [];
  for (const tool of NEEDED) {
    if (await findProgram(tool.program, env.PATH) === undefined) missing.push(tool);
  }
  if (missing.length > 0) {
    throw new RunnerError(
      `Cannot prepare the runner: there is no ${
        missing.map(({ program }) => program).join(", no ")
      } on the PATH`,
      {
        hint: remedyFor(env, {
          container: `In the build image, ${missing.map(({ remedy }) => remedy).join("; ")}; ` +
            "images such as aws/codebuild/standard:8.0 have all of it",
          install: missing.map(({ program }) => program).join(", "),
        }),
      },
    );
  }
  await warnOfOldGit(search);
}

async function warnOfOldGit({ env, log, signal }: ToolSearch): Promise<void> {
  const options = { env: runnerEnvironment(env), timeoutMs: VERSION_TIMEOUT_MS, signal };
  const { stdout } = await runCommand("git", ["--version"], options);
  const [, version, major, minor] = /version ((\d+)\.(\d+)\S*)/.exec(stdout) ?? [];
  const newer = Number(major) - OLDEST_GIT.major || Number(minor) - OLDEST_GIT.minor;
  if (newer >= 0 || version === undefined) return;
  log.warning(
    `Git is ${version}, but Atlassian's runner asks for ${OLDEST_GIT.major}.${OLDEST_GIT.minor} or later: ` +
      "clones may fail; use a newer build image",
  );
}

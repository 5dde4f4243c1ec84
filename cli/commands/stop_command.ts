import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { EXIT_CODES, messageOf } from "../../shared/program/errors.ts";
import { BUILDS_OPERAND, findBuilds } from "../builds/find_build.ts";
import { type Project, withProject } from "../builds/project.ts";
import { stopRun } from "../builds/stop_run.ts";
import { accessOptions } from "../options/access_config.ts";
import { Turns } from "../machines/turns.ts";
import { type LookConfig, lookConfig } from "../options/look_config.ts";
import { switchOption } from "../options/option_values.ts";
import { type Command, refuseProblems } from "./command.ts";

const OWN = {
  force: switchOption("--force", "stop it although its runner is online and may be serving a step"),
} as const;

/** Stops builds by hand. */
export const stopCommand: Command = {
  name: "stop",
  operands: [BUILDS_OPERAND],
  options: { ...accessOptions, ...OWN },
  about:
    `Stops a build and waits until it has ended; by a pipeline's number all that its last start has brought. One whose runner is online may be serving a step, of whatever
pipeline, and is left alone unless --force is given. Its runner is removed where the environment has
Bitbucket credentials; else the next agent of the project does that.`,
  async run(line, { host, log, signal }) {
    const { config, problems } = lookConfig(OWN, line.flags, host.env);
    refuseProblems([...line.problems, ...problems], "stop");
    const [word = ""] = line.operands;
    return await withProject({ host, log, config, signal }, async (project) => {
      await stopAll(project, await findBuilds(project, word), config);
      return EXIT_CODES.ok;
    });
  },
};

/** So many are stopped at the same time: CodeBuild throttles an account as a whole. */
const STOPS_AT_ONCE = 4;

/** Stops what can be stopped. Rejects with the first failure, and tells of the others. */
async function stopAll(
  project: Project<LookConfig>,
  builds: readonly KnownBuild[],
  config: { readonly force: boolean },
): Promise<void> {
  const turns = new Turns(STOPS_AT_ONCE);
  const outcomes = await Promise.allSettled(
    builds.map((build) => turns.take(() => stopRun(project, build, config))),
  );
  const [first, ...more] = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason] : []
  );
  for (const failure of more) project.log.warning(messageOf(failure));
  if (first !== undefined) throw first;
}

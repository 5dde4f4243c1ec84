import { EXIT_CODES } from "../../shared/program/errors.ts";
import { BUILD_OPERAND, findBuild } from "../builds/find_build.ts";
import { withProject } from "../builds/project.ts";
import { stopRun } from "../builds/stop_run.ts";
import { accessOptions } from "../options/access_config.ts";
import { lookConfig } from "../options/look_config.ts";
import { switchOption } from "../options/option_values.ts";
import { type Command, refuseProblems } from "./command.ts";

const OWN = {
  force: switchOption("--force", "stop it although its runner is online and may be serving a step"),
} as const;

/** Stops one build by hand. */
export const stopCommand: Command = {
  name: "stop",
  operands: [BUILD_OPERAND],
  options: { ...accessOptions, ...OWN },
  about:
    `Stops a build and waits until it has ended. One whose runner is online may be serving a step, of whatever
pipeline, and is left alone unless --force is given. Its runner is removed where the environment has
Bitbucket credentials; else the next agent of the project does that.`,
  async run(line, { host, log, signal }) {
    const { config, problems } = lookConfig(OWN, line.flags, host.env);
    refuseProblems([...line.problems, ...problems], "stop");
    const [word = ""] = line.operands;
    return await withProject({ host, log, config, signal }, async (project) => {
      await stopRun(project, await findBuild(project, word), config);
      return EXIT_CODES.ok;
    });
  },
};

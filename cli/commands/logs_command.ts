import { EXIT_CODES, ProgramError } from "../../shared/program/errors.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { secretsOf } from "../builds/build_record.ts";
import { BUILD_OPERAND, findBuild } from "../builds/find_build.ts";
import { followLog } from "../builds/follow_log.ts";
import { LogOutput } from "../builds/log_output.ts";
import { withProject } from "../builds/project.ts";
import { accessOptions } from "../options/access_config.ts";
import { lookConfig } from "../options/look_config.ts";
import { switchOption } from "../options/option_values.ts";
import { type Command, refuseProblems } from "./command.ts";

const OWN = {
  follow: switchOption("-f, --follow", "go on until the build has ended"),
  errors: switchOption(
    "--errors",
    "show only errors, warnings and hints of installer, agent and start-runner",
  ),
} as const;

/** Shows a build's log. */
export const logsCommand: Command = {
  name: "logs",
  operands: [BUILD_OPERAND],
  options: { ...accessOptions, ...OWN },
  about: `Shows the log of a build, from its beginning, as CloudWatch has it. Changes nothing. Characters that
would do something to a terminal are spelled out. With --log-format json each line is an object.`,
  async run(line, { host, log, format, signal }) {
    const { config, problems } = lookConfig(OWN, line.flags, host.env);
    refuseProblems([...line.problems, ...problems], "logs");
    const [word = ""] = line.operands;
    return await withProject({ host, log, config, signal }, async (project) => {
      const started = await findBuild(project, word);
      for (const secret of secretsOf(started)) log.redactor.add(secret);
      const output = new LogOutput({ host, format, redactor: log.redactor, errors: config.errors });
      const following = {
        ...project,
        follow: config.follow,
        show: output.show.bind(output),
        enough: () => host.stdout.gone === true,
      };
      const { build, found } = await followLog(following, started);
      if (!found) {
        throw new ProgramError(`Build ${build.id} has no log in CloudWatch`, EXIT_CODES.failed, {
          hint: hasEnded(build)
            ? "it ended before it had one, or the project keeps no logs there"
            : "it has none yet, or the project keeps no logs there; --follow waits for it",
        });
      }
      if (config.follow && hasEnded(build)) log.info(`Build ${build.id} has ended: ${build.buildStatus}`);
      return EXIT_CODES.ok;
    });
  },
};

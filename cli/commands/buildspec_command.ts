import { writePage } from "../../shared/output/write_line.ts";
import { EXIT_CODES } from "../../shared/program/errors.ts";
import { startOptions } from "../options/options.ts";
import { buildspecConfig } from "../options/start_config.ts";
import { buildspec } from "../request/buildspec.ts";
import { type Command, refuseProblems } from "./command.ts";

/** Prints the buildspec that start-runner sends, for those who write their own or want to see it. */
export const buildspecCommand: Command = {
  name: "buildspec",
  operands: [],
  options: startOptions,
  about: "Prints the buildspec that the build gets; of the options --runner-type and --release-url matter.",
  run(line, { host }) {
    const { config, problems } = buildspecConfig(line.flags, host.env);
    refuseProblems([...line.problems, ...problems], "buildspec");
    writePage(host.stdout, buildspec(config));
    return EXIT_CODES.ok;
  },
};

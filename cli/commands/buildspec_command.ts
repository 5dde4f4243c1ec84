import { writePage } from "../../shared/output/write_line.ts";
import { EXIT_CODES } from "../../shared/program/errors.ts";
import { buildspecConfig, buildspecOptions } from "../options/start_config.ts";
import { buildspec } from "../request/buildspec.ts";
import { type Command, refuseProblems } from "./command.ts";

/** Prints the buildspec that start-runner sends, for those who write their own or want to see it. */
export const buildspecCommand: Command = {
  name: "buildspec",
  operands: [],
  options: buildspecOptions,
  about:
    "Prints the buildspec that the build gets, to be read, or to begin one of the project's own from it.",
  run(line, { host }) {
    const { config, problems } = buildspecConfig(line.flags, host.env);
    refuseProblems([...line.problems, ...problems], "buildspec");
    writePage(host.stdout, buildspec(config));
    return EXIT_CODES.ok;
  },
};

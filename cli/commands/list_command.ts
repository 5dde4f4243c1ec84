import { EXIT_CODES } from "../../shared/program/errors.ts";
import { writeLine, writeObject } from "../../shared/output/write_line.ts";
import { buildTable, listBuilds, listedBuild } from "../builds/list_builds.ts";
import { withProject } from "../builds/project.ts";
import { runnerStates } from "../builds/runner_states.ts";
import { accessOptions } from "../options/access_config.ts";
import { lookConfig } from "../options/look_config.ts";
import { sinceOption, spanMs, switchOption } from "../options/option_values.ts";
import { type Command, refuseProblems } from "./command.ts";

const OWN = {
  since: sinceOption("1d"),
  json: switchOption("--json", "write an array of objects, one for each build"),
} as const;

/** Shows which builds run, and which have run. */
export const listCommand: Command = {
  name: "list",
  operands: [],
  options: { ...accessOptions, ...OWN },
  about: `Lists the builds of the project that run now or were started of late, the newest first, whatever
repository they are for. Changes nothing. What the runners do is asked of Bitbucket where the environment
has credentials (BITBUCKET_ACCESS_TOKEN and so on).`,
  async run(line, { host, log, signal }) {
    const { config, problems } = lookConfig(OWN, line.flags, host.env);
    refuseProblems([...line.problems, ...problems], "list");
    return await withProject({ host, log, config, signal }, async (project) => {
      const nowMs = host.now();
      const records = await listBuilds(project, nowMs - spanMs(config.since));
      const stateOf = await runnerStates(project, records);
      if (config.json) {
        const objects = records.map((record) => listedBuild(record, stateOf(record), nowMs));
        writeObject(host.stdout, objects, log.redactor);
      } else if (records.length === 0) {
        log.info(
          `Project ${config.project} has no build that runs or was started within ${config.since}`,
        );
      } else {
        for (const row of buildTable(records, stateOf, nowMs)) writeLine(host.stdout, row, log.redactor);
      }
      return EXIT_CODES.ok;
    });
  },
};

import { writeLine, writeObject } from "../../shared/output/write_line.ts";
import { EXIT_CODES } from "../../shared/program/errors.ts";
import { oneOf } from "../../shared/settings/parse_value.ts";
import type { Setting } from "../../shared/settings/settings.ts";
import {
  type BilledBuild,
  billedBuild,
  COST_GROUPS,
  type CostGroup,
  costOf,
  costOfAll,
} from "../cost/build_cost.ts";
import { costNotes, costObject, costTable } from "../cost/cost_report.ts";
import { type Project, withProject } from "../builds/project.ts";
import { projectBuilds, startedMs } from "../builds/project_builds.ts";
import { accessOptions } from "../options/access_config.ts";
import { lookConfig } from "../options/look_config.ts";
import { sinceOption, spanMs, switchOption } from "../options/option_values.ts";
import { type Command, refuseProblems } from "./command.ts";

const OWN = {
  since: sinceOption("30d"),
  by: {
    flag: "--by <what>",
    variables: [],
    help: `what to sum up by: ${COST_GROUPS.join(", ")}`,
    parse: oneOf(...COST_GROUPS),
    fallback: "repository",
  } satisfies Setting<CostGroup>,
  json: switchOption("--json", "write one object"),
} as const;

/** Shows what builds have cost. */
export const costCommand: Command = {
  name: "cost",
  operands: [],
  options: { ...accessOptions, ...OWN },
  about:
    `Sums up what the builds of the project that were started of late have cost, from CodeBuild's own records
and AWS's list prices. Changes nothing. A build is billed from provisioning to its end, each one's minutes
rounded up.`,
  async run(line, { host, log, signal }) {
    const { config, problems } = lookConfig(OWN, line.flags, host.env);
    refuseProblems([...line.problems, ...problems], "cost");
    const { by, since, region } = config;
    return await withProject({ host, log, config, signal }, async (project) => {
      const builds = await billedSince(project, host.now() - spanMs(since));
      const [sums, total] = [costOf(builds, by), costOfAll(builds)];
      if (config.json) {
        writeObject(host.stdout, costObject(sums, total, { by, since, region }), log.redactor);
        return EXIT_CODES.ok;
      }
      for (const row of costTable(sums, total, by)) writeLine(host.stdout, row, log.redactor);
      for (const note of costNotes(total, region)) log.info(note);
      return EXIT_CODES.ok;
    });
  },
};

/** Records of builds are large, and there may be thousands: only what counts is kept of each. */
async function billedSince(project: Project, sinceMs: number): Promise<BilledBuild[]> {
  const all: BilledBuild[] = [];
  for await (const builds of projectBuilds(project, sinceMs)) {
    const those = builds.filter((build) => startedMs(build) >= sinceMs);
    all.push(...those.map((build) => billedBuild(build, project.host.now())));
  }
  return all;
}

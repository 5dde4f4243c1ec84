import { writeLine } from "../../shared/output/write_line.ts";
import { EXIT_CODES } from "../../shared/program/errors.ts";
import { CREDENTIALS_REMEDY } from "../../shared/settings/bitbucket_settings.ts";
import { goes, judgeRunners, leftoverTable, removeDeadRunners } from "../builds/clean_up.ts";
import { withProject } from "../builds/project.ts";
import { connectBitbucket } from "../handover/connect.ts";
import { accessOptions } from "../options/access_config.ts";
import { type LookConfig, lookConfig } from "../options/look_config.ts";
import { switchOption } from "../options/option_values.ts";
import { type Command, refuseProblems } from "./command.ts";

const OWN = {
  dryRun: switchOption("--dry-run", "show what would be removed, and remove nothing"),
} as const;

/** Removes runners that nobody removes any more. */
export const cleanupCommand: Command = {
  name: "cleanup",
  operands: [],
  options: { ...accessOptions, ...OWN },
  about:
    `Removes the runners that ended builds of the project have left in one repository, by the same rules as the
agents: each is looked at twice, and in doubt it stays. Every runner of the project is shown, with why it
stays or goes. Needs Bitbucket credentials, and REPO_UUID and WORKSPACE_UUID outside a pipeline.`,
  async run(line, { host, log, signal }) {
    const { config, problems } = lookConfig(OWN, line.flags, host.env);
    const place = placeOf(config);
    refuseProblems([...line.problems, ...problems, ...place.problems], "cleanup");
    return await withProject({ host, log, config, signal }, async (project) => {
      const { credentials } = config;
      if (credentials === undefined) return EXIT_CODES.configuration;
      const bitbucket = await connectBitbucket({ host, log, config: { ...config, ...place } }, credentials);
      const judged = await judgeRunners(project, bitbucket);
      for (const row of judged.length === 0 ? [] : leftoverTable(judged)) {
        writeLine(host.stdout, row, log.redactor);
      }
      const doomed = judged.filter(goes);
      const dead = doomed.length;
      if (judged.length === 0) log.info(`Project ${config.project} has no runner in this repository`);
      if (dead === 0) return EXIT_CODES.ok;
      if (config.dryRun) {
        log.info(`${dead} would be removed, after a second look at each`);
        return EXIT_CODES.ok;
      }
      const removed = (await removeDeadRunners(project, bitbucket, doomed)).length;
      log.info(`Removed: ${removed} of ${dead}`);
      return removed < dead ? EXIT_CODES.failed : EXIT_CODES.ok;
    });
  },
};

/** The repository, and who may ask there; with what is missing of it. */
function placeOf({ repositoryUuid, workspaceUuid, credentials }: LookConfig) {
  const problems = [
    ...(repositoryUuid ? [] : ["Missing the UUID of the repository: set REPO_UUID"]),
    ...(workspaceUuid ? [] : ["Missing the UUID of the workspace: set WORKSPACE_UUID"]),
    ...(credentials ? [] : [`Missing Bitbucket credentials: ${CREDENTIALS_REMEDY}`]),
  ];
  return { repositoryUuid: repositoryUuid ?? "", workspaceUuid: workspaceUuid ?? "", problems };
}

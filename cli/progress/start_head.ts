import { hasPlaceholder } from "../../shared/settings/label_placeholders.ts";
import { sizeWord } from "../../shared/aws/prices.ts";
import { shortened } from "../../shared/output/plain_text.ts";
import { versionLine } from "../../shared/program/version.ts";
import type { StartConfig } from "../options/start_config.ts";
import type { Line } from "./line.ts";
import { readyLabels } from "./ready_labels.ts";

/** What a start says first: which program it is, what it is asked for, and what of that was chosen here. */
export function startHead(config: StartConfig): Line[] {
  const { project, region, webIdentity, computeType, image, machines, fleet } = config;
  const access = webIdentity === undefined
    ? "with the default AWS credentials"
    : `role ${webIdentity.roleArn}`;
  const size = computeType === undefined ? "the project's" : sizeWord(computeType);
  const several = machines === 1 ? "" : `${machines} machines, `;
  const from = image === undefined ? "the project's" : shortened(image);
  const on = fleet === undefined ? "" : `, fleet ${shortened(fleet)}`;
  return [
    {
      message: `${versionLine("start-runner")} starts ${purpose(config)}`,
      fields: { repository: config.repository, pipeline: config.buildNumber },
    },
    {
      message: `Project ${project} in ${region}, ${access}, ${several}size ${size}, image ${from}${on}`,
      fields: {
        project,
        region,
        role: webIdentity?.roleArn,
        computeType,
        image,
        fleet,
        machines: machines === 1 ? undefined : machines,
      },
    },
    ...filledLabels(config),
  ];
}

/** Who has labels filled in, wants to see at once what to ask for. */
function filledLabels(config: StartConfig): Line[] {
  const templates = config.labelTemplates?.filter(hasPlaceholder) ?? [];
  if (templates.length === 0) return [];
  const ready = readyLabels({}, config);
  const labels = ready ?? config.labels ?? [];
  const line = ready === undefined ? `Labels ${labels.join(", ")}` : `runs-on: [${labels.join(", ")}]`;
  return [{ message: `${line}, with ${templates.join(", ")} filled in`, fields: { labels } }];
}

/** What the build is for, in the words of Bitbucket's pages; what the step does not tell is left out. */
export function purpose(config: Pick<StartConfig, "runnerType"> & Partial<StartConfig>): string {
  const { runnerType, runners = 1, machines = 1, buildNumber } = config;
  const { workspace, repository, branch, tag, commit } = config;
  const pipeline = buildNumber === undefined ? "" : ` for pipeline #${shortened(buildNumber)}`;
  const of = workspace && repository ? ` of ${shortened(workspace)}/${shortened(repository)}` : "";
  const ref = tag ?? branch;
  const on = ref === undefined ? "" : ` on ${shortened(ref)}`;
  const at = commit === undefined ? "" : ` (${commit.slice(0, 12)})`;
  const all = runners * machines;
  const what = all === 1 ? `a ${runnerType} runner` : `${all} ${runnerType} runners`;
  return `${what}${pipeline}${of}${on}${at}`;
}

/** What the build gets in place of the project's own values: whoever reads the log is to see whom the build trusts. */
export function handedOn({ handOn, variables, releaseUrl }: StartConfig): string[] {
  const names: readonly string[] = handOn ?? [];
  const values = variables.filter(({ name }) => names.includes(name));
  const mirror = variables.some(({ name }) => name === "RUNNER_RELEASE_URL");
  return [
    ...values.map(({ name, value }) => `Handed on to the build, as --hand-on asks: ${name}=${value}`),
    ...(mirror ? [`The build downloads the runner from ${releaseUrl}, as --release-url asks`] : []),
  ];
}

import { flagName, readSettings, type Setting, type SettingValues } from "../../shared/settings/settings.ts";
import { type AccessConfig, accessConfig, accessOptions } from "../options/access_config.ts";
import { type BuildVariable, jobVariables } from "../options/build_variables.ts";
import { jobOptions } from "../options/job_options.ts";
import { machineProblems } from "../options/machine_problems.ts";
import { optionalUuid } from "../options/option_values.ts";
import { startOptions } from "../options/options.ts";
import { stepVariables } from "../options/step_variables.ts";

/** Options of a start that say something of a build which is no runner, too. */
const sharedOptions = {
  timeoutMinutes: startOptions.timeoutMinutes,
  queuedTimeoutMinutes: startOptions.queuedTimeoutMinutes,
  computeType: startOptions.computeType,
  image: startOptions.image,
  environmentType: startOptions.environmentType,
  fleet: startOptions.fleet,
  capacityTimeoutS: startOptions.capacityTimeoutS,
} as const;

const jobSettings = {
  ...jobOptions,
  ...sharedOptions,
  // Only by its flag: the variable may be there for the pipeline's runners.
  customBuildspec: { ...startOptions.customBuildspec, variables: [] },
  pipelineUuid: optionalUuid(stepVariables.pipelineUuid),
  repositoryUuid: optionalUuid(stepVariables.repositoryUuid),
  workspaceUuid: optionalUuid(stepVariables.workspaceUuid),
  stepRun: stepVariables.stepRun,
} as const;

/** What running a build that is no runner takes. */
export interface JobConfig extends AccessConfig, Omit<SettingValues<typeof jobSettings>, "pipelineUuid"> {
  readonly pipelineUuid: string;
  readonly variables: readonly BuildVariable[];
  /** What CodeBuild has said of the fleet, where it was asked about one that is given by its name. */
  readonly fleetArn?: string | undefined;
  readonly fleetType?: string | undefined;
}

/** Everything of the command line and the environment that such a build takes, or all problems with it. */
export function jobConfig(
  flags: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): { config: JobConfig; problems: string[] } {
  const access = accessConfig(flags, env);
  const { values, problems } = readSettings(jobSettings, flags, env);
  const origin = { ...access.config, ...values };
  const { variables, problems: variableProblems } = jobVariables(origin, values.env ?? [], env);
  return {
    config: { ...access.config, ...values, pipelineUuid: values.pipelineUuid ?? "", variables },
    problems: [
      ...access.problems,
      ...problems,
      ...formProblems(flags, values),
      ...machineProblems({ ...access.config, ...values }),
      ...variableProblems,
    ],
  };
}

function formProblems(
  flags: Readonly<Record<string, string>>,
  { noRunner, buildspec, customBuildspec }: Pick<
    SettingValues<typeof jobSettings>,
    "noRunner" | "buildspec" | "customBuildspec"
  >,
): string[] {
  if (!noRunner) return ["Missing --no-runner: --buildspec and --env are for builds without a runner"];
  const known = [...Object.keys(accessOptions), ...Object.keys(jobSettings)];
  const surplus = Object.keys(flags).filter((key) => !known.includes(key))
    .map((key) => flagName((startOptions as Readonly<Record<string, Setting<unknown>>>)[key] ?? {}) ?? key);
  return [
    ...surplus.map((flag) => `Cannot use ${flag} with --no-runner: it is for builds with a runner`),
    ...(buildspec !== undefined && customBuildspec
      ? ["Cannot use --buildspec with --custom-buildspec: choose one of them"]
      : []),
    ...(buildspec === undefined && !customBuildspec
      ? ["Missing what to run: set --buildspec FILE, or --custom-buildspec for the project's own buildspec"]
      : []),
  ];
}

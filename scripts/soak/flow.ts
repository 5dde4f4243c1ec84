import type { Build } from "../local_cloud/codebuild/build.ts";
import { type Pipeline, type Step, stepsOf } from "../local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../local_cloud/start_local_cloud.ts";
import { stepVariables } from "../local_cloud/step_variables.ts";

/** A pipeline that starts a runner and runs steps on it. */
export interface FlowPlan {
  /** One command for each self-hosted step, in their order. */
  readonly steps: readonly string[];
  readonly multiStep?: boolean;
  /** All steps begin at once. */
  readonly parallel?: boolean;
  /** More options of start-runner. */
  readonly options?: string;
  /** The command of a last step in Bitbucket's own cloud, which the runner has nothing to do with. */
  readonly closing?: string;
  /** Variables of the pipeline, beside the endpoints, credentials and short intervals that every flow has. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Looks as close together as the agent allows, and a patience with single requests that fits this machine. */
export const QUICK = { BITBUCKET_POLL_INTERVAL: "1", API_TIMEOUT: "2" };

const EXIT_CODE_LINE = /^start-runner ended with (\d+)$/;

/** Starts the pipeline of a plan; `bin` is the folder that holds `start-runner`. */
export function startFlow(cloud: LocalCloud, bin: string, plan: FlowPlan): Pipeline {
  const variables = { ...stepVariables(cloud, bin), ...QUICK, ...plan.variables };
  return cloud.bitbucket.startPipeline(flowYaml(plan), { variables });
}

/** Resolves when the pipeline and every build that it started are over. */
export async function flowEnded(cloud: LocalCloud, pipeline: Pipeline): Promise<void> {
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  for (const build of buildsOf(cloud, pipeline)) await cloud.codeBuild.ended(build.id);
}

/** The builds that a pipeline's start-runner has started; there is to be one at most. */
export function buildsOf(cloud: LocalCloud, pipeline: Pipeline): Build[] {
  return cloud.codeBuild.builds.filter((build) =>
    build.input.environmentVariablesOverride.some(({ name, value }) =>
      name === "PIPELINE_UUID" && value === pipeline.uuid
    )
  );
}

/** start-runner's exit code; undefined when it, or its whole step, was killed. */
export function exitCodeOf(pipeline: Pipeline): number | undefined {
  const words = launcherOf(pipeline).output.map((line) => EXIT_CODE_LINE.exec(line)?.[1]);
  const code = words.find((word) => word !== undefined);
  return code === undefined ? undefined : Number(code);
}

/** The step that runs start-runner. */
export function launcherOf(pipeline: Pipeline): Step {
  const [launcher] = stepsOf(pipeline);
  if (launcher === undefined) throw new Error(`Pipeline ${pipeline.number} has no steps`);
  return launcher;
}

/** JSON is YAML too. */
function flowYaml({ steps, multiStep, parallel = false, options = "", closing }: FlowPlan): string {
  const launcher = {
    name: "Start runner",
    oidc: true,
    script: [
      `start-runner ${[multiStep ? "--multi-step" : "", options].join(" ")} || code=$?`,
      'echo "start-runner ended with ${code:-0}"',
      'exit "${code:-0}"',
    ],
  };
  const served = steps.map((command, index) => ({
    name: `Step ${index + 1}`,
    "runs-on": ["self.hosted", "linux.shell"],
    script: [command],
  }));
  const items = [launcher, ...(parallel ? [] : served)].map((step) => ({ step }));
  const atOnce = parallel ? [{ parallel: served.map((step) => ({ step })) }] : [];
  const last = closing === undefined ? [] : [{ name: "Closing", script: [closing] }];
  return JSON.stringify({ pipelines: { default: [...items, ...atOnce, ...last.map((step) => ({ step }))] } });
}

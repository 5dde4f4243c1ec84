import { readArguments } from "../../agent/process/process_table.ts";
import type { RunnerType } from "../../shared/settings/runner_type.ts";
import { makeLocalRelease } from "../local_cloud/local_release.ts";
import { makeStandInImage, removeStandInImage } from "../local_cloud/stand_in/stand_in_image.ts";
import { type LocalCloud, startLocalCloud } from "../local_cloud/start_local_cloud.ts";
import { stepVariables } from "../local_cloud/step_variables.ts";
import { flowEnded } from "../soak/flow.ts";
import { allProcesses, CpuWatch, type Taken } from "./cpu_watch.ts";
import { MemoryWatch, type Peak } from "./memory_watch.ts";
import { roleOf } from "./role_of_process.ts";

/** By then the agent has started and closed its runners. */
export const SETTLED_S = 3;
/** For many runners to start on few cores. */
const START_TIMEOUT_S = 180;

/** What a build is to do while it is measured. */
export interface Load {
  readonly type: RunnerType;
  /** In one build. */
  readonly runners: number;
  /** At once, each on a runner of its own; the other runners are idle meanwhile. */
  readonly steps: number;
  /** How long each step takes. */
  readonly seconds: number;
}

/** What an agent took of the machine: while all its steps ran, and at the most. */
export interface Burden {
  readonly taken: Taken;
  readonly peaks: readonly Peak[];
}

/** Plays a flow with so many steps at once, from source, below a folder. Rejects when it does not succeed. */
export async function measureBurden(parent: string, load: Load): Promise<Burden> {
  const { type } = load;
  const folder = await Deno.makeTempDir({ dir: parent });
  const release = await makeLocalRelease(folder, [type]);
  const mark = crypto.randomUUID();
  const cloud = await startLocalCloud({
    releaseFolder: release.folder,
    codeBuild: { machineEnv: { BENCH_FLOW: mark } },
  });
  const image = `stand-in-runner:${mark}`;
  const memory = new MemoryWatch(`BENCH_FLOW=${mark}`);
  try {
    if (type === "docker") await makeStandInImage(image, cloud.socket);
    const variables = {
      ...stepVariables(cloud, release.bin),
      RUNNER_IMAGE: image,
      RUNNER_HAND_ON: "RUNNER_IMAGE",
      BITBUCKET_POLL_INTERVAL: "10",
    };
    const pipeline = cloud.bitbucket.startPipeline(pipelineYaml(load), { variables });
    const taken = await takenDuringSteps(cloud, load, mark);
    await flowEnded(cloud, pipeline);
    if (pipeline.result !== "SUCCESSFUL") {
      throw new Error(`Cannot measure what the agent takes: the flow ended ${pipeline.result}`);
    }
    return { taken, peaks: memory.stop() };
  } finally {
    memory.stop();
    await cloud.close();
    if (type === "docker") await removeStandInImage(image);
  }
}

/** Whether there is a Docker daemon to measure with. */
export async function dockerAnswers(): Promise<boolean> {
  const docker = new Deno.Command("docker", { args: ["version"], stdout: "null", stderr: "null" });
  return await docker.output().then(({ success }) => success, () => false);
}

/** Between the moment when the last step has begun, and the one when the first of them is over. */
async function takenDuringSteps(cloud: LocalCloud, { steps, seconds }: Load, mark: string): Promise<Taken> {
  const said = (word: string) =>
    cloud.happenings.of("step output").filter(({ line }) => line === word).length;
  await cloud.happenings.until("step output", {
    where: () => said("begun") >= steps,
    timeoutS: START_TIMEOUT_S,
  });
  await new Promise((resolve) => setTimeout(resolve, SETTLED_S * 1000));
  const watch = new CpuWatch(agentPids(mark));
  await cloud.happenings.until("step output", {
    where: ({ line }) => line === "done",
    timeoutS: seconds + 30,
  });
  return watch.stop();
}

/** The agent's process of a build, and what carries containers' output, which an earlier phase started. */
function agentPids(mark: string): number[] {
  const ours = allProcesses().map(({ pid }) => pid).filter((pid) => environmentOf(pid).includes(mark));
  const agents = ours.filter((pid) => roleOf(readArguments(pid)) === "agent build");
  if (agents.length !== 1) throw new Error(`Cannot measure CPU: there are ${agents.length} agents`);
  return [
    ...agents,
    ...ours.filter((pid) => /follow-output|logs --follow/.test(readArguments(pid).join(" "))),
  ];
}

function environmentOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`);
  } catch {
    return "";
  }
}

function pipelineYaml({ type, runners, steps, seconds }: Load): string {
  const system = type === "shell" ? "linux.shell" : Deno.build.arch === "aarch64" ? "linux.arm64" : "linux";
  const launcher = { oidc: true, script: [`start-runner --runner-type ${type} --runners ${runners}`] };
  const served = Array.from({ length: steps }, () => ({
    step: {
      "runs-on": ["self.hosted", "codebuild", system],
      script: ["echo begun", `sleep ${seconds}`, "echo done"],
    },
  }));
  return JSON.stringify({ pipelines: { default: [{ step: launcher }, { parallel: served }] } });
}

import { readArguments } from "../../agent/process/process_table.ts";
import type { RunnerType } from "../../shared/settings/runner_type.ts";
import { makeLocalRelease } from "../local_cloud/local_release.ts";
import { makeStandInImage, removeStandInImage } from "../local_cloud/stand_in/stand_in_image.ts";
import { startLocalCloud } from "../local_cloud/start_local_cloud.ts";
import { stepVariables } from "../local_cloud/step_variables.ts";
import { flowEnded } from "../soak/flow.ts";
import { allProcesses, CpuWatch, type Taken } from "./cpu_watch.ts";
import type { Figure } from "./report/figure.ts";
import { roleOf } from "./role_of_process.ts";

const LIMIT_PERCENT = 0.3;
const LIMIT_A_MINUTE = 1;
/** By then the agent has started and closed its runner. */
const SETTLED_S = 3;

/** What the agent takes of the machine while a step runs, for each type of runner that can run here. */
export async function agentCpuFigures(folder: string, seconds: number): Promise<Figure[]> {
  const types: RunnerType[] = await dockerAnswers() ? ["shell", "docker"] : ["shell"];
  const figures: Figure[] = [];
  for (const type of types) figures.push(...figuresOf(type, await agentCpu(folder, type, seconds), seconds));
  return figures;
}

function figuresOf(type: RunnerType, { percent, processesStarted }: Taken, seconds: number): Figure[] {
  const how =
    `utime and stime of the agent and of all that it started, from ${SETTLED_S} s after the start of ` +
    `a step of ${seconds} s to its end; children are counted every 5 ms`;
  return [
    {
      name: `CPU of the agent while a step runs, ${type} runner`,
      unit: "% of a core",
      values: [percent],
      budget: { limit: LIMIT_PERCENT, judged: "highest" },
      how,
    },
    {
      name: `Processes started by the agent while a step runs, ${type} runner`,
      unit: "a minute",
      values: [processesStarted * 60 / Math.max(60, seconds)],
      budget: { limit: LIMIT_A_MINUTE, judged: "highest" },
      how,
    },
  ];
}

async function agentCpu(parent: string, type: RunnerType, seconds: number): Promise<Taken> {
  const folder = await Deno.makeTempDir({ dir: parent });
  const release = await makeLocalRelease(folder, [type]);
  const mark = crypto.randomUUID();
  const cloud = await startLocalCloud({
    releaseFolder: release.folder,
    codeBuild: { machineEnv: { BENCH_FLOW: mark } },
  });
  const image = `stand-in-runner:${mark}`;
  try {
    if (type === "docker") await makeStandInImage(image, cloud.socket);
    const variables = {
      ...stepVariables(cloud, release.bin),
      RUNNER_IMAGE: image,
      RUNNER_HAND_ON: "RUNNER_IMAGE",
      BITBUCKET_POLL_INTERVAL: "10",
    };
    const pipeline = cloud.bitbucket.startPipeline(pipelineYaml(type, seconds), { variables });
    await cloud.happenings.until("step output", { where: ({ line }) => line === "begun", timeoutS: 60 });
    await new Promise((resolve) => setTimeout(resolve, SETTLED_S * 1000));
    const watch = new CpuWatch(agentPids(mark));
    await cloud.happenings.until("step output", {
      where: ({ line }) => line === "done",
      timeoutS: seconds + 30,
    });
    const taken = watch.stop();
    await flowEnded(cloud, pipeline);
    if (pipeline.result !== "SUCCESSFUL") {
      throw new Error(`Cannot measure CPU: the flow ended ${pipeline.result}`);
    }
    return taken;
  } finally {
    await cloud.close();
    if (type === "docker") await removeStandInImage(image);
  }
}

/** The agent's process of a build, and what carries a container's output, which an earlier phase started. */
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

function pipelineYaml(type: RunnerType, seconds: number): string {
  const system = type === "shell" ? "linux.shell" : Deno.build.arch === "aarch64" ? "linux.arm64" : "linux";
  const steps = [
    { oidc: true, script: [`start-runner --runner-type ${type}`] },
    {
      "runs-on": ["self.hosted", "codebuild", system],
      script: ["echo begun", `sleep ${seconds}`, "echo done"],
    },
  ];
  return JSON.stringify({ pipelines: { default: steps.map((step) => ({ step })) } });
}

async function dockerAnswers(): Promise<boolean> {
  const docker = new Deno.Command("docker", { args: ["version"], stdout: "null", stderr: "null" });
  return await docker.output().then(({ success }) => success, () => false);
}

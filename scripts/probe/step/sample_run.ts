import { RunnerError } from "../../../shared/program/errors.ts";
import { waitFor } from "../../../shared/program/wait.ts";
import { bodyOf, remark, succeeded } from "../judge/read_answer.ts";
import type { Probe } from "../live/probe.ts";
import { type SamplePipeline, samplePipeline, stepNames } from "./sample_pipeline.ts";
import type { StepPace } from "./step_pace.ts";
import { isOver, type SeenStep } from "./step_state.ts";

interface SeenPipeline extends SeenStep {
  readonly uuid?: string;
}

/** Starts the sample pipeline, or asks a person to where the credentials may not; gives its UUID. */
export async function startSample(probe: Probe, sample: SamplePipeline, pace: StepPace): Promise<string> {
  const { client, urls, signal, log, host } = probe;
  const yaml = samplePipeline(sample);
  const target = new URLSearchParams({
    "target.type": "pipeline_ref_target",
    "target.ref_type": "branch",
    "target.ref_name": sample.branch,
  });
  const answer = await client.send({
    name: "start pipeline",
    method: "POST",
    url: `${urls.pipelines()}?${target}`,
    body: new Blob([yaml], { type: "application/yaml" }),
  }, signal);
  const { uuid } = bodyOf<SeenPipeline>(answer);
  if (succeeded(answer) && uuid !== undefined) return uuid;
  log.warning(`Cannot start pipeline: Bitbucket answered ${remark(answer)}`);
  log.info(`Run this bitbucket-pipelines.yml on the branch ${sample.branch}; it is waited for:`);
  host.stderr.write(yaml);
  return await awaitSample(probe, sample, pace);
}

async function awaitSample(probe: Probe, sample: SamplePipeline, pace: StepPace): Promise<string> {
  const { client, urls, signal } = probe;
  const url = `${urls.pipelines()}?sort=-created_on&pagelen=5`;
  const look = async () => {
    const list = await client.send({ name: "list pipelines", method: "GET", url }, signal);
    const { values = [] } = bodyOf<{ values: SeenPipeline[] }>(list);
    for (const { uuid, ...pipeline } of values) {
      if (uuid === undefined || isOver(pipeline)) continue;
      if ((await readSteps(probe, uuid)).some(({ name }) => name === stepNames(sample).work)) return uuid;
    }
    return undefined;
  };
  const found = await waitFor(probe.host, look, {
    timeoutMs: pace.pipelineWithinMs,
    intervalMs: () => pace.personLookMs,
    signal,
  });
  if (found.kind === "done") return found.value;
  throw new RunnerError(
    `Cannot watch a step: nobody ran the pipeline within ${pace.pipelineWithinMs / 60_000} min`,
  );
}

/** The steps of a pipeline as they are now. */
export async function readSteps(
  { client, urls, signal }: Probe,
  pipeline: string,
): Promise<readonly SeenStep[]> {
  const request = { name: "list steps", method: "GET", url: urls.steps(pipeline) } as const;
  return bodyOf<{ values: SeenStep[] }>(await client.send(request, signal)).values ?? [];
}

/** Stops the pipeline where it is not over yet, and where the credentials may. */
export async function stopSample({ client, urls }: Probe, pipeline: string): Promise<void> {
  const url = `${urls.pipelines(pipeline)}/stopPipeline`;
  await client.send({ name: "stop pipeline", method: "POST", url });
}

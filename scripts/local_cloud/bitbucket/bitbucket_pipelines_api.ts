import { ApiRefusal, type ApiRequest, jsonReply, type Reply } from "../server/api_call.ts";
import type { Bitbucket } from "./bitbucket.ts";
import { notFound, pageReply } from "./bitbucket_replies.ts";
import type { Route } from "./bitbucket_routes.ts";
import { type Pipeline, pipelineToWire, type Step, stepsOf, stepToWire } from "../pipelines/pipeline.ts";

/** The calls below pipelines. */
export function answerPipelines(
  bitbucket: Bitbucket,
  route: Route & { readonly ownerUuid: string },
  request: ApiRequest,
): Reply {
  const { scheduler, settings } = bitbucket;
  const wire = (pipeline: Pipeline) => pipelineToWire(pipeline, settings.manualStage, route.baseUrl);
  switch (route.name) {
    case "ListPipelines": {
      const own = scheduler.pipelines.filter((pipeline) => pipeline.repositoryUuid === route.ownerUuid);
      return pageReply(request, filtered(own, request.url.searchParams).map(wire), settings);
    }
    case "RunPipeline":
      return jsonReply(201, wire(runPipeline(bitbucket, route.ownerUuid, request)));
    default:
      return answerPipeline(bitbucket, ownPipeline(bitbucket, route), route, request);
  }
}

function answerPipeline(bitbucket: Bitbucket, pipeline: Pipeline, route: Route, request: ApiRequest): Reply {
  switch (route.name) {
    case "ListSteps":
      return pageReply(
        request,
        stepsOf(pipeline).map((step) => stepWire(bitbucket, step)),
        bitbucket.settings,
      );
    case "GetStep":
      return jsonReply(200, stepWire(bitbucket, ownStep(pipeline, route.stepUuid)));
    case "GetStepLog": {
      const { output } = ownStep(pipeline, route.stepUuid);
      return {
        status: 200,
        headers: { "content-type": "application/octet-stream" },
        body: output.join("\n"),
      };
    }
    case "StopPipeline": {
      if (bitbucket.scheduler.stop(pipeline.uuid)) return { status: 204, headers: {}, body: "" };
      throw new ApiRefusal({
        status: 400,
        code: "",
        message: "The specified pipeline has already completed.",
      });
    }
    default:
      return jsonReply(200, pipelineToWire(pipeline, bitbucket.settings.manualStage, route.baseUrl));
  }
}

/** The words of the status filter differ from those of the state. */
const STATUS_WORDS: Readonly<Record<string, string>> = { SUCCESSFUL: "PASSED" };

function filtered(pipelines: readonly Pipeline[], query: URLSearchParams): Pipeline[] {
  const statuses = query.getAll("status").flatMap((status) => status.split(","));
  const statusOf = (pipeline: Pipeline) => {
    const paused = stepsOf(pipeline).some((step) => step.paused);
    const state = pipeline.result ?? (paused ? "PAUSED" : "BUILDING");
    return STATUS_WORDS[state] ?? state;
  };
  const chosen = pipelines.filter((pipeline) =>
    statuses.length === 0 || statuses.includes(statusOf(pipeline))
  );
  return query.get("sort") === "-created_on" ? chosen.reverse() : chosen;
}

/** An on-demand pipeline: its YAML is the body. */
function runPipeline(bitbucket: Bitbucket, repository: string, request: ApiRequest): Pipeline {
  try {
    return bitbucket.startPipeline(request.body, { repository });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ApiRefusal({ status: 400, code: "", message });
  }
}

function stepWire(bitbucket: Bitbucket, step: Step): object {
  const runner = step.runnerUuid === undefined ? undefined : bitbucket.runners.get(step.runnerUuid);
  const shown = bitbucket.settings.showsRunner && runner !== undefined
    ? { uuid: runner.uuid, name: runner.name, labels: runner.labels }
    : undefined;
  return stepToWire(step, shown);
}

function ownPipeline(bitbucket: Bitbucket, route: Route): Pipeline {
  const pipeline = bitbucket.scheduler.find(route.id);
  if (pipeline === undefined || pipeline.repositoryUuid !== route.ownerUuid) {
    throw notFound(`Pipeline ${route.id} not found`);
  }
  return pipeline;
}

function ownStep(pipeline: Pipeline, uuid: string): Step {
  const step = stepsOf(pipeline).find((candidate) => candidate.uuid === uuid);
  if (step === undefined) throw notFound(`Step ${uuid} not found`);
  return step;
}

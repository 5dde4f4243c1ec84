import { ApiRefusal, type ApiRequest, jsonReply, type Reply } from "../server/api_call.ts";
import type { Bitbucket } from "./bitbucket.ts";
import { notFound, pageReply } from "./bitbucket_replies.ts";
import type { Route } from "./bitbucket_routes.ts";
import { iso } from "../pipelines/pipeline.ts";
import type { RunnerRecord } from "../pipelines/runner_registry.ts";

/** The calls below pipelines-config/runners. */
export function answerRunners(
  bitbucket: Bitbucket,
  route: Route & { readonly ownerUuid: string },
  request: ApiRequest,
): Reply {
  const { runners } = bitbucket;
  switch (route.name) {
    case "ListRunners": {
      const owned = runners.all.filter((runner) => runner.ownerUuid === route.ownerUuid);
      return pageReply(request, owned.map((runner) => runnerToWire(bitbucket, runner)));
    }
    case "CreateRunner": {
      const { name, labels } = readRunner(request);
      const runner = runners.create(route.ownerUuid, name, labels);
      const { id, secret } = runner.client;
      // The only answer that carries the secret.
      const client = { id, secret, token_endpoint: TOKEN_ENDPOINT, audience: "api.atlassian.com" };
      return jsonReply(200, { ...runnerToWire(bitbucket, runner), oauth_client: client });
    }
    default:
      return answerRunner(bitbucket, ownedRunner(bitbucket, route), route.name, request);
  }
}

const TOKEN_ENDPOINT = "https://auth.atlassian.com/oauth/token";

function answerRunner(bitbucket: Bitbucket, runner: RunnerRecord, name: string, request: ApiRequest): Reply {
  const { runners, settings } = bitbucket;
  switch (name) {
    case "UpdateRunner": {
      const { name, labels, status } = readRunner(request);
      runners.rename(runner, name, labels);
      if (settings.closeForm === "public" && status !== undefined) {
        runners.setDisabled(runner, status === "DISABLED");
      }
      break;
    }
    case "UpdateRunnerState": {
      if (settings.closeForm !== "state") throw notFound("Resource not found");
      runners.setDisabled(runner, parsedBody(request)["status"] === "DISABLED");
      break;
    }
    case "DeleteRunner":
      runners.remove(runner);
      return { status: 204, headers: {}, body: "" };
  }
  return jsonReply(200, runnerToWire(bitbucket, runner));
}

function ownedRunner(bitbucket: Bitbucket, route: Route): RunnerRecord {
  const runner = bitbucket.runners.get(route.id);
  if (runner === undefined || runner.ownerUuid !== route.ownerUuid) {
    throw notFound(`Runner ${route.id} not found`);
  }
  return runner;
}

/** Source: Bitbucket's API description and fixtures of public clients; `step` is not in the description. */
function runnerToWire(bitbucket: Bitbucket, runner: RunnerRecord): object {
  const { step } = runner;
  return {
    type: "pipeline_runner",
    uuid: runner.uuid,
    name: runner.name,
    labels: runner.labels,
    state: {
      type: "pipeline_runner_state",
      status: bitbucket.runners.statusOf(runner),
      updated_on: iso(runner.stateUpdatedAt),
      cordoned: false,
      ...(runner.connection === "UNREGISTERED" ? {} : { version: { version: "5.6.0", current: "6.0.7" } }),
      ...(step !== undefined && bitbucket.settings.showsStep
        ? { step: { type: "PIPELINE_STEP", uuid: step.uuid } }
        : {}),
    },
    created_on: iso(runner.createdAt),
    updated_on: iso(runner.updatedAt),
    oauth_client: { id: runner.client.id, token_endpoint: TOKEN_ENDPOINT, audience: "api.atlassian.com" },
  };
}

function readRunner(request: ApiRequest): { name: string; labels: string[]; status: string | undefined } {
  const body = parsedBody(request);
  const name = body["name"];
  const labels = body["labels"];
  if (typeof name !== "string" || name === "") throw badRequest("name: required");
  if (!Array.isArray(labels) || labels.length < 1) throw badRequest("labels: required");
  for (const label of labels) {
    // Source: Atlassian's documentation as quoted by hosters, and the schema of bitbucket-pipelines.yml.
    if (typeof label !== "string" || !/^[a-z0-9.]{1,50}$/.test(label)) {
      throw badRequest(`labels: ${label} is not made of up to 50 lowercase letters, numbers and dots`);
    }
  }
  if (labels.filter((label) => !SYSTEM_LABELS.includes(label)).length > 10) {
    throw badRequest("labels: at most 10 of your own");
  }
  const state = body["state"] as { status?: unknown } | undefined;
  return { name, labels, status: typeof state?.status === "string" ? state.status : undefined };
}

const SYSTEM_LABELS = ["self.hosted", "linux", "linux.arm64", "linux.shell", "macos", "windows"];

function parsedBody(request: ApiRequest): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(request.body);
    if (typeof body === "object" && body !== null) return body as Record<string, unknown>;
  } catch {
    // Reported below, like every body that is not an object.
  }
  throw badRequest("The request body is not valid JSON");
}

function badRequest(message: string): ApiRefusal {
  return new ApiRefusal({ status: 400, code: "", message: "Bad request", detail: message });
}

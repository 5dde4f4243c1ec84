import { ApiRefusal, type ApiRequest, jsonReply, type Reply } from "../server/api_call.ts";
import type { Bitbucket } from "./bitbucket.ts";
import { badProperty, notFound, pageReply } from "./bitbucket_replies.ts";
import type { BitbucketSettings } from "../pipelines/bitbucket_settings.ts";
import type { Route } from "./bitbucket_routes.ts";
import { iso, type Step } from "../pipelines/pipeline.ts";
import type { RunnerRecord } from "../pipelines/runner_registry.ts";
import { RUNNER_TOKEN_PATH } from "./runner_identity.ts";
import { labelsProblem, nameProblem } from "./runner_rules.ts";

/** The calls below pipelines-config/runners. */
export function answerRunners(
  bitbucket: Bitbucket,
  route: Route & { readonly ownerUuid: string },
  request: ApiRequest,
): Reply {
  const { runners, settings } = bitbucket;
  switch (route.name) {
    case "ListRunners": {
      const owned = runners.all.filter((runner) => runner.ownerUuid === route.ownerUuid);
      return pageReply(request, owned.map((runner) => runnerToWire(bitbucket, runner, request)), settings);
    }
    case "CreateRunner":
      return createRunner(bitbucket, route.ownerUuid, request);
    default:
      return answerRunner(bitbucket, ownedRunner(bitbucket, route), route.name, request);
  }
}

function createRunner(bitbucket: Bitbucket, ownerUuid: string, request: ApiRequest): Reply {
  const { runners, settings } = bitbucket;
  const { name, labels } = readRunner(bitbucket, request);
  const runner = runners.create(ownerUuid, name, labels);
  const { oauth_client, ...wire } = runnerToWire(bitbucket, runner, request);
  if (settings.runnerError !== undefined) return jsonReply(200, { ...wire, error: settings.runnerError });
  // The only answer that carries the secret.
  return jsonReply(200, { ...wire, oauth_client: { ...oauth_client, secret: runner.client.secret } });
}

function answerRunner(bitbucket: Bitbucket, runner: RunnerRecord, name: string, request: ApiRequest): Reply {
  const { runners, settings } = bitbucket;
  switch (name) {
    case "UpdateRunner": {
      const { name, labels, status } = readRunner(bitbucket, request);
      runners.rename(runner, name, labels);
      if (servesForm("public", status, settings)) runners.setDisabled(runner, status === "DISABLED");
      break;
    }
    case "UpdateRunnerState": {
      const { status } = parsedBody(request);
      if (!servesForm("state", status, settings)) throw notFound("Resource not found");
      runners.setDisabled(runner, status === "DISABLED");
      break;
    }
    case "DeleteRunner":
      if (runner.step !== undefined && settings.deleteBusy === "refuse") throw busy(runner);
      runners.remove(runner);
      return { status: 204, headers: {}, body: "" };
  }
  return jsonReply(200, runnerToWire(bitbucket, runner, request));
}

/** Whether a request of this form changes a runner's state to the status. */
function servesForm(
  form: "public" | "state",
  status: unknown,
  { closeForm, reopenForm }: BitbucketSettings,
): boolean {
  const served = status === "DISABLED" ? closeForm : status === "ENABLED" ? reopenForm : "none";
  return served === form || served === "both";
}

function busy({ uuid }: RunnerRecord): ApiRefusal {
  return new ApiRefusal({ status: 409, code: "", message: `Runner ${uuid} is running a step` });
}

function ownedRunner(bitbucket: Bitbucket, route: Route): RunnerRecord {
  const runner = bitbucket.runners.get(route.id);
  if (runner === undefined || runner.ownerUuid !== route.ownerUuid) {
    throw notFound(`Runner ${route.id} not found`);
  }
  return runner;
}

/** Source: Bitbucket's API description and fixtures of public clients; `step` is not in the description. */
function runnerToWire(bitbucket: Bitbucket, runner: RunnerRecord, request: ApiRequest) {
  const { settings, runners } = bitbucket;
  const step = shownStep(runner, settings);
  return {
    type: "pipeline_runner",
    uuid: runner.uuid,
    name: runner.name,
    labels: runner.labels,
    state: {
      type: "pipeline_runner_state",
      status: runners.statusOf(runner),
      updated_on: iso(runner.stateUpdatedAt),
      cordoned: runner.disabled && settings.closedShows === "cordoned",
      ...(runner.connection === "UNREGISTERED" ? {} : { version: { version: "5.6.0", current: "6.0.7" } }),
      ...(step === undefined ? {} : { step: { type: "PIPELINE_STEP", uuid: step.uuid } }),
    },
    created_on: iso(runner.createdAt),
    updated_on: iso(runner.updatedAt),
    oauth_client: {
      id: runner.client.id,
      token_endpoint: `${request.url.origin}${RUNNER_TOKEN_PATH}`,
      audience: "api.atlassian.com",
    },
  };
}

function shownStep({ step, disabled }: RunnerRecord, settings: BitbucketSettings): Step | undefined {
  if (!settings.showsStep || (disabled && settings.disabledHidesStep)) return undefined;
  const age = Date.now() - (step?.startedAt ?? Infinity);
  return age >= settings.stepShownAfterMs ? step : undefined;
}

function readRunner(
  { settings }: Bitbucket,
  request: ApiRequest,
): { name: string; labels: string[]; status: unknown } {
  const body = parsedBody(request);
  const { name, labels } = body;
  const bad = nameProblem(name, settings) ?? labelsProblem(labels, settings);
  if (bad !== undefined) throw badProperty(bad, settings);
  const added = settings.addsSelfHosted ? ["self.hosted"] : [];
  return {
    name: name as string,
    labels: [...new Set([...added, ...labels as string[]])],
    status: (body["state"] as { status?: unknown } | undefined)?.status,
  };
}

function parsedBody(request: ApiRequest): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(request.body);
    if (typeof body === "object" && body !== null) return body as Record<string, unknown>;
  } catch {
    // Reported below, like every body that is not an object.
  }
  throw new ApiRefusal({ status: 400, code: "", message: "The request body is not valid JSON" });
}

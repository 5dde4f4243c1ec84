import {
  answerOrRefuse,
  type ApiCall,
  type ApiFailure,
  ApiRefusal,
  type ApiRequest,
  jsonReply,
  type Reply,
} from "../server/api_call.ts";
import type { Bitbucket } from "./bitbucket.ts";
import type { RunnerRecord } from "../pipelines/runner_registry.ts";
import type { BitbucketSettings } from "../pipelines/bitbucket_settings.ts";
import { notFound } from "./bitbucket_replies.ts";
import { requireScope, unauthorized } from "./bitbucket_credentials.ts";
import { answerPipelines } from "./bitbucket_pipelines_api.ts";
import { type Route, routeOf } from "./bitbucket_routes.ts";
import { RUNNER_TOKEN_PATH } from "./runner_identity.ts";
import { answerRunners } from "./bitbucket_runners_api.ts";

/** Bitbucket's API: OAuth tokens, runners and pipelines; public 2.0 paths, and the older /internal ones. */
export function identifyBitbucket(bitbucket: Bitbucket, request: ApiRequest): ApiCall | undefined {
  const credential = bitbucket.credentials.nameOf(request);
  if (request.method === "POST" && request.url.pathname === "/site/oauth2/access_token") {
    const answer = () =>
      answerOrRefuse(refuseToken, () => jsonReply(200, bitbucket.credentials.grant(request)));
    return { api: "Bitbucket", name: "OAuthToken", credential, refuse, answer };
  }
  if (request.method === "POST" && request.url.pathname === RUNNER_TOKEN_PATH) {
    const answer = () => answerOrRefuse(refuseToken, () => jsonReply(200, bitbucket.identity.grant(request)));
    return { api: "Bitbucket", name: "RunnerToken", credential, refuse, answer };
  }
  if (!/^\/(2\.0|internal)\//.test(request.url.pathname)) return undefined;
  const route = routeOf(request, bitbucket);
  const answer = () => answerOrRefuse(refuse, () => answerWithinLimit(bitbucket, route, request, credential));
  return { api: "Bitbucket", name: route?.name ?? "Unknown", credential, refuse, answer };
}

function answerWithinLimit(
  bitbucket: Bitbucket,
  route: Route | undefined,
  request: ApiRequest,
  credential: string,
): Reply {
  const { settings } = bitbucket;
  const runner = bitbucket.identity.runnerOf(request);
  if (runner !== undefined) return answerRunner(bitbucket, runner, route, request);
  const principal = bitbucket.credentials.principal(request);
  const { allowed, left, resetMs } = bitbucket.rateLimit.take(credential);
  const headers = limitHeaders(settings, left, resetMs);
  if (!allowed) {
    const retryAfter = settings.sendsRetryAfter ? { "retry-after": String(Math.ceil(resetMs / 1000)) } : {};
    throw new ApiRefusal({
      status: 429,
      code: "",
      message: "Rate limit for this resource has been exceeded",
      headers: { ...headers, ...retryAfter },
    });
  }
  if (route === undefined) throw notFound("Resource not found");
  if (route.ownerUuid === undefined) {
    throw notFound("You may not have access to this repository or it no longer exists");
  }
  requireScope(principal, route.scope);
  const reply = route.name.includes("Runner")
    ? answerRunners(bitbucket, { ...route, ownerUuid: route.ownerUuid }, request)
    : answerPipelines(bitbucket, { ...route, ownerUuid: route.ownerUuid }, request);
  return {
    ...reply,
    headers: { ...reply.headers, ...headers, "x-oauth-scopes": principal.scopes.join(", ") },
  };
}

/** The answer to a runner that calls by its own identity. */
function answerRunner(
  bitbucket: Bitbucket,
  runner: RunnerRecord,
  route: Route | undefined,
  request: ApiRequest,
): Reply {
  if (route === undefined || route.ownerUuid !== runner.ownerUuid) throw unauthorized();
  bitbucket.identity.require(runner, route);
  return answerRunners(bitbucket, { ...route, ownerUuid: route.ownerUuid }, request);
}

/** Source: Atlassian's announcement of scaled rate limits, and anonymous answers as seen by public code. */
function limitHeaders(
  { rateLimitHeaders, requestsPerHour: most, rateLimitHourMs }: BitbucketSettings,
  left: number,
  resetMs: number,
): Record<string, string> {
  switch (rateLimitHeaders) {
    case "none":
      return {};
    case "limit":
      return {
        "x-ratelimit-limit": String(most),
        "x-ratelimit-resource": "api_repositories",
        "x-ratelimit-nearlimit": String(left < most * 0.2),
      };
    case "draft":
      return {
        "x-ratelimit-limit": `${most}, ${most};w=${Math.ceil(rateLimitHourMs / 1000)}`,
        "x-ratelimit-remaining": String(left),
        "x-ratelimit-reset": String(Math.ceil(resetMs / 1000)),
      };
  }
}

function refuse(failure: ApiFailure): Reply {
  const { message, detail } = failure;
  const error = detail === undefined ? { message } : { message, detail };
  return jsonReply(failure.status, { type: "error", error }, { ...failure.headers });
}

/** RFC 6749's form, which Bitbucket uses for its tokens. */
function refuseToken(failure: ApiFailure): Reply {
  return jsonReply(failure.status, { error: failure.code, error_description: failure.message });
}

import type { Bitbucket } from "./bitbucket.ts";
import type { ApiRequest } from "../server/api_call.ts";

/** A request to Bitbucket's API, taken apart. */
export interface Route {
  /** The call's name, as in ListRunners. */
  readonly name: string;
  readonly scope: string;
  /** The repository's UUID, or the workspace's for calls below /workspaces; undefined when unknown. */
  readonly ownerUuid: string | undefined;
  /** Runner or pipeline UUID, or build number. */
  readonly id: string;
  readonly stepUuid: string;
  /** URL up to the owner, for links. */
  readonly baseUrl: string;
}

const PREFIX = /^\/(2\.0|internal)\/(?:repositories\/([^/]+)\/([^/]+)|workspaces\/([^/]+))\/(.*?)\/?$/;

const PATTERNS:
  readonly (readonly [method: string, path: RegExp, name: string, scope: string, internalOnly?: true])[] = [
    ["GET", /^pipelines-config\/runners$/, "ListRunners", "runner"],
    ["POST", /^pipelines-config\/runners$/, "CreateRunner", "runner:write"],
    ["GET", /^pipelines-config\/runners\/([^/]+)$/, "GetRunner", "runner"],
    ["PUT", /^pipelines-config\/runners\/([^/]+)$/, "UpdateRunner", "runner:write"],
    ["PUT", /^pipelines-config\/runners\/([^/]+)\/state$/, "UpdateRunnerState", "runner:write", true],
    ["DELETE", /^pipelines-config\/runners\/([^/]+)$/, "DeleteRunner", "runner:write"],
    ["GET", /^pipelines$/, "ListPipelines", "pipeline"],
    ["POST", /^pipelines$/, "RunPipeline", "pipeline:write"],
    ["GET", /^pipelines\/([^/]+)$/, "GetPipeline", "pipeline"],
    ["POST", /^pipelines\/([^/]+)\/stopPipeline$/, "StopPipeline", "pipeline:write"],
    ["GET", /^pipelines\/([^/]+)\/steps$/, "ListSteps", "pipeline"],
    ["GET", /^pipelines\/([^/]+)\/steps\/([^/]+)$/, "GetStep", "pipeline"],
    ["GET", /^pipelines\/([^/]+)\/steps\/([^/]+)\/log$/, "GetStepLog", "pipeline"],
  ];

/** Recognises a call; undefined for paths that are none. A slash at the end makes no difference. */
export function routeOf(request: ApiRequest, bitbucket: Bitbucket): Route | undefined {
  const prefix = PREFIX.exec(request.url.pathname);
  if (prefix === null) return undefined;
  const [, version, workspaceOfRepository, repository, workspace, rest = ""] = prefix.map(decoded);
  for (const [method, path, name, scope, internalOnly] of PATTERNS) {
    const match = path.exec(rest);
    if (match === null || method !== request.method || (internalOnly && version !== "internal")) continue;
    return {
      name,
      scope,
      ownerUuid: owner(bitbucket, workspaceOfRepository ?? workspace ?? "", repository),
      id: match[1] ?? "",
      stepUuid: match[2] ?? "",
      baseUrl: request.url.origin + request.url.pathname.slice(0, request.url.pathname.indexOf("/pipelines")),
    };
  }
  return undefined;
}

function decoded(part: string | undefined): string | undefined {
  if (part === undefined) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Slugs, and UUIDs in braces; Bitbucket does not take a UUID without them. */
function owner(bitbucket: Bitbucket, workspace: string, repository: string | undefined): string | undefined {
  const { workspace: own, repositories } = bitbucket.settings;
  if (workspace !== own.slug && workspace !== own.uuid) return undefined;
  if (repository === undefined) return own.uuid;
  return repositories.find(({ slug, uuid }) => slug === repository || uuid === repository)?.uuid;
}

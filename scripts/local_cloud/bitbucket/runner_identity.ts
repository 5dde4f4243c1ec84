import { ApiRefusal, type ApiRequest } from "../server/api_call.ts";
import type { RunnerRight } from "../pipelines/platform_answers.ts";
import type { RunnerRecord, RunnerRegistry } from "../pipelines/runner_registry.ts";
import type { BitbucketSettings } from "../pipelines/bitbucket_settings.ts";
import { bearerToken, unauthorized } from "./bitbucket_credentials.ts";

/** Where a runner's OAuth client gets its token; the live one is https://auth.atlassian.com/oauth/token. */
export const RUNNER_TOKEN_PATH = "/oauth/token";

const LIFETIME_S = 3600;
const NEEDED: Readonly<Record<string, RunnerRight>> = {
  GetRunner: "read",
  ListRunners: "list",
  UpdateRunner: "close",
  UpdateRunnerState: "close",
  DeleteRunner: "delete",
};

/** The tokens that runners get by their own identity, and what the API lets them do. */
export class RunnerIdentity {
  readonly #settings: BitbucketSettings;
  readonly #runners: RunnerRegistry;
  readonly #issued = new Map<string, string>();

  constructor(settings: BitbucketSettings, runners: RunnerRegistry) {
    this.#settings = settings;
    this.#runners = runners;
  }

  /** The client-credentials grant as Atlassian's own identity service takes it: JSON, with the audience. */
  grant(request: ApiRequest): object {
    const { client_id: id, client_secret: secret, grant_type, audience } = asked(request);
    const runner = this.#runners.all.find(({ client }) => client.id === id && client.secret === secret);
    if (runner === undefined) throw refused(401, "access_denied", "Unauthorized");
    if (grant_type !== "client_credentials" || audience !== "api.atlassian.com") {
      throw refused(403, "unauthorized_client", "Grant type or audience is not allowed for the client");
    }
    const token = `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll("-", "");
    this.#issued.set(token, runner.uuid);
    return { access_token: token, expires_in: LIFETIME_S, token_type: "Bearer", scope: "" };
  }

  /** The runner whose token a request bears; undefined for everybody else. */
  runnerOf(request: ApiRequest): RunnerRecord | undefined {
    const uuid = this.#issued.get(bearerToken(request) ?? "");
    return uuid === undefined ? undefined : this.#runners.get(uuid);
  }

  /** Throws `ApiRefusal` unless runners may do that, with their own runner where it is about one. */
  require(runner: RunnerRecord, { name, id }: { readonly name: string; readonly id: string }): void {
    const right = NEEDED[name];
    const allowed = right !== undefined && this.#settings.runnerMay.includes(right);
    if (!allowed || (right !== "list" && id !== runner.uuid)) throw unauthorized();
  }
}

function asked(request: ApiRequest): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(request.body);
    if (typeof body === "object" && body !== null) return body as Record<string, unknown>;
  } catch {
    // Without an object there are no credentials in it, which is refused.
  }
  return {};
}

function refused(status: number, code: string, message: string): ApiRefusal {
  return new ApiRefusal({ status, code, message });
}

import type { ServerResponse } from "node:http";
import { type ApiRequest, jsonReply, type Reply } from "../server/api_call.ts";
import { basicAuthorization } from "./bitbucket_credentials.ts";
import type { BitbucketSettings } from "../pipelines/bitbucket_settings.ts";
import type { RunnerRecord, RunnerRegistry } from "../pipelines/runner_registry.ts";
import type { StepDispatcher } from "../pipelines/step_dispatcher.ts";

/** What a stand-in runner learns when it connects. */
export type Welcome = Pick<BitbucketSettings, typeof WELCOME[number]>;

const WELCOME = [
  "heartbeatMs",
  "runnerFault",
  "runnerWords",
  "runnerSpacing",
  "runnerLogsTo",
  "rotatesLogAt",
  "resultDelayMs",
] as const;

/**
 * How the stand-in runners talk to the local Bitbucket. Atlassian's own protocol is not published; this one is
 * private to the local cloud: POST connect, state, heartbeat, output and complete, and GET messages, a stream of JSON lines.
 */
export class RunnerProtocol {
  constructor(
    readonly settings: BitbucketSettings,
    readonly runners: RunnerRegistry,
    readonly dispatcher: StepDispatcher,
  ) {}

  /** Undefined when `response` is kept open as a stream. */
  answer(action: string, request: ApiRequest, response: ServerResponse): Reply | undefined {
    const runner = this.#authenticated(request);
    if (runner === undefined) return jsonReply(401, { error: "invalid_client" });
    const body = request.body === "" ? {} : JSON.parse(request.body);
    switch (action) {
      case "connect":
        return jsonReply(200, Object.fromEntries(WELCOME.map((name) => [name, this.settings[name]])));
      case "state":
        this.runners.report(runner, body.status);
        return jsonReply(200, {});
      case "heartbeat":
        this.runners.heard(runner);
        return jsonReply(200, {});
      case "complete":
        this.dispatcher.completed(runner, body.stepUuid, body.exitCode);
        return jsonReply(200, {});
      case "output":
        this.dispatcher.output(runner, body.stepUuid, body.lines);
        return jsonReply(200, {});
      case "messages":
        return this.#stream(runner, response);
      default:
        return jsonReply(404, {});
    }
  }

  #authenticated(request: ApiRequest): RunnerRecord | undefined {
    const basic = basicAuthorization(request);
    return this.runners.all.find(({ client }) =>
      client.id === basic?.user && client.secret === basic.password
    );
  }

  #stream(runner: RunnerRecord, response: ServerResponse): undefined {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.flushHeaders();
    const send: RunnerRecord["send"] = (message) => void response.write(`${JSON.stringify(message)}\n`);
    runner.send = send;
    response.on("close", () => {
      if (runner.send === send) runner.send = undefined;
    });
  }
}

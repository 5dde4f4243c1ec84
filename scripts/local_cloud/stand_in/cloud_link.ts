import type { RunnerIdentity } from "./stand_in_identity.ts";

/**
 * A stand-in runner's connection to the local cloud, by the protocol in runner_protocol.ts. The cloud's address is an http URL,
 * or unix:PATH for a runner in a container, which shares the machine's /tmp but not its network.
 */
export class CloudLink {
  readonly #baseUrl: string;
  readonly #client: Deno.HttpClient | undefined;
  readonly #headers: Record<string, string>;

  constructor({ cloudUrl, clientId, clientSecret }: RunnerIdentity) {
    const path = /^unix:(\/.+)$/.exec(cloudUrl)?.[1];
    this.#baseUrl = path === undefined ? cloudUrl : "http://local-cloud";
    this.#client = path === undefined
      ? undefined
      : Deno.createHttpClient({ proxy: { transport: "unix", path } });
    this.#headers = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` };
  }

  /** The parsed answer. Rejects when Bitbucket refuses, as it does for a runner that was removed. */
  async post(action: string, body: unknown = {}): Promise<unknown> {
    const response = await this.#fetch(action, { method: "POST", body: JSON.stringify(body) });
    return await response.json();
  }

  /** The stream of messages for this runner. */
  async messages(): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#fetch("messages", {});
    if (body === null) throw new Error("Cannot listen for steps: the answer has no body");
    return body;
  }

  async #fetch(action: string, init: RequestInit): Promise<Response> {
    const response = await fetch(`${this.#baseUrl}/stand-in-runner/${action}`, {
      ...init,
      headers: this.#headers,
      ...(this.#client === undefined ? {} : { client: this.#client }),
    });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new Error(`Cannot reach Bitbucket: ${action} answered ${response.status}`);
  }
}

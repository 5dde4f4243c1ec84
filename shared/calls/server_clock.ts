import type { Host } from "../program/host.ts";

/** The server's clock: the `Date` of its last answer, carried on by a local clock that cannot jump. */
export class ServerClock {
  readonly #host: Pick<Host, "now" | "monotonicMs">;
  #offsetMs: number | undefined;

  constructor(host: Pick<Host, "now" | "monotonicMs">) {
    this.#host = host;
  }

  /** Takes note of an answer's headers. */
  note(headers: Headers): void {
    const date = Date.parse(headers.get("date") ?? "");
    if (!Number.isNaN(date)) this.#offsetMs = date - this.#host.monotonicMs();
  }

  /** Milliseconds since 1970, exact to about a second; the local clock until the server has answered. */
  now(): number {
    return this.#offsetMs === undefined ? this.#host.now() : this.#host.monotonicMs() + this.#offsetMs;
  }
}

import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { Runner } from "../../shared/calls/bitbucket_schema.ts";
import type { Host } from "../../shared/program/host.ts";

/** How long the first who asks waits for the others, in milliseconds: the phase ends no sooner than all are online. */
const PATIENCE_MS = 2_000;

interface Waiting {
  readonly runnerUuid: string;
  readonly answer: (runner: Promise<Runner | undefined>) => void;
}

/**
 * Looks at several runners with one request: at all of them that are asked for when the last one is, or after a while. One
 * that is alone is looked at by itself.
 */
export class OnlineLooks {
  readonly #bitbucket: Pick<Bitbucket, "getRunner" | "listRunners">;
  readonly #host: Pick<Host, "sleep">;
  readonly #signal: AbortSignal;
  #missing: number;
  #waiting: Waiting[] = [];
  #patience: AbortController | undefined;

  constructor(
    { bitbucket, host, signal }: {
      readonly bitbucket: Pick<Bitbucket, "getRunner" | "listRunners">;
      readonly host: Pick<Host, "sleep">;
      readonly signal: AbortSignal;
    },
    runners: number,
  ) {
    this.#bitbucket = bitbucket;
    this.#host = host;
    this.#signal = signal;
    this.#missing = runners;
  }

  /** One that is online, or has failed, asks for no look any more. */
  done(): void {
    this.#missing--;
    this.#lookIfComplete();
  }

  /** The runner, or undefined when Bitbucket does not know it. Rejects as Bitbucket's calls do. */
  getRunner(runnerUuid: string): Promise<Runner | undefined> {
    return new Promise((answer) => {
      this.#waiting.push({ runnerUuid, answer });
      if (this.#waiting.length === 1) this.#waitForOthers();
      this.#lookIfComplete();
    });
  }

  #waitForOthers(): void {
    const patience = this.#patience = new AbortController();
    const signal = AbortSignal.any([patience.signal, this.#signal]);
    this.#host.sleep(PATIENCE_MS, signal).catch(() => {}).then(() => {
      if (!patience.signal.aborted) this.#look();
    });
  }

  #lookIfComplete(): void {
    if (this.#waiting.length > 0 && this.#waiting.length >= this.#missing) this.#look();
  }

  #look(): void {
    this.#patience?.abort();
    const asked = this.#waiting;
    this.#waiting = [];
    const signal = this.#signal;
    const listed = asked.length > 1 ? this.#bitbucket.listRunners({ signal }) : Promise.resolve([]);
    for (const { runnerUuid, answer } of asked) {
      // A page of the list may have slipped meanwhile.
      answer(
        listed.then((runners) =>
          runners.find(({ uuid }) => uuid === runnerUuid) ?? this.#bitbucket.getRunner(runnerUuid, { signal })
        ),
      );
    }
  }
}

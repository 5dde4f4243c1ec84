/** One thing that happened in the local cloud. `at` is in milliseconds since 1970. */
export type Happening = { readonly at: number } & Event;

/** What can happen; the words are those of the platforms. */
export type Event =
  | { readonly type: "build started"; readonly buildId: string }
  | { readonly type: "build phase"; readonly buildId: string; readonly phase: string }
  | { readonly type: "build ended"; readonly buildId: string; readonly status: string }
  | { readonly type: "build output"; readonly buildId: string; readonly line: string }
  | { readonly type: "runner registered"; readonly runnerUuid: string; readonly name: string }
  | { readonly type: "runner online"; readonly runnerUuid: string; readonly name: string }
  | { readonly type: "runner closed"; readonly runnerUuid: string; readonly name: string }
  | { readonly type: "runner offline"; readonly runnerUuid: string; readonly name: string }
  | { readonly type: "runner unregistered"; readonly runnerUuid: string; readonly name: string }
  | { readonly type: "pipeline started"; readonly pipelineUuid: string }
  | { readonly type: "pipeline ended"; readonly pipelineUuid: string; readonly result: string }
  | { readonly type: "step queued"; readonly pipelineUuid: string; readonly step: string }
  | {
    readonly type: "step started";
    readonly pipelineUuid: string;
    readonly step: string;
    readonly stepUuid: string;
    readonly runnerUuid?: string | undefined;
  }
  | {
    readonly type: "step output";
    readonly pipelineUuid: string;
    readonly step: string;
    readonly line: string;
    /** Whether its step is one of several that run side by side. */
    readonly beside?: boolean;
  }
  | {
    readonly type: "step ended";
    readonly pipelineUuid: string;
    readonly step: string;
    readonly stepUuid: string;
    readonly result: string;
  }
  | { readonly type: "request"; readonly call: string; readonly status: number | "reset" | "hung" };

/** The happenings of one type. */
export type HappeningOf<T extends Event["type"]> = Extract<Happening, { type: T }>;

export interface UntilOptions<T extends Event["type"]> {
  /** Which of the happenings of this type is meant; any when left out. */
  readonly where?: (happening: HappeningOf<T>) => boolean;
  /** Seconds after which the wait gives up (default 60). */
  readonly timeoutS?: number;
}

/** Everything that happened so far, in order; tests and the demo wait for what they need instead of sleeping. */
export class Happenings {
  readonly all: Happening[] = [];
  readonly #listeners = new Set<(happening: Happening) => void>();

  emit(event: Event): void {
    const happening = { at: Date.now(), ...event };
    this.all.push(happening);
    for (const listener of [...this.#listeners]) listener(happening);
  }

  /** Calls `listener` for all that happens from now on; returns what ends that. */
  on(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Those of one type that have happened so far. */
  of<T extends Event["type"]>(type: T): HappeningOf<T>[] {
    return this.all.filter((happening): happening is HappeningOf<T> => happening.type === type);
  }

  /** Waits for a happening; one that has happened already counts. Rejects when the time is up. */
  until<T extends Event["type"]>(type: T, options: UntilOptions<T> = {}): Promise<HappeningOf<T>> {
    const where = options.where ?? (() => true);
    const earlier = this.of(type).find(where);
    if (earlier !== undefined) return Promise.resolve(earlier);
    const timeoutS = options.timeoutS ?? 60;
    return new Promise((resolve, reject) => {
      const stop = this.on((happening) => {
        if (happening.type !== type || !where(happening as HappeningOf<T>)) return;
        clearTimeout(timer);
        stop();
        resolve(happening as HappeningOf<T>);
      });
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`Waited ${timeoutS} s for «${type}» in vain; last: ${this.#lastWords()}`));
      }, timeoutS * 1000);
    });
  }

  #lastWords(): string {
    const telling = this.all.filter((happening) => happening.type !== "request").slice(-5);
    return telling.map(({ at: _, ...event }) => JSON.stringify(event)).join(" ") || "nothing";
  }
}

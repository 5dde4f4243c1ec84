import { advance } from "../../../agent/life/lifecycle.ts";
import { type Lifecycle, type LifecycleEvent, startLifecycle } from "../../../agent/life/lifecycle_state.ts";
import { type Action, nextAction } from "../../../agent/life/next_action.ts";
import type { StepRef } from "../../../agent/life/runner_log.ts";

/** What a run of the model is like; everything else is drawn from the seed. */
export interface World {
  readonly seed: number;
  readonly pipelines: readonly {
    readonly mode: "single-step" | "multi-step";
    readonly startMs: number;
    readonly steps: number;
  }[];
  /** Whether Bitbucket shows the step a runner is busy with. */
  readonly showsStep: boolean;
  /**
   * Share of API calls whose answer is lost; half of these have had their effect. At most two in a row: a call
   * stands for one with all its retries, and no promise outlasts an outage that goes on for ever.
   */
  readonly lostAnswers: number;
  /** Share of pipelines that somebody stops, and of runners that crash. */
  readonly stops: number;
  readonly crashes: number;
}

interface Runner {
  readonly index: number;
  life: Lifecycle;
  registered: boolean;
  alive: boolean;
  closed: boolean;
  busyWith: Step | undefined;
  crashed: boolean;
  inFlight: boolean;
  lostInRow: number;
  readonly heard: LifecycleEvent[];
  wake: number;
}

interface Step extends StepRef {
  readonly pipeline: PipelineModel;
  state: "waiting" | "queued" | "assigned" | "done" | "failed";
}

interface PipelineModel {
  readonly uuid: string;
  readonly runner: Runner;
  readonly steps: Step[];
  ended: boolean;
  stopped: boolean;
  ranElsewhere: number;
}

/** A model of Bitbucket's scheduler with a pool of runners that all have the same labels, in virtual time. */
export class PoolModel {
  readonly violations: string[] = [];
  readonly history: string[] = [];
  readonly #world: World;
  readonly #queue: { at: number; order: number; run: () => void }[] = [];
  readonly #pipelines: PipelineModel[] = [];
  readonly #runners: Runner[] = [];
  #now = 0;
  #order = 0;
  #random: number;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.seed | 0;
  }

  /** Plays everything to its end and returns what broke a promise. */
  run(): readonly string[] {
    this.#world.pipelines.forEach((plan, index) => this.#at(plan.startMs, () => this.#online(plan, index)));
    for (let count = 0; this.#queue.length > 0 && count < 200_000; count++) {
      this.#queue.sort((a, b) => a.at - b.at || a.order - b.order);
      const event = this.#queue.shift();
      if (event === undefined) break;
      this.#now = event.at;
      event.run();
    }
    for (const runner of this.#runners) {
      if (runner.registered) this.#violation(`runner ${runner.index} stays registered`);
    }
    for (const pipeline of this.#pipelines) {
      if (!pipeline.ended) this.#violationUnlessCrashed(`pipeline ${pipeline.uuid} never ends`);
    }
    return this.violations;
  }

  /** The runner is online, and start-runner's step ends some time after that. */
  #online(plan: World["pipelines"][number], index: number): void {
    const uuid = `{p${index}}`;
    const settings = {
      mode: plan.mode,
      pipelineUuid: uuid,
      shortestLookMs: 10_000,
      idleTimeoutMs: 30 * 60_000,
    };
    const runner: Runner = {
      index,
      life: startLifecycle(settings, this.#now),
      registered: true,
      alive: true,
      closed: false,
      busyWith: undefined,
      crashed: false,
      inFlight: false,
      lostInRow: 0,
      heard: [],
      wake: 0,
    };
    const pipeline: PipelineModel = {
      uuid,
      runner,
      steps: [],
      ended: false,
      stopped: false,
      ranElsewhere: 0,
    };
    for (let step = 0; step < plan.steps; step++) {
      pipeline.steps.push({
        pipelineUuid: uuid,
        stepUuid: `{p${index}s${step}}`,
        pipeline,
        state: "waiting",
      });
    }
    this.#runners.push(runner);
    this.#pipelines.push(pipeline);
    this.#say(`runner ${index} online, ${plan.mode}`);
    this.#after(500, 60_000, () => this.#nextStep(pipeline));
    if (this.#chance(this.#world.stops)) this.#after(0, 120_000, () => this.#stop(pipeline));
    if (this.#chance(this.#world.crashes)) this.#after(0, 120_000, () => this.#crash(runner));
    this.#drive(runner);
  }

  #nextStep(pipeline: PipelineModel): void {
    if (pipeline.ended) return;
    const step = pipeline.steps.find((candidate) => candidate.state === "waiting");
    if (step === undefined) return this.#end(pipeline);
    const open = this.#runners.filter((runner) => runner.registered && runner.alive && !runner.closed);
    if (open.length === 0) {
      step.state = "failed";
      this.#violationUnlessCrashed(`no runner for ${step.stepUuid}`);
      return this.#end(pipeline);
    }
    const idle = open.filter((runner) => runner.busyWith === undefined);
    step.state = "queued";
    const chosen = idle[Math.floor(this.#draw() * idle.length)];
    if (chosen !== undefined) this.#assign(chosen, step);
  }

  #assign(runner: Runner, step: Step): void {
    step.state = "assigned";
    runner.busyWith = step;
    if (runner !== step.pipeline.runner) step.pipeline.ranElsewhere++;
    this.#say(`${step.stepUuid} is given to runner ${runner.index}`);
    this.#after(0, 30_000, () => {
      if (!runner.alive) return;
      const { pipelineUuid, stepUuid } = step;
      this.#hear(runner, { type: "step started", step: { pipelineUuid, stepUuid } });
      this.#after(100, 90_000, () => this.#finish(runner, step));
    });
  }

  #finish(runner: Runner, step: Step): void {
    if (!runner.alive || runner.busyWith !== step) return;
    runner.busyWith = undefined;
    step.state = "done";
    this.#hear(runner, { type: "step completed", result: "PASSED" });
    this.#after(0, 20_000, () => this.#nextStep(step.pipeline));
    this.#serveQueue(runner);
  }

  #serveQueue(runner: Runner): void {
    if (runner.closed || !runner.alive || !runner.registered || runner.busyWith !== undefined) return;
    const step = this.#pipelines.flatMap((pipeline) => pipeline.steps).find((candidate) =>
      candidate.state === "queued"
    );
    if (step !== undefined) this.#assign(runner, step);
  }

  #end(pipeline: PipelineModel): void {
    pipeline.ended = true;
    this.#say(`pipeline ${pipeline.uuid} ended`);
  }

  #stop(pipeline: PipelineModel): void {
    if (pipeline.ended) return;
    for (const step of pipeline.steps) {
      const runner = this.#runners.find((candidate) => candidate.busyWith === step);
      if (runner !== undefined) this.#finish(runner, step);
      if (step.state !== "done") step.state = "failed";
    }
    this.#end(pipeline);
  }

  #crash(runner: Runner): void {
    if (!runner.alive) return;
    runner.alive = false;
    runner.crashed = true;
    this.#say(`runner ${runner.index} crashes`);
    if (runner.busyWith !== undefined) {
      runner.busyWith.state = "failed";
      this.#end(runner.busyWith.pipeline);
      runner.busyWith = undefined;
    }
    this.#hear(runner, { type: "runner exited" });
  }

  #hear(runner: Runner, event: LifecycleEvent): void {
    runner.heard.push(event);
    this.#drive(runner);
  }

  /** The driver: one action at a time; what is heard meanwhile waits until its answer is there. */
  #drive(runner: Runner): void {
    if (runner.inFlight) return;
    for (const event of runner.heard.splice(0)) this.#note(runner, event);
    const action = nextAction(runner.life, this.#now);
    if (action.type === "finish") return this.#nextPhase(runner);
    if (action.type === "leave") {
      this.#note(runner, { type: "told to leave", why: action.why });
      return this.#drive(runner);
    }
    if (action.type === "wait") {
      if (action.untilMs === Infinity || action.untilMs === runner.wake) return;
      runner.wake = action.untilMs;
      return this.#at(action.untilMs, () => {
        runner.wake = 0;
        this.#drive(runner);
      });
    }
    this.#call(runner, action);
  }

  /** What a phase could not unregister, post_build or the next build tries again. */
  #nextPhase(runner: Runner): void {
    if (runner.life.unregistered) return;
    runner.life = startLifecycle(runner.life.settings, this.#now);
    this.#note(runner, { type: "told to leave", why: "its build is ending" });
    if (!runner.alive) this.#note(runner, { type: "runner exited" });
    this.#after(1_000, 1_000, () => this.#drive(runner));
  }

  #call(runner: Runner, action: Action): void {
    runner.inFlight = true;
    const lost = action.type !== "stop" && runner.lostInRow < 2 && this.#chance(this.#world.lostAnswers);
    runner.lostInRow = lost ? runner.lostInRow + 1 : 0;
    const acts = !lost || this.#chance(0.5);
    this.#after(20, lost ? 20_000 : 800, () => {
      const answer = acts ? this.#act(runner, action) : undefined;
      this.#after(20, lost ? 30_000 : 800, () => {
        runner.inFlight = false;
        for (const event of runner.heard.splice(0)) this.#note(runner, event);
        this.#note(
          runner,
          lost || answer === undefined ? { type: "call failed", action: action.type } : answer,
        );
        this.#drive(runner);
      });
    });
  }

  #act(runner: Runner, action: Action): LifecycleEvent | undefined {
    const view = { closed: runner.closed, busy: this.#world.showsStep && runner.busyWith !== undefined };
    switch (action.type) {
      case "close":
        runner.closed = true;
        return { type: "close answered", refused: false, runner: { ...view, closed: true } };
      case "look at runner":
        return { type: "runner seen", runner: view };
      case "look at step": {
        const step = this.#pipelines.flatMap((pipeline) => pipeline.steps)
          .find((candidate) => candidate.stepUuid === action.step.stepUuid);
        return { type: "step seen", completed: step?.state === "done" || step?.state === "failed" };
      }
      case "look at pipeline":
        return { type: "pipeline seen", over: this.#own(runner)?.ended ? "ended" : undefined, stretch: 1 };
      case "look elsewhere":
        return { type: "elsewhere seen", ranElsewhere: this.#own(runner)?.ranElsewhere ?? 0 };
      case "look at others": {
        const unfinished =
          this.#pipelines.filter((pipeline) => !pipeline.ended && pipeline.runner !== runner).length;
        // Pipelines that are still in their first step are unfinished too; theirs come online later.
        const launching = this.#world.pipelines.length - this.#pipelines.length;
        const ownEnded = this.#own(runner)?.ended ?? false;
        return { type: "others seen", unfinished: unfinished + launching, ownEnded, stretch: 1 };
      }
      case "stop":
        if (runner.busyWith !== undefined) this.#violation(`busy runner ${runner.index} is stopped`);
        runner.alive = false;
        return { type: "stopped" };
      case "unregister":
        if (runner.busyWith !== undefined) this.#violation(`busy runner ${runner.index} is deleted`);
        runner.registered = false;
        return { type: "unregistered" };
      default:
        return undefined;
    }
  }

  #own(runner: Runner): PipelineModel | undefined {
    return this.#pipelines.find((pipeline) => pipeline.runner === runner);
  }

  #note(runner: Runner, event: LifecycleEvent): void {
    runner.life = advance(runner.life, event, this.#now);
    this.#say(
      `runner ${runner.index}: ${JSON.stringify(event)} -> ${runner.life.stage}, ${runner.life.door}`,
    );
  }

  /** A pool that has lost a runner to a crash may be one short. */
  #violationUnlessCrashed(what: string): void {
    if (!this.#runners.some((runner) => runner.crashed)) this.#violation(what);
  }

  #violation(what: string): void {
    this.#say(`VIOLATION: ${what}`);
    this.violations.push(what);
  }

  #say(what: string): void {
    this.history.push(`${(this.#now / 1000).toFixed(1).padStart(8)} ${what}`);
  }

  #at(at: number, run: () => void): void {
    this.#queue.push({ at: Math.max(at, this.#now), order: this.#order++, run });
  }

  #after(leastMs: number, mostMs: number, run: () => void): void {
    this.#at(this.#now + leastMs + this.#draw() * (mostMs - leastMs), run);
  }

  #chance(share: number): boolean {
    return this.#draw() < share;
  }

  /** mulberry32: small, seedable, good enough to mix events. */
  #draw(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

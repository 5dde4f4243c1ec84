import { knownStep, mayHaveAny } from "../../../../agent/ask/ask_bitbucket.ts";
import { stillOwed } from "../../../../agent/ask/debt_shares.ts";
import { isHere, type Lifecycle, type LifecycleEvent } from "../../../../agent/life/lifecycle_state.ts";
import type { Action } from "../../../../agent/life/next_action.ts";
import type { StepRef } from "../../../../agent/life/runner_log.ts";
import { ModelClock } from "./model_clock.ts";
import { type ModelPlatform, ModelRunner } from "./model_runner.ts";
import { ModelTeam } from "./model_team.ts";
import type { Machine, ModelPipeline, ModelStep, World } from "./pool_world.ts";

/** How long Bitbucket is away. */
const OUTAGE_MS = 10 * 60_000;
/** The ear tells of something running, or of nothing, when two looks half a second apart agree. */
const HANDS_DELAY_MS = 1_000;
/** Beyond the idle timeout: the pause after what was no step as far as words go, a blink, a signal's next phase. */
const LONGEST_PAUSE_MS = 4 * 60_000;
/** The longest that a step's result takes to arrive. */
const SENDING_MS = 2_500;
/** The longest until a runner that serves strangers is closed, or where Bitbucket is not asked, gone after it. */
const CLOSING_MS = 15_000;
const GOING_MS = 8_000;
const MUTE_GOING_MS = 130_000;
/** The longest that a runner may be kept after all pipelines have ended, whatever its senses say. */
const LONGEST_STAY_MS = 3 * 3_600_000;

/** A model of Bitbucket's scheduler with a pool of runners that all have the same labels, in virtual time. */
export class PoolModel implements ModelPlatform {
  readonly violations: string[] = [];
  readonly #clock: ModelClock;
  readonly #world: World;
  readonly #pipelines: ModelPipeline[] = [];
  readonly #runners: ModelRunner[] = [];
  #lastEnd = 0;

  constructor(world: World) {
    this.#world = world;
    this.#clock = new ModelClock(world.seed);
  }

  get history(): readonly string[] {
    return this.#clock.history;
  }

  /** Plays everything to its end and returns what broke a promise. */
  run(): readonly string[] {
    const { pipelines } = this.#world;
    pipelines.forEach((plan, index) => this.#clock.at(plan.startMs, () => this.#online(plan, index)));
    if (!this.#clock.run(200_000)) this.violation("it never ends");
    for (const { machine } of this.#runners) {
      if (machine.registered) this.violation(`runner ${machine.index} stays registered`);
    }
    const livedUntil = Math.max(...this.#runners.map((runner) => runner.livedUntil));
    if (livedUntil > this.#lastEnd + LONGEST_STAY_MS) this.violation("a runner is kept for ever");
    for (const { uuid, ended } of this.#pipelines) {
      if (!ended) this.#poolViolation(`pipeline ${uuid} never ends`);
    }
    return this.violations;
  }

  away(): boolean {
    const { outageAt } = this.#world;
    return outageAt !== undefined && this.#clock.now >= outageAt && this.#clock.now < outageAt + OUTAGE_MS;
  }

  violation(what: string): void {
    this.#clock.say(`VIOLATION: ${what}`);
    this.violations.push(what);
  }

  /** Nothing of a build outlives it; what stays registered, the next build removes. */
  buildEnded(machine: Machine): void {
    const { outageAt, lostAnswers, bitbucket } = this.#world;
    const away = outageAt !== undefined || lostAnswers > 0 || bitbucket === "never";
    if (machine.busyWith !== undefined && (!away || (bitbucket === "never" && this.#atWork.has(machine)))) {
      this.violation(`runner ${machine.index} is left with a step`);
    }
    machine.alive = false;
    machine.registered = false;
    this.#loseStep(machine);
  }

  /** The runner is online, and start-runner's step ends some time after that. */
  #online(plan: World["pipelines"][number], index: number): void {
    const uuid = `{p${index}}`;
    const { lingers = false } = plan;
    const pipeline: ModelPipeline = {
      uuid,
      steps: [],
      build: index,
      parallel: plan.parallel,
      lingers,
      ended: false,
      run: 1,
      failed: false,
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
    this.#pipelines.push(pipeline);
    const { idleTimeoutMs, bitbucket, ownPipelineOnly, lingerMs } = this.#world;
    const settings = {
      mode: plan.mode,
      bitbucket,
      ownPipelineOnly,
      lingerMs: lingers ? lingerMs : 0,
      pipelineUuid: uuid,
      shortestLookMs: 10_000,
      idleTimeoutMs,
      handsOver: true,
    };
    const team = new ModelTeam();
    const runners = Array.from({ length: plan.runners }, () => {
      const machine = newMachine(this.#runners.length, index, this.#clock.now);
      this.#clock.say(`runner ${machine.index} of build ${index} online, ${plan.mode}`);
      const runner = new ModelRunner(this.#clock, this.#world, this, machine, settings, team);
      this.#runners.push(runner);
      return runner;
    });
    if (this.#clock.chance(this.#world.stops)) this.#clock.after(0, 120_000, () => this.#stop(pipeline));
    for (const runner of runners) this.#trouble(runner);
    for (const runner of runners) runner.begin();
    this.#clock.after(
      Math.max(500, plan.firstStepMs - 60_000),
      Math.max(60_000, plan.firstStepMs),
      () => this.#nextSteps(pipeline),
    );
  }

  #trouble(runner: ModelRunner): void {
    const { crashes, blinks, ghosts, handsSeen } = this.#world;
    runner.replay = () => this.#told(runner);
    if (this.#clock.chance(crashes)) this.#clock.after(0, 120_000, () => this.#crash(runner));
    for (let count = 0; count < 3; count++) {
      if (!this.#clock.chance(blinks)) continue;
      this.#clock.after(0, 240_000, () => {
        runner.hear({ type: "pulse", pulse: "unknown" });
        if (handsSeen) this.#blink(runner);
      });
    }
    if (!handsSeen || !this.#clock.chance(ghosts)) return;
    this.#clock.after(0, 240_000, () => {
      if (runner.machine.busyWith !== undefined) return;
      runner.hear({ type: "hands", hands: "busy" });
      this.#clock.after(1_000, 90_000, () => {
        runner.machine.lastActive = this.#clock.now;
        this.#tellHands(runner);
      });
    });
  }

  #blink(runner: ModelRunner): void {
    runner.hear({ type: "hands", hands: "unknown" });
    this.#clock.after(500, 60_000, () => this.#tellHands(runner));
  }

  #tellHands(runner: ModelRunner): void {
    runner.hear({ type: "hands", hands: this.#atWork.has(runner.machine) ? "busy" : "idle" });
  }

  readonly #atWork = new Set<Machine>();

  /** What a phase learns at its beginning, from the output so far and a first look. */
  #told({ machine }: ModelRunner): LifecycleEvent[] {
    const events: LifecycleEvent[] = this.#world.mute ? [] : [{ type: "online" }];
    if (this.#world.handsSeen) {
      events.push({ type: "hands", hands: this.#atWork.has(machine) ? "busy" : "idle" });
    }
    return events;
  }

  #nextSteps(pipeline: ModelPipeline): void {
    const waiting = pipeline.steps.filter(({ state }) => state === "waiting");
    for (const _ of pipeline.parallel ? waiting : waiting.slice(0, 1)) this.#nextStep(pipeline);
  }

  #nextStep(pipeline: ModelPipeline): void {
    if (pipeline.ended) return;
    const step = pipeline.failed
      ? undefined
      : pipeline.steps.find((candidate) => candidate.state === "waiting");
    if (step === undefined) {
      const running = pipeline.steps.some(({ state }) => state === "queued" || state === "assigned");
      if (running) return;
      this.#end(pipeline);
      return pipeline.failed ? this.#mayRunAgain(pipeline) : undefined;
    }
    const open = this.#runners.filter(({ machine }) =>
      machine.registered && machine.alive && !machine.closed
    );
    if (open.length === 0) {
      this.#poolViolation(`no runner for ${step.stepUuid}`);
      return this.#fail(step);
    }
    const idle = open.filter(({ machine }) => machine.busyWith === undefined);
    step.state = "queued";
    const chosen = idle[Math.floor(this.#clock.draw() * idle.length)];
    if (chosen !== undefined) this.#assign(chosen, step);
  }

  #assign(runner: ModelRunner, step: ModelStep): void {
    const { machine } = runner;
    step.state = "assigned";
    machine.busyWith = step;
    this.#checkCompany(machine);
    if (machine.build !== step.pipeline.build) step.pipeline.ranElsewhere++;
    this.#clock.say(`${step.stepUuid} is given to runner ${machine.index}`);
    this.#clock.after(0, 30_000, () => {
      if (!machine.alive || machine.busyWith !== step) return;
      this.#clock.say(`${step.stepUuid} begins`);
      this.#atWork.add(machine);
      machine.told = false;
      if (!this.#world.mute) {
        runner.hear({ type: "step started", step: refOf(step) });
        this.#noteStrangers(machine);
      }
      this.#handsMove(runner, "busy");
      this.#clock.after(1_500, 90_000, () => this.#finish(runner, step));
    });
  }

  /** The step's processes have ended; its result is at Bitbucket a moment later. */
  #finish(runner: ModelRunner, step: ModelStep): void {
    const { machine } = runner;
    if (!machine.alive || machine.busyWith !== step) return;
    this.#clock.say(`${step.stepUuid} ends on runner ${machine.index}`);
    this.#atWork.delete(machine);
    machine.lastActive = this.#clock.now;
    if (machine.strangersBegan !== undefined) machine.strangersEnded ??= this.#clock.now;
    const failed = this.#clock.chance(this.#world.fails);
    const result = failed ? "FAILED" : "PASSED";
    if (!this.#world.mute) runner.hear({ type: "step completed", result });
    this.#handsMove(runner, "idle");
    this.#clock.after(0, 2_500, () => {
      if (!machine.alive || machine.busyWith !== step) return;
      machine.busyWith = undefined;
      if (step.state === "assigned") step.state = failed ? "failed" : "done";
      if (step.state === "failed") this.#clock.after(0, 1_000, () => this.#fail(step));
      else this.#clock.after(0, 20_000, () => this.#nextStep(step.pipeline));
      this.#serveQueue(runner);
    });
  }

  #handsMove(runner: ModelRunner, hands: "busy" | "idle"): void {
    if (!this.#world.handsSeen) return;
    this.#clock.after(0, HANDS_DELAY_MS, () => {
      if (this.#atWork.has(runner.machine) !== (hands === "busy")) return;
      // Of two steps without a pause between them, hands alone tell as of one.
      const news = hands === "busy" && !runner.machine.full;
      runner.hear({ type: "hands", hands });
      if (news) this.#noteStrangers(runner.machine);
    });
  }

  #noteStrangers(machine: Machine): void {
    if (machine.busyWith?.pipeline.build !== machine.build) machine.strangersBegan ??= this.#clock.now;
  }

  #serveQueue(runner: ModelRunner): void {
    const { machine } = runner;
    if (machine.closed || !machine.alive || !machine.registered || machine.busyWith !== undefined) return;
    const step = this.#pipelines.flatMap(({ steps }) => steps).find(({ state }) => state === "queued");
    if (step !== undefined) this.#assign(runner, step);
  }

  #end(pipeline: ModelPipeline): void {
    pipeline.ended = true;
    this.#lastEnd = this.#clock.now;
    this.#clock.say(`pipeline ${pipeline.uuid} ended`);
  }

  /** No step begins after one that has failed; those beside it go on. */
  #fail(step: ModelStep): void {
    step.state = "failed";
    step.pipeline.failed = true;
    if (!step.pipeline.ended) this.#nextStep(step.pipeline);
  }

  /** Somebody may run what has failed again, and what comes after it, as long as a runner is promised to stay. */
  #mayRunAgain(pipeline: ModelPipeline): void {
    const { reruns, lingerMs } = this.#world;
    if (!pipeline.lingers || !this.#clock.chance(reruns)) return;
    this.#clock.after(1_000, lingerMs, () => {
      this.#clock.say(`pipeline ${pipeline.uuid} is run again`);
      pipeline.ended = false;
      pipeline.failed = false;
      pipeline.run++;
      for (const step of pipeline.steps) if (step.state === "failed") step.state = "waiting";
      this.#nextSteps(pipeline);
    });
  }

  #stop(pipeline: ModelPipeline): void {
    if (pipeline.ended) return;
    for (const step of pipeline.steps) {
      const runner = this.#runners.find(({ machine }) => machine.busyWith === step);
      if (runner !== undefined && this.#atWork.has(runner.machine)) this.#finish(runner, step);
      else if (runner !== undefined) this.#free(runner);
      if (step.state !== "done") step.state = "stopped";
    }
    this.#end(pipeline);
  }

  #free(runner: ModelRunner): void {
    runner.machine.busyWith = undefined;
    this.#clock.after(0, 0, () => this.#serveQueue(runner));
  }

  #crash(runner: ModelRunner): void {
    if (!runner.machine.alive) return;
    runner.machine.alive = false;
    runner.machine.crashed = true;
    this.#clock.say(`runner ${runner.machine.index} crashes`);
    this.#loseStep(runner.machine);
    runner.hear({ type: "pulse", pulse: "dead" });
  }

  #loseStep(machine: Machine): void {
    this.#atWork.delete(machine);
    if (machine.busyWith === undefined) return;
    const step = machine.busyWith;
    machine.busyWith = undefined;
    this.#fail(step);
  }

  #view(machine: Machine) {
    const { showsStep, hidesClosed } = this.#world;
    const shown = showsStep && !(hidesClosed && machine.closed);
    return {
      closed: machine.closed,
      busy: shown && machine.busyWith !== undefined,
      stepUuid: shown ? machine.busyWith?.stepUuid : undefined,
    };
  }

  views(build: number): ReadonlyMap<string, LifecycleEvent> {
    const machines = this.#runners.map(({ machine }) => machine).filter((machine) =>
      machine.build === build && machine.registered
    );
    return new Map(
      machines.map((
        machine,
      ) => [`{r${machine.index}}`, { type: "runner seen", runner: this.#view(machine) }]),
    );
  }

  /** What the runners of a build owe together is no more than what others' have served for it. */
  learned({ build }: Machine, life: Lifecycle): void {
    const { lostAnswers, mute, lies, ghosts, signals, outageAt } = this.#world;
    if (lostAnswers + lies + ghosts + signals > 0 || mute || outageAt !== undefined) return;
    if (!isHere(life) || (life.pool.debt ?? 0) <= 0) return;
    const lives = this.#runners.filter(({ machine }) => machine.build === build).map(({ life }) => life);
    const owed = lives.reduce((sum, life) => sum + stillOwed(life), 0);
    const elsewhere = this.#pipelines.find((pipeline) => pipeline.build === build)?.ranElsewhere ?? 0;
    if (owed > elsewhere) {
      this.violation(`build ${build} owes ${owed}, and ${elsewhere} were served elsewhere`);
    }
  }

  act(machine: Machine, action: Action, heard: boolean): LifecycleEvent | undefined {
    const { hidesClosed, lies } = this.#world;
    const view = this.#view(machine);
    const own = this.#pipelines.find(({ build }) => build === machine.build);
    if (this.#world.bitbucket === "never") return this.#unasked(machine, action);
    switch (action.type) {
      case "close":
        machine.closed = true;
        return {
          type: "close answered",
          refused: false,
          runner: { ...view, closed: true, busy: view.busy && !hidesClosed },
        };
      case "look at runner":
        if (heard) machine.liedTo = !machine.liedTo && this.#clock.chance(lies);
        return { type: "runner seen", runner: machine.registered && !machine.liedTo ? view : undefined };
      case "look at step":
        return this.#stepSeen(action.step.stepUuid);
      case "look at own steps":
        return this.#ownSteps(machine, own, action.stepUuid);
      case "look at pipeline":
        return {
          type: "pipeline seen",
          over: own?.ended ? "ended" : undefined,
          failedRun: own?.ended && own.failed ? own.run : undefined,
          stretch: 1,
        };
      case "look elsewhere":
        return { type: "elsewhere seen", ranElsewhere: own?.ranElsewhere ?? 0 };
      case "look at others":
        return this.#others(machine, own);
      default:
        return this.#deed(machine, action);
    }
  }

  decided(machine: Machine, { type }: Action): void {
    if (type !== "stop" || this.#world.bitbucket === "asked") return;
    if (machine.told && this.#atWork.has(machine)) this.violation(`a runner is to be stopped at work`);
    const { idleTimeoutMs, lingerMs, ghosts } = this.#world;
    const idleMs = this.#clock.now - machine.lastActive;
    if (idleMs > Math.max(idleTimeoutMs, lingerMs) + LONGEST_PAUSE_MS) {
      this.violation(`runner ${machine.index} idles for ${idleMs}`);
    }
    if (ghosts === 0 && idleMs < SENDING_MS) this.violation(`runner ${machine.index} may still be sending`);
  }

  /** The last look before the stop is the driver's; a step that is only on its way is lost, which nobody can help. */
  #unasked(machine: Machine, action: Action): LifecycleEvent | undefined {
    if (action.type === "stop") {
      const { handsSeen } = this.#world;
      if (this.#atWork.has(machine)) {
        if (!handsSeen) return { type: "pulse", pulse: "alive" };
        // Should it be over before that is told, the looks that follow say so.
        const runner = this.#runners.find((one) => one.machine === machine);
        this.#clock.after(1_000, 2_000, () => runner && this.#tellHands(runner));
        return { type: "hands", hands: "busy" };
      }
      this.#clock.say(`runner ${machine.index} is stopped`);
      if (machine.busyWith !== undefined) this.#loseStep(machine);
    } else if (action.type !== "clean up") {
      this.violation(`Bitbucket is asked to ${action.type}`);
    }
    return this.#deed(machine, action);
  }

  /** A runner that has served strangers gets no other step, but for one that came before it could be closed, or gone. */
  #checkCompany({ index, strangersBegan, strangersEnded, lastActive }: Machine): void {
    const { ownPipelineOnly, bitbucket, lostAnswers, lies, outageAt, mute, blinks, ghosts } = this.#world;
    const { showsStep, hidesClosed, handsSeen } = this.#world;
    if (!ownPipelineOnly || lostAnswers + lies + blinks + ghosts > 0 || outageAt !== undefined) return;
    const asked = bitbucket === "asked";
    const sure = !mute || (handsSeen && (!asked || (showsStep && !hidesClosed)));
    // One that cannot be closed may get one after another, each in the moment before it goes.
    const since = asked ? strangersBegan : strangersEnded && lastActive;
    const bounds = asked ? [CLOSING_MS, CLOSING_MS] : [GOING_MS, MUTE_GOING_MS];
    const boundMs = bounds[mute ? 1 : 0] ?? 0;
    if (sure && since !== undefined && this.#clock.now > since + boundMs) {
      this.violation(`runner ${index} gets a step after one of another pipeline`);
    }
  }

  #deed(machine: Machine, action: Action): LifecycleEvent | undefined {
    if (machine.busyWith !== undefined) this.violation(`${action.type} hits busy runner ${machine.index}`);
    switch (action.type) {
      case "stop":
        machine.alive = false;
        return { type: "stopped" };
      case "unregister":
        machine.registered = false;
        return { type: "unregistered" };
      case "clean up":
        return { type: "cleaned" };
      default:
        return undefined;
    }
  }

  /** Over at Bitbucket: its result has arrived there, or nobody waits for it. */
  #stepSeen(stepUuid: string): LifecycleEvent {
    const step = this.#pipelines.flatMap(({ steps }) => steps).find((candidate) =>
      candidate.stepUuid === stepUuid
    );
    const completed = step !== undefined && /^(done|failed|stopped)$/.test(step.state) &&
      !this.#runners.some(({ machine }) => machine.busyWith === step);
    const results = { done: "SUCCESSFUL", failed: "FAILED" };
    const result = results[step?.state as keyof typeof results] ?? "STOPPED";
    return { type: "step seen", completed, ...(completed ? { result } : {}) };
  }

  /** As the agent finds it: not among those that the build's other runners tell of, and sure only where it can be no other. */
  #ownSteps(machine: Machine, own: ModelPipeline | undefined, stepUuid: string | undefined): LifecycleEvent {
    const others = this.#runners.filter(({ machine: other }) =>
      other.build === machine.build && other !== machine
    )
      .map(({ life }) => life);
    const theirs = others.flatMap(knownStep);
    const running = (own?.steps ?? []).filter((step) =>
      step.state === "assigned" && !theirs.includes(step.stepUuid)
    );
    const step = stepUuid === undefined
      ? running[0]
      : own?.steps.find((candidate) => candidate.stepUuid === stepUuid);
    const alone = running.length === 1 && !others.some(mayHaveAny) &&
      this.#pipelines.every(({ ended, build }) => ended || build === machine.build);
    return {
      type: "own steps seen",
      step: step === undefined ? undefined : refOf(step),
      sure: stepUuid !== undefined || alone,
    };
  }

  #others(machine: Machine, own: ModelPipeline | undefined): LifecycleEvent {
    const unfinished = this.#pipelines.filter(({ ended, build }) => !ended && build !== machine.build).length;
    // Pipelines that are still in their first step are unfinished too; theirs come online later.
    const launching = this.#world.pipelines.length - this.#pipelines.length;
    return {
      type: "others seen",
      unfinished: unfinished + launching,
      ownEnded: own?.ended ?? false,
      stretch: 1,
    };
  }

  /** A pool that has lost a runner to a crash or a signal, or is deaf in some sense, may be one short. */
  #poolViolation(what: string): void {
    const { mute, outageAt, lies, ghosts, hidesClosed, bitbucket, ownPipelineOnly, lostAnswers } =
      this.#world;
    // What a build of several owes is guessed too low where nobody tells.
    if (lostAnswers > 0 && this.#world.pipelines.some(({ runners }) => runners > 1)) return;
    // A runner that cannot be closed, or that leaves early, leaves steps without one.
    if (bitbucket === "never" || ownPipelineOnly) return;
    const short = this.#runners.some(({ machine }) =>
      machine.crashed || machine.signalled || !machine.alive && machine.registered
    );
    const late = this.#world.pipelines.some(({ firstStepMs }) => firstStepMs > 0);
    if (!short && !late && !mute && outageAt === undefined && lies + ghosts === 0 && !hidesClosed) {
      this.violation(what);
    }
  }
}

function newMachine(index: number, build: number, now: number): Machine {
  return {
    index,
    build,
    registered: true,
    alive: true,
    closed: false,
    busyWith: undefined,
    crashed: false,
    signalled: false,
    liedTo: false,
    told: false,
    full: false,
    lastActive: now,
    strangersBegan: undefined,
    strangersEnded: undefined,
  };
}

function refOf({ pipelineUuid, stepUuid }: ModelStep): StepRef {
  return { pipelineUuid, stepUuid };
}

import { advance, startLifecycle } from "../../../../agent/life/lifecycle.ts";
import {
  isHere,
  type Lifecycle,
  type LifecycleEvent,
  type LifecycleSettings,
} from "../../../../agent/life/lifecycle_state.ts";
import { type Action, nextAction } from "../../../../agent/life/next_action.ts";
import type { ModelClock } from "./model_clock.ts";
import type { Machine, World } from "./pool_world.ts";

/** What a runner's calls and deeds do in the model. */
export interface ModelPlatform {
  /** `heard`: its answer arrives. */
  act(machine: Machine, action: Action, heard: boolean): LifecycleEvent | undefined;
  /** It has been decided to do it, with all that was told by then. */
  decided(machine: Machine, action: Action): void;
  away(): boolean;
  /** What is left when the build is over: nothing of it runs on. */
  buildEnded(machine: Machine): void;
  violation(what: string): void;
}

/** No life takes more actions than this, however long it lasts. */
const MOST_ACTIONS = 3_000;

/** Drives a life as the agent does: one action at a time, what is heard meanwhile comes before its answer. */
export class ModelRunner {
  readonly machine: Machine;
  /** When its life last learned something. */
  livedUntil = 0;
  readonly #clock: ModelClock;
  readonly #world: World;
  readonly #platform: ModelPlatform;
  #life: Lifecycle;
  #inFlight = false;
  #lostInRow = 0;
  #actions = 0;
  #wake = 0;
  readonly #heard: LifecycleEvent[] = [];

  constructor(
    clock: ModelClock,
    world: World,
    platform: ModelPlatform,
    machine: Machine,
    settings: LifecycleSettings,
  ) {
    this.#clock = clock;
    this.#world = world;
    this.#platform = platform;
    this.machine = machine;
    this.#life = startLifecycle(settings, clock.now);
    if (world.handsSeen) this.hear({ type: "hands", hands: "idle" });
    if (!world.mute) this.hear({ type: "online" });
    this.#signalSometime();
    this.drive();
  }

  hear(event: LifecycleEvent): void {
    if (event.type === "step started" || (event.type === "hands" && event.hands === "busy")) {
      this.machine.told = true;
    }
    if (event.type === "hands" && event.hands !== "unknown") this.machine.full = event.hands === "busy";
    this.#heard.push(event);
    this.drive();
  }

  drive(): void {
    if (this.#inFlight) return;
    for (const event of this.#heard.splice(0)) this.#note(event);
    const action = nextAction(this.#life, this.#clock.now);
    if (++this.#actions > MOST_ACTIONS) {
      if (this.#actions === MOST_ACTIONS + 1) {
        this.#platform.violation(`runner ${this.machine.index} never rests`);
      }
      return;
    }
    switch (action.type) {
      case "finish":
        return this.#nextPhase();
      case "told to leave":
      case "disagreement over":
      case "settled":
      case "out of time":
        this.#note(action);
        return this.drive();
      case "wait":
        return this.#wait(action.untilMs);
      default:
        return this.#call(action);
    }
  }

  #wait(untilMs: number): void {
    if (untilMs === Infinity || untilMs === this.#wake) return;
    this.#wake = untilMs;
    this.#clock.at(untilMs, () => {
      this.#wake = 0;
      this.drive();
    });
  }

  #call(action: Action): void {
    this.#inFlight = true;
    this.#platform.decided(this.machine, action);
    const local = action.type === "stop" || action.type === "clean up";
    // As the driver's calls: when the time after a signal is over, each fails at once.
    if (!local && this.#clock.now >= (deadlineOf(this.#life) ?? Infinity)) {
      return this.#clock.after(1, 1, () => this.#answered({ type: "call failed", action: action.type }));
    }
    const away = !local && this.#platform.away();
    const lost = away ||
      (!local && this.#lostInRow < 2 && this.#clock.chance(this.#world.lostAnswers));
    this.#lostInRow = lost ? this.#lostInRow + 1 : 0;
    const acts = !lost || (!away && this.#clock.chance(0.5));
    this.#clock.after(20, lost ? 20_000 : 800, () => {
      const answer = acts ? this.#platform.act(this.machine, action, !lost) : undefined;
      this.#clock.after(20, lost ? 30_000 : 800, () => {
        this.#answered(lost || answer === undefined ? { type: "call failed", action: action.type } : answer);
      });
    });
  }

  #answered(answer: LifecycleEvent): void {
    this.#inFlight = false;
    for (const event of this.#heard.splice(0)) this.#note(event);
    this.#note(answer);
    this.drive();
  }

  /** What the phase «build» leaves, post_build finishes; what that leaves, the next build removes. */
  #nextPhase(): void {
    const { settings } = this.#life;
    if (this.#life.stage === "done" && this.#life.unregistered) return;
    if (this.#life.stage === "done" && this.#life.gone && settings.bitbucket === "never") {
      return this.#platform.buildEnded(this.machine);
    }
    if (!settings.handsOver) return this.#platform.buildEnded(this.machine);
    const before = this.#life;
    this.#life = startLifecycle({ ...settings, handsOver: false }, this.#clock.now);
    // The runner's output is read again from its beginning.
    if (isHere(before)) throw new Error("a life that is over is still here");
    this.#clock.after(500, 2_000, () => {
      for (const event of this.replay()) this.#note(event);
      this.#note({ type: "told to leave", why: "its build is ending" });
      if (!this.machine.alive) this.#note({ type: "pulse", pulse: "dead" });
      this.#signalSometime();
      this.drive();
    });
    this.#inFlight = true;
    this.#clock.after(2_000, 2_000, () => {
      this.#inFlight = false;
      this.drive();
    });
  }

  /** What the senses tell a phase that begins now. */
  replay: () => LifecycleEvent[] = () => [];

  #signalSometime(): void {
    if (!this.#clock.chance(this.#world.signals)) return;
    this.#clock.after(0, 180_000, () => {
      if (this.#life.stage === "done") return;
      this.machine.signalled = true;
      this.hear({ type: "interrupted", why: "Interrupted by SIGTERM" });
    });
  }

  #note(event: LifecycleEvent): void {
    if (this.#life.stage !== "done") this.livedUntil = this.#clock.now;
    this.#life = advance(this.#life, event, this.#clock.now);
    const work = isHere(this.#life) ? `, ${this.#life.door.state}, ${JSON.stringify(this.#life.work)}` : "";
    this.#clock.say(`runner ${this.machine.index}: ${JSON.stringify(event)} -> ${this.#life.stage}${work}`);
  }
}

function deadlineOf(life: Lifecycle): number | undefined {
  return life.stage === "leaving" || life.stage === "unregistering" ? life.deadline : undefined;
}

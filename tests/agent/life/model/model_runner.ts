import { advance, startLifecycle } from "../../../../agent/life/lifecycle.ts";
import {
  isHere,
  type Lifecycle,
  type LifecycleEvent,
  type LifecycleSettings,
} from "../../../../agent/life/lifecycle_state.ts";
import { newsForOthers } from "../../../../agent/ask/meanings.ts";
import type { Meaning } from "../../../../agent/ask/team.ts";
import { type Action, nextAction } from "../../../../agent/life/next_action.ts";
import type { ModelClock } from "./model_clock.ts";
import type { ModelMember, ModelTeam } from "./model_team.ts";
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
  /** How Bitbucket shows the runners of a build now, by their UUIDs. */
  views(build: number): ReadonlyMap<string, LifecycleEvent>;
  /** A life has learned something. */
  learned(machine: Machine, life: Lifecycle): void;
  violation(what: string): void;
}

/** No life takes more actions than this, however long it lasts. */
const MOST_ACTIONS = 3_000;

/** Drives a life as the agent does: one action at a time, what is heard meanwhile comes before its answer. */
export class ModelRunner implements ModelMember {
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
  readonly #told: Meaning[] = [];
  /** What its words have told of a step at work, as far as a phase has heard them. */
  #begun: LifecycleEvent | undefined;
  /** In post_build each runner is seen to by itself. */
  #team: ModelTeam | undefined;

  constructor(
    clock: ModelClock,
    world: World,
    platform: ModelPlatform,
    machine: Machine,
    settings: LifecycleSettings,
    team: ModelTeam,
  ) {
    this.#team = team;
    team.members.push(this);
    this.#clock = clock;
    this.#world = world;
    this.#platform = platform;
    this.machine = machine;
    this.#life = startLifecycle(settings, clock.now);
    if (world.handsSeen) this.hear({ type: "hands", hands: "idle" });
    if (!world.mute) this.hear({ type: "online" });
  }

  /** Begins to live, when all of its build are there. */
  begin(): void {
    if (this.#team?.members[0] === this) {
      this.#signalSometime(() => this.#team?.members.forEach((member) => member.interrupt()));
    }
    this.drive();
  }

  get uuid(): string {
    return `{r${this.machine.index}}`;
  }

  get life(): Lifecycle {
    return this.#life;
  }

  tell(meaning: Meaning): void {
    this.#told.push(meaning);
    this.drive();
  }

  interrupt(): void {
    if (this.#life.stage === "done") return;
    this.machine.signalled = true;
    this.hear({ type: "interrupted", why: "Interrupted by SIGTERM" });
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
    for (const meaning of this.#told.splice(0)) {
      const event = meaning(this);
      if (event !== undefined) this.#note(event);
    }
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

  #call(action: Action, alone = false): void {
    this.#inFlight = true;
    if (!alone && this.#team?.waits(this, action)) return;
    const key = alone ? undefined : this.#team?.keyOf(this, action);
    this.#platform.decided(this.machine, action);
    const local = action.type === "stop" || action.type === "clean up";
    // As the driver's calls: when the time after a signal is over, each fails at once.
    if (!local && this.#clock.now >= (deadlineOf(this.#life) ?? Infinity)) {
      return this.#clock.after(1, 1, () => this.#failed(action, key));
    }
    const away = !local && this.#platform.away();
    const lost = away ||
      (!local && this.#lostInRow < 2 && this.#clock.chance(this.#world.lostAnswers));
    this.#lostInRow = lost ? this.#lostInRow + 1 : 0;
    const acts = !lost || (!away && this.#clock.chance(0.5));
    const askedMs = this.#clock.now;
    this.#clock.after(20, lost ? 20_000 : 800, () => {
      const answer = acts ? this.#platform.act(this.machine, action, !lost) : undefined;
      const views = this.#platform.views(this.machine.build);
      this.#clock.after(20, lost ? 30_000 : 800, () => {
        if (key !== undefined && this.#team !== undefined) {
          return this.#team.answer(this, action, lost ? undefined : answer, { key, askedMs, views });
        }
        this.answered(lost || answer === undefined ? { type: "call failed", action: action.type } : answer);
      });
    });
  }

  /** Undefined where the answer says nothing of it: it looks at the runner by itself, as the agent does. */
  answered(answer: LifecycleEvent | undefined): void {
    this.#inFlight = false;
    if (answer === undefined) {
      for (const event of this.#heard.splice(0)) this.#note(event);
      const action = nextAction(this.#life, this.#clock.now);
      return action.type === "look at runner" ? this.#call(action, true) : this.drive();
    }
    for (const event of this.#heard.splice(0)) this.#note(event);
    this.#note(answer);
    this.drive();
  }

  #failed(action: Action, key: string | undefined): void {
    if (key === undefined || this.#team === undefined) {
      return this.answered({ type: "call failed", action: action.type });
    }
    this.#team.answer(this, action, undefined, { key, askedMs: this.#clock.now, views: new Map() });
  }

  /** What the phase «build» leaves, post_build finishes; what that leaves, the next build removes. */
  #nextPhase(): void {
    const { settings } = this.#life;
    if (this.#inFlight) return;
    if (this.#life.stage === "done" && this.#life.unregistered) return this.#over(false);
    if (this.#life.stage === "done" && this.#life.gone && settings.bitbucket === "never") {
      this.#over(false);
      return this.#platform.buildEnded(this.machine);
    }
    if (!settings.handsOver) return this.#platform.buildEnded(this.machine);
    this.#over(true);
  }

  /** Its part in this phase is over; the phase ends when that of all is. */
  #over(left: boolean): void {
    const team = this.#team;
    if (team === undefined) return;
    this.#inFlight = true;
    team.over(this, left);
  }

  takeOver(): void {
    const { settings } = this.#life;
    this.#team = undefined;
    const before = this.#life;
    this.#life = startLifecycle({ ...settings, handsOver: false }, this.#clock.now);
    if (isHere(before)) throw new Error("a life that is over is still here");
    this.#clock.after(500, 2_000, () => {
      // What it has said meanwhile is in its output, and read from where the phase before has come to.
      const words = [...(this.#begun === undefined ? [] : [this.#begun]), ...this.#heard.filter(isWord)];
      const [online, hands] = [this.replay().filter(isWord), this.replay().filter((event) => !isWord(event))];
      this.#heard.length = 0;
      for (const event of [...online, ...words, ...hands]) this.#note(event);
      this.#note({ type: "told to leave", why: "its build is ending" });
      if (!this.machine.alive) this.#note({ type: "pulse", pulse: "dead" });
      this.#signalSometime(() => this.interrupt());
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

  #signalSometime(signal: () => void): void {
    if (this.#clock.chance(this.#world.signals)) this.#clock.after(0, 180_000, signal);
  }

  #note(event: LifecycleEvent): void {
    if (this.#life.stage !== "done") this.livedUntil = this.#clock.now;
    const before = this.#life;
    if (event.type === "step started") this.#begun = event;
    if (event.type === "step completed") this.#begun = undefined;
    this.#life = advance(before, event, this.#clock.now);
    this.#platform.learned(this.machine, this.#life);
    if (event.type !== "ways shown") this.#tellOthers(before);
    const work = isHere(this.#life) ? `, ${this.#life.door.state}, ${JSON.stringify(this.#life.work)}` : "";
    this.#clock.say(`runner ${this.machine.index}: ${JSON.stringify(event)} -> ${this.#life.stage}${work}`);
  }

  /** As soon as they do what they do next, and not in the middle of it. */
  #tellOthers(before: Lifecycle): void {
    for (const news of newsForOthers(before, this.#life)) {
      for (const other of this.#team?.members ?? []) {
        if (other !== this && isHere(other.life)) {
          this.#clock.at(this.#clock.now, () => other.tell(() => news));
        }
      }
    }
  }
}

function isWord({ type }: LifecycleEvent): boolean {
  return type === "online" || type === "step started" || type === "step completed";
}

function deadlineOf(life: Lifecycle): number | undefined {
  return life.stage === "leaving" || life.stage === "unregistering" ? life.deadline : undefined;
}

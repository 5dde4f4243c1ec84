import { messageOf } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { VERSION } from "../../shared/program/version.ts";
import { lifeNews } from "../life/life_news.ts";
import { advance } from "../life/lifecycle.ts";
import { isHere, type Lifecycle, type LifecycleEvent } from "../life/lifecycle_state.ts";
import { type Action, type Decision, nextAction } from "../life/next_action.ts";
import type { Asking } from "../ask/ask_bitbucket.ts";
import { askTogether } from "../ask/ask_together.ts";
import { newsForOthers } from "../ask/meanings.ts";
import { type Meaning, type Member, Team } from "../ask/team.ts";
import type { RunnerEar } from "./runner_ear.ts";
import type { WatchedRunner } from "./watched_runner.ts";

/** Time between SIGTERM and SIGKILL for a runner that is idle, in milliseconds. */
const STOP_GRACE_MS = 10_000;

export interface RunnerLife extends Asking {
  readonly host: Host;
  readonly runner: WatchedRunner;
  readonly ear: RunnerEar;
  readonly signal: AbortSignal;
  /** Sees each state of the life. */
  readonly clock?: { note(life: Lifecycle): void } | undefined;
  /** With the build's other runners in it, if there are any. */
  readonly team?: Team | undefined;
}

/** Lives a runner's life to its end: does what `nextAction` says, one thing at a time, and reports what came of it. */
export async function liveOut(deps: RunnerLife, start: Lifecycle): Promise<Lifecycle> {
  return await new LifeDriver(deps, start).run();
}

class LifeDriver implements Member {
  readonly #deps: RunnerLife;
  readonly #team: Team;
  #life: Lifecycle;
  /** What the others' looks have brought. */
  #told: Meaning[] = [];
  #interrupted = false;
  #misunderstood = false;

  constructor(deps: RunnerLife, start: Lifecycle) {
    this.#deps = deps;
    this.#life = start;
    this.#team = deps.team ?? new Team();
    this.#team.join(this);
  }

  get uuid(): string {
    return this.#deps.runner.uuid;
  }

  get life(): Lifecycle {
    return this.#life;
  }

  tell(meaning: Meaning): void {
    this.#told.push(meaning);
    this.#deps.ear.wake();
  }

  async run(): Promise<Lifecycle> {
    const { host, signal, clock } = this.#deps;
    clock?.note(this.#life);
    for (;;) {
      if (signal.aborted && !this.#interrupted) {
        this.#interrupted = true;
        this.#note({ type: "interrupted", why: interruptionText(signal) });
      }
      this.#takeUpTold();
      const action = nextAction(this.#life, host.monotonicMs());
      if (action.type === "finish") break;
      if (isDecision(action)) await this.#decide(action);
      else for (const event of await this.#act(action)) this.#note(event);
    }
    this.#deps.ear.close();
    return this.#life;
  }

  #takeUpTold(): void {
    for (const meaning of this.#told.splice(0)) {
      const event = meaning(this);
      if (event !== undefined) this.#note(event);
    }
  }

  async #decide(decision: Decision): Promise<void> {
    if (decision.type === "disagreement over") await this.#deps.ear.disregardHands();
    this.#note(decision);
  }

  async #act(action: Action): Promise<readonly LifecycleEvent[]> {
    const { ear } = this.#deps;
    const signal = this.#callSignal();
    try {
      if (action.type === "wait") return await ear.listen(action.untilMs, signal);
      const outcome = await this.#perform(action, signal);
      // What the runner said meanwhile comes first: an answer may be older than the end of a step.
      return [...await ear.hearNow(), ...outcome];
    } catch (error) {
      if (this.#deps.signal.aborted && !this.#interrupted) return [];
      // That the time after a signal is over is told by the life itself.
      if (action.type !== "wait") this.#warn(error);
      return [...await ear.hearNow(), { type: "call failed", action: action.type }];
    }
  }

  async #perform(action: Action, signal: AbortSignal): Promise<readonly LifecycleEvent[]> {
    const { ear, runner } = this.#deps;
    switch (action.type) {
      case "stop":
        for (const event of await ear.lastLook()) this.#note(event);
        return this.#life.stage === "stopping" ? [await this.#stop()] : [];
      case "clean up":
        await runner.control.cleanUp().catch((error) => this.#warn(error));
        return [{ type: "cleaned" }];
      default:
        return await this.#ask(action, signal);
    }
  }

  async #ask(action: Action, signal: AbortSignal): Promise<readonly LifecycleEvent[]> {
    const { host } = this.#deps;
    const asking = { ...this.#deps, team: this.#team, now: () => host.monotonicMs() };
    const event = await askTogether(asking, this, action, signal);
    return event === undefined ? [] : [event];
  }

  /** An idle runner that does not let itself be stopped is unregistered all the same. */
  async #stop(): Promise<LifecycleEvent> {
    try {
      const outcome = await this.#deps.runner.control.stop(STOP_GRACE_MS);
      if (outcome === "killed") {
        this.#deps.log.warning("The runner did not stop when asked to, and was killed");
      }
    } catch (error) {
      this.#warn(error);
    }
    return { type: "stopped" };
  }

  /** The program's signal until it fires; from then on what bounds the rest, if anything does. */
  #callSignal(): AbortSignal {
    const { signal, host } = this.#deps;
    if (!signal.aborted) return signal;
    const life = this.#life;
    const deadline = life.stage === "leaving" || life.stage === "unregistering" ? life.deadline : undefined;
    return deadline === undefined
      ? new AbortController().signal
      : AbortSignal.timeout(Math.max(0, deadline - host.monotonicMs()));
  }

  #note(event: LifecycleEvent): void {
    const { log, host, results, runner } = this.#deps;
    const next = advance(this.#life, event, host.monotonicMs());
    if ("step" in event && event.step !== undefined) results?.forget(event.step.stepUuid);
    for (const news of lifeNews(this.#life, next, runner.labels)) log.info(news);
    const before = this.#life;
    this.#life = next;
    if (event.type !== "ways shown") this.#tellOthers(before, next);
    this.#deps.clock?.note(next);
    this.#tellMisunderstanding();
  }

  #tellOthers(before: Lifecycle, after: Lifecycle): void {
    for (const event of newsForOthers(before, after)) {
      for (const other of this.#team.others(this)) if (isHere(other.life)) other.tell(() => event);
    }
  }

  /** Said once: whoever reads the log is to know why things are noticed later. */
  #tellMisunderstanding(): void {
    const life = this.#life;
    if (this.#misunderstood || !isHere(life) || life.work.kind !== "step" || life.work.heardBy === "words") {
      return;
    }
    this.#misunderstood = true;
    this.#deps.log.warning(
      `What the runner (${this.#deps.runner.version}) writes about its steps is not understood by ` +
        `codebuild-agent ${VERSION}: going by what it has running and by what Bitbucket says`,
    );
  }

  #warn(error: unknown): void {
    this.#deps.log.warning(messageOf(error));
  }
}

const DECISIONS: ReadonlySet<string> = new Set<Decision["type"]>([
  "told to leave",
  "disagreement over",
  "settled",
  "out of time",
]);

function isDecision(action: Action | Decision): action is Decision {
  return DECISIONS.has(action.type);
}

function interruptionText(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : "the program was interrupted";
}

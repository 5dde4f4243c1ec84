import {
  elsewhereMeaning,
  othersMeaning,
  pipelineMeaning,
  runnersMeaning,
  sharedLook,
} from "../../../../agent/ask/meanings.ts";
import type { Meaning, Member } from "../../../../agent/ask/team.ts";
import type { LifecycleEvent } from "../../../../agent/life/lifecycle_state.ts";
import type { Action } from "../../../../agent/life/next_action.ts";

/** A runner of a build that may wait for what another of them has asked for. */
export interface ModelMember extends Member {
  answered(answer: LifecycleEvent | undefined): void;
  /** Somebody wants the build's phase to end. */
  interrupt(): void;
  /** The next phase takes the runner over. */
  takeOver(): void;
}

/** The runners of one build in virtual time: the agent's Team waits for promises, of which the model has none. */
export class ModelTeam {
  readonly members: ModelMember[] = [];
  readonly #underWay = new Map<string, Set<ModelMember>>();
  /** Those whose life is over in this phase, by whether the next one has to see to them. */
  readonly #over = new Map<ModelMember, boolean>();

  /** Whether it has to wait for another's answer, which it gets with that one. */
  waits(member: ModelMember, action: Action): boolean {
    const shared = this.#shared(member, action);
    if (shared === undefined) return false;
    const askers = this.#underWay.get(shared);
    if (askers === undefined) this.#underWay.set(shared, new Set([member]));
    else askers.add(member);
    return askers !== undefined;
  }

  /** The answer to a look that began at `askedMs` has come; undefined where it was lost. */
  answer(
    member: ModelMember,
    action: Action,
    answer: LifecycleEvent | undefined,
    { key, askedMs, views }: { key: string; askedMs: number; views: ReadonlyMap<string, LifecycleEvent> },
  ): void {
    const askers = this.#underWay.get(key) ?? new Set([member]);
    this.#underWay.delete(key);
    if (answer === undefined) {
      const failed: LifecycleEvent = { type: "call failed", action: action.type };
      for (const asker of askers) asker.answered(failed);
      return;
    }
    const meaning = this.#meaning(answer, askedMs, views);
    const told = this.members.filter((other) => !askers.has(other) && meaning(other) !== undefined);
    const meant = [...askers].map((asker) => [asker, meaning(asker)] as const);
    for (const other of told) other.tell(meaning);
    for (const [asker, event] of meant) asker.answered(event);
  }

  keyOf(member: ModelMember, action: Action): string | undefined {
    return this.#shared(member, action);
  }

  /** A phase ends when the lives of all are over in it; `left`: the next one has to see to the runner. */
  over(member: ModelMember, left: boolean): void {
    this.#over.set(member, left);
    if (this.#over.size < this.members.length) return;
    for (const [one, left] of this.#over) if (left) one.takeOver();
  }

  #shared(member: ModelMember, action: Action): string | undefined {
    return this.members.length === 1 ? undefined : sharedLook(action, member, this.members.length);
  }

  #meaning(
    answer: LifecycleEvent,
    askedMs: number,
    views: ReadonlyMap<string, LifecycleEvent>,
  ): Meaning {
    switch (answer.type) {
      case "elsewhere seen":
        return elsewhereMeaning(this.members, answer.ranElsewhere);
      case "others seen":
        return othersMeaning(answer, askedMs);
      case "runner seen":
        return runnersMeaning((uuid) => {
          const view = views.get(uuid);
          return view?.type === "runner seen" ? view.runner : undefined;
        }, askedMs);
      default:
        return pipelineMeaning(answer);
    }
  }
}

import type { Lifecycle, LifecycleEvent } from "../life/lifecycle_state.ts";

/** One of a build's runners, as the others know it. */
export interface Member {
  readonly uuid: string;
  readonly life: Lifecycle;
  /** Takes up what another's look has brought: what it means is asked again when it is, since the life may have gone on. */
  tell(meaning: Meaning): void;
}

/** What an answer means for a runner; undefined for one that it does not concern. */
export type Meaning = (member: Member) => LifecycleEvent | undefined;

interface UnderWay {
  readonly answer: Promise<unknown>;
  readonly askers: Set<Member>;
}

/** The runners of one build: what one of them asks Bitbucket for serves all whom it concerns, since requests are few. */
export class Team {
  readonly #members: Member[] = [];
  readonly #underWay = new Map<string, UnderWay>();

  join(member: Member): void {
    this.#members.push(member);
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  /** All but this one. */
  others(member: Member): readonly Member[] {
    return this.#members.filter((other) => other !== member);
  }

  /** One answer for all who want the same meanwhile. Rejects for all of them, as `look` does. */
  async once<T>(what: string, member: Member, look: () => Promise<T>): Promise<T> {
    return await this.#once(what, member, look, () => {});
  }

  /** The same, whose answer is told to those who have not asked too, as far as it concerns them. */
  async ask(
    what: string,
    member: Member,
    look: () => Promise<Meaning>,
  ): Promise<LifecycleEvent | undefined> {
    const meaning = await this.#once(what, member, look, (meaning, askers) => {
      for (const other of this.#members) {
        if (!askers.has(other) && meaning(other) !== undefined) other.tell(meaning);
      }
    });
    return meaning(member);
  }

  #once<T>(
    what: string,
    member: Member,
    look: () => Promise<T>,
    answered: (answer: T, askers: ReadonlySet<Member>) => void,
  ): Promise<T> {
    const underWay = this.#underWay.get(what);
    if (underWay !== undefined) {
      underWay.askers.add(member);
      return underWay.answer as Promise<T>;
    }
    const askers = new Set([member]);
    const begin = async () => {
      try {
        const answer = await look();
        answered(answer, askers);
        return answer;
      } finally {
        // In the same moment, so that whoever asks from now on gets an answer of its own.
        this.#underWay.delete(what);
      }
    };
    const answer = begin();
    this.#underWay.set(what, { answer, askers });
    return answer;
  }
}

import type { Lifecycle, LifecycleEvent } from "../life/lifecycle_state.ts";

/** One of a build's runners, as the others know it. */
export interface Member {
  readonly uuid: string;
  readonly life: Lifecycle;
  /** Takes up what another's look has brought. */
  tell(event: LifecycleEvent): void;
}

/** What an answer means for a runner; undefined for one that it does not concern. */
export type Meaning = (member: Member) => LifecycleEvent | undefined;

/** The runners of one build: what one of them asks Bitbucket for serves all whom it concerns, since requests are few. */
export class Team {
  readonly #members: Member[] = [];
  readonly #underWay = new Map<string, Promise<unknown>>();
  readonly #askers = new Map<string, Set<Member>>();

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
  async once<T>(what: string, look: () => Promise<T>): Promise<T> {
    const underWay = this.#underWay.get(what) as Promise<T> | undefined;
    if (underWay !== undefined) return await underWay;
    const begun = look().finally(() => this.#underWay.delete(what));
    this.#underWay.set(what, begun);
    return await begun;
  }

  /** The same, whose answer is told to those who have not asked too, as far as it concerns them. */
  async ask(
    what: string,
    member: Member,
    look: () => Promise<Meaning>,
  ): Promise<LifecycleEvent | undefined> {
    const askers = this.#askers.get(what) ?? new Set();
    this.#askers.set(what, askers.add(member));
    const meaning = await this.once(what, async () => {
      try {
        const meaning = await look();
        for (const other of this.#members) if (!askers.has(other)) tell(other, meaning(other));
        return meaning;
      } finally {
        this.#askers.delete(what);
      }
    });
    return meaning(member);
  }
}

function tell(member: Member, event: LifecycleEvent | undefined): void {
  if (event !== undefined) member.tell(event);
}

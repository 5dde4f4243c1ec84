import type { Heartbeat } from "../progress/heartbeat.ts";

/** What is waited for of several machines, in one line. */
export class MachinesHeartbeat {
  readonly #heartbeat: Pick<Heartbeat, "waitsFor">;
  readonly #waiting = new Map<number, { readonly phase: string; readonly words: string }>();
  #online = 0;

  constructor(heartbeat: Pick<Heartbeat, "waitsFor">) {
    this.#heartbeat = heartbeat;
  }

  /** What one machine tells of itself. */
  of(number: number): Pick<Heartbeat, "waitsFor"> {
    return {
      waitsFor: (phase, words) => {
        this.#waiting.set(number, { phase, words });
        this.#tell();
      },
    };
  }

  /** A machine is not waited for any more, since it is online. */
  isOnline(number: number): void {
    this.#online++;
    this.isOver(number);
  }

  /** A machine is not waited for any more. */
  isOver(number: number): void {
    this.#waiting.delete(number);
    this.#tell();
  }

  #tell(): void {
    const waiting = [...this.#waiting.values()];
    const [first] = waiting;
    if (first === undefined) return;
    const counts = new Map<string, number>();
    for (const { words } of waiting) counts.set(words, (counts.get(words) ?? 0) + 1);
    const parts = [...counts].map(([words, count]) => `${count} ${words}`);
    const online = this.#online === 0 ? [] : [`${this.#online} online`];
    this.#heartbeat.waitsFor(first.phase, `machines: ${[...online, ...parts].join(", ")}`);
  }
}

import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { EXIT_CODES, ProgramError } from "../../shared/program/errors.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { connectBitbucket } from "../handover/connect.ts";
import { Turns } from "../machines/turns.ts";
import { withHeartbeat } from "../progress/heartbeat.ts";
import { MachinesHeartbeat } from "../machines/machines_heartbeat.ts";
import type { StartFacts } from "../progress/start_record.ts";
import type { GoneBuild } from "../stop/remove_runners.ts";
import { SharingSession } from "../machines/sharing_session.ts";
import { beginBuild, type BegunBuild } from "./begin_build.ts";
import { type Beginning, removalMs } from "./beginning.ts";
import type { Online } from "./bring_online.ts";
import type { Started } from "./started.ts";

/** So many builds are started at the same time: CodeBuild throttles an account as a whole. */
const STARTS_AT_ONCE = 4;

interface Machine {
  readonly number: number;
  /** Aborts when another machine has failed. */
  readonly othersFailed: AbortController;
  begun?: BegunBuild;
  facts?: StartFacts;
  online?: Online;
}

/** Several machines of one start: they come online together, or those that are not yet are stopped. */
export class MachineGroup {
  readonly session: SharingSession;
  #context: Omit<StartContext, "session"> & Pick<Beginning, "known">;
  readonly #machines: readonly Machine[];
  readonly #starts = new Turns(STARTS_AT_ONCE);
  readonly #waitsForRoom = new Turns(1);
  readonly #begunMs: number;
  readonly #gone: GoneBuild[] = [];
  #last: Machine | undefined;
  #failed: { readonly machine: Machine; readonly error: unknown } | undefined;

  constructor(context: Omit<StartContext, "session"> & Pick<Beginning, "known">, sessionS: number) {
    this.#context = context;
    this.session = new SharingSession(context, sessionS);
    this.#begunMs = context.host.monotonicMs();
    this.#machines = Array.from({ length: context.config.machines }, (_, index) => ({
      number: index + 1,
      othersFailed: new AbortController(),
    }));
  }

  /** Rejects with `ProgramError`, which names the machine that has failed, as `start()` does; `config` is settled by now. */
  async start(known: Bitbucket | undefined, config: StartContext["config"]): Promise<Started> {
    this.#context = { ...this.#context, config };
    const { credentials } = config;
    const bitbucket = known ?? (credentials && await connectBitbucket(this.#context, credentials));
    await withHeartbeat(this.#context, async (heartbeat) => {
      const all = new MachinesHeartbeat(heartbeat);
      const running = new Map<Machine, Promise<void>>();
      for (const machine of this.#machines) {
        const othersGone = async () => {
          await Promise.all([...running].filter(([one]) => one !== machine).map(([, run]) => run));
          await this.#removeRunners();
        };
        running.set(machine, this.#run(machine, { bitbucket, heartbeat: all, othersGone }));
      }
      await Promise.all(running.values());
    });
    await this.#removeRunners();
    if (this.#failed !== undefined) throw await this.#failure(this.#failed);
    return this.#started();
  }

  async #run(
    machine: Machine,
    { bitbucket, heartbeat, othersGone }: {
      readonly bitbucket: Bitbucket | undefined;
      readonly heartbeat: MachinesHeartbeat;
      readonly othersGone: () => Promise<void>;
    },
  ): Promise<void> {
    const { number } = machine;
    const context: Omit<Beginning, "runners"> = {
      ...this.#context,
      session: this.session,
      log: this.#context.log.about({ words: `Machine ${number}: `, fields: { machine: number } }),
      signal: AbortSignal.any([this.#context.signal, machine.othersFailed.signal]),
      known: async (facts) => {
        machine.facts = facts;
        await this.#context.known?.(this.#facts());
      },
      among: {
        number,
        looks: this.session.looks,
        begunMs: this.#begunMs,
        inTurn: (run) => this.#waitsForRoom.take(run),
        heartbeat: heartbeat.of(number),
        failing: (error) => this.#fail(machine, error),
        gone: (build) => void this.#gone.push(build),
        othersGone,
      },
    };
    try {
      machine.begun = await this.#starts.take(async () => {
        context.signal.throwIfAborted();
        return await beginBuild(context, bitbucket);
      });
      const { bringOnline } = await import("./bring_online.ts");
      machine.online = await bringOnline(machine.begun.beginning, machine.begun.build);
      this.#last = machine;
      heartbeat.isOnline(number);
    } catch (error) {
      heartbeat.isOver(number);
      this.#fail(machine, error);
      // What its build says of it may be more than was known at first.
      if (this.#failed?.machine === machine) this.#failed = { machine, error };
    }
  }

  /** The first one that fails takes the others down, but for those that are online. */
  #fail(machine: Machine, error: unknown): void {
    if (this.#failed !== undefined) return;
    this.#failed = { machine, error };
    const reason = new ProgramError(`Machine ${machine.number} has failed`, EXIT_CODES.failed);
    for (const one of this.#machines) if (one !== machine) one.othersFailed.abort(reason);
  }

  async #removeRunners(): Promise<void> {
    const gone = this.#gone.splice(0);
    if (gone.length === 0) return;
    const { removeRunners } = await import("../stop/remove_runners.ts");
    await removeRunners({ ...this.#context, patienceMs: removalMs(this.#context) }, gone);
  }

  async #failure(
    { machine, error }: { readonly machine: Machine; readonly error: unknown },
  ): Promise<unknown> {
    const { log, config, signal } = this.#context;
    const { machineFailure, standing } = await import("../machines/machine_failure.ts");
    const builds = this.#machines.map(({ begun, online }) => ({
      id: begun?.build.id,
      online: online !== undefined,
    }));
    for (const line of standing(builds)) log.warning(line);
    if (signal.aborted) return error;
    return machineFailure(error, { ...machine, build: machine.begun?.build.id, config, builds });
  }

  #facts(): StartFacts {
    const builds = this.#machines.flatMap(({ facts }) => {
      const { build, link, runner, runners } = facts ?? {};
      return build && link && runner && runners ? [{ build, link, runner, runners }] : [];
    });
    return { ...this.#machines[0]?.facts, builds };
  }

  #started(): Started {
    const { runner, runners, build, labels, builds = [] } = this.#facts();
    const { online, begun } = this.#last ?? {};
    if (!runner || !runners || !build || !online || !begun) {
      throw new Error("no machine is online, and none has failed");
    }
    return {
      online: { runner, runners, build, labels, builds },
      last: online.online,
      startBuildMs: begun.startBuildMs,
    };
  }
}

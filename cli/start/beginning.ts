import type { StartContext } from "../aws/aws_session.ts";
import type { RegisteredRunners } from "../handover/registered_runners.ts";
import type { LaunchBeside } from "../launch/launch_build.ts";
import type { StartFacts } from "../progress/start_record.ts";
import type { GoneBuild } from "../stop/remove_runners.ts";
import type { BuildLooks } from "../wait/build_looks.ts";
import { InterruptedError } from "../../shared/program/errors.ts";

/** A start of one machine under way; with the runners if they are registered before its build is there. */
export interface Beginning extends StartContext {
  readonly runners: RegisteredRunners | undefined;
  /** Told of what is known so far, as soon as it is. Never rejects. */
  readonly known?: ((facts: StartFacts) => Promise<void>) | undefined;
  readonly among?: Among | undefined;
}

/** What one of several machines has to do with the others. */
export interface Among extends LaunchBeside {
  readonly number: number;
  readonly looks: BuildLooks;
  /** Told of what makes this machine fail, before it is cleaned up after. */
  failing(error: unknown): void;
  /** Told of a build whose runner is of no use any more: all are removed together. */
  gone(build: GoneBuild): void;
  /** Resolves when of the others nothing is left but runners that are online. */
  othersGone(): Promise<void>;
}

/** For removing the runner, in milliseconds: a step that was told to end is killed before long. */
export function removalMs({ signal }: Pick<StartContext, "signal">): number {
  return signal.reason instanceof InterruptedError ? 10_000 : 60_000;
}

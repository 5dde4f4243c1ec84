import type { StartContext } from "../aws/aws_session.ts";
import type { RegisteredRunner } from "../handover/registered_runner.ts";
import type { StartFacts } from "../progress/start_record.ts";

/** A start under way; with the runner if it is registered before its build is there. */
export interface Beginning extends StartContext {
  readonly runner: RegisteredRunner | undefined;
  /** Told of what is known so far, as soon as it is. Never rejects. */
  readonly known?: ((facts: StartFacts) => Promise<void>) | undefined;
}

/** For removing the runner, in milliseconds: a step that was told to end is killed before long. */
export function removalMs({ signal }: Pick<StartContext, "signal">): number {
  return signal.aborted ? 10_000 : 60_000;
}

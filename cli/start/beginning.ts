import type { StartContext } from "../aws/aws_session.ts";
import type { RegisteredRunners } from "../handover/registered_runners.ts";
import type { StartFacts } from "../progress/start_record.ts";

/** A start under way; with the runners if they are registered before their build is there. */
export interface Beginning extends StartContext {
  readonly runners: RegisteredRunners | undefined;
  /** Told of what is known so far, as soon as it is. Never rejects. */
  readonly known?: ((facts: StartFacts) => Promise<void>) | undefined;
}

/** For removing the runner, in milliseconds: a step that was told to end is killed before long. */
export function removalMs({ signal }: Pick<StartContext, "signal">): number {
  return signal.aborted ? 10_000 : 60_000;
}

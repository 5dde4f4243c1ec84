import type { Build, BuildPhase } from "../../shared/aws/aws_codebuild.ts";
import type { Line } from "./line.ts";

/** What is told of a phase that is over; `brief` where it was too short to be waited for, or nobody knows how long it was. */
export interface EndedPhase extends Line {
  readonly brief: boolean;
}

/** What CodeBuild's phase is to whoever waits: `pre_build` brings the runner online. */
export function phaseWord(phase: string): string {
  return phase === "PRE_BUILD" ? "runner" : phase.toLowerCase().replaceAll("_", " ");
}

/** The phase under way; undefined where the build is over or CodeBuild does not say. */
export function phaseUnderWay({ currentPhase }: Build): string | undefined {
  return currentPhase === "COMPLETED" ? undefined : currentPhase;
}

/** The phases that were waited for, in seconds each, in their order: those that have succeeded, and took time. */
export function waits({ phases = [] }: Build): [phase: string, seconds: number][] {
  return phases.flatMap(({ phaseType, phaseStatus, durationInSeconds = 0 }) =>
    phaseType !== undefined && phaseStatus === "SUCCEEDED" && durationInSeconds > 0
      ? [[phaseType, durationInSeconds]]
      : []
  );
}

/** Tells each phase once, when it has ended. */
export class PhaseNews {
  readonly #told = new Set<string>();

  /** The phases that have ended since the last look. */
  ended({ phases = [] }: Build): EndedPhase[] {
    return phases.flatMap((phase) => {
      const type = phase.phaseType;
      if (type === undefined || phase.phaseStatus === undefined || this.#told.has(type)) return [];
      this.#told.add(type);
      return endedPhase(type, phase);
    });
  }
}

function endedPhase(phase: string, { phaseStatus, durationInSeconds }: BuildPhase): EndedPhase {
  const good = phaseStatus === "SUCCEEDED";
  const time = durationInSeconds === undefined ? "" : ` ${good ? "" : "after "}${durationInSeconds} s`;
  const outcome = good ? "" : ` ${phaseStatus?.toLowerCase().replaceAll("_", " ")}`;
  return {
    message: `${phaseWord(phase)}${outcome}${time}`,
    fields: { phase, status: phaseStatus, durationS: durationInSeconds },
    brief: good && !durationInSeconds,
  };
}

import type { BuildPhase, KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { EXIT_CODES, ProgramError } from "../../shared/program/errors.ts";
import { failedPhase } from "../wait/build_progress.ts";
import { symptomHint } from "../wait/symptoms.ts";

/** The failure that an ended build is, with the exit code to carry back; undefined where it has succeeded. */
export function jobFailure(build: KnownBuild): ProgramError | undefined {
  const { buildStatus = "an unknown status" } = build;
  if (buildStatus === "SUCCEEDED") return undefined;
  const phase = failedPhase(build);
  const exitStatus = exitStatusOf(phase);
  const where = phase?.phaseType === undefined ? "" : ` in phase ${phase.phaseType}`;
  const why = exitStatus === undefined ? explanation(phase) : `: exit status ${exitStatus}`;
  const code = buildStatus === "TIMED_OUT" ? EXIT_CODES.timeout : exitStatus ?? EXIT_CODES.failed;
  // A command that failed has said why itself.
  const hint = exitStatus === undefined ? symptomHint(build) : undefined;
  return new ProgramError(`Build ${build.id} ended with ${buildStatus}${where}${why}`, code, { hint });
}

/** What the failed command ended with, if CodeBuild says so and it is something that a process can end with. */
function exitStatusOf(phase: BuildPhase | undefined): number | undefined {
  const messages = (phase?.contexts ?? []).map(({ message = "" }) => message);
  // The message repeats the command, which may hold the same words.
  const status = messages.flatMap((message) => [...message.matchAll(/\bexit status (\d{1,3})\b/g)]).at(-1)
    ?.[1];
  const code = Number(status);
  return status !== undefined && code >= 1 && code <= 255 ? code : undefined;
}

function explanation(phase: BuildPhase | undefined): string {
  const context = phase?.contexts?.find(({ message }) => message);
  if (context === undefined) return "";
  return `: ${[context.statusCode, context.message?.trim()].filter(Boolean).join(": ")}`;
}

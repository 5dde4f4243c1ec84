import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import type { HeldBuild } from "../../shared/output/held_build.ts";
import { BuildEndedError } from "../../shared/program/errors.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { buildspec } from "../request/buildspec.ts";
import { readBuildLog } from "../log/build_log.ts";
import { failedPhase } from "./build_progress.ts";
import { type BuildReason, readReason, reasonError } from "../log/build_reason.ts";
import { howItEnded, phaseExplanations } from "./report.ts";

/** Of the build's log, beside the reason itself; whoever needs more follows the link. */
const SHOWN_LINES = 30;
/** What CodeBuild says of phases that go well: of these the start has told already. */
const ROUTINE = /^(?:Entering phase |Phase complete: [A-Z_]{1,40} State: SUCCEEDED$)/;

/**
 * Shows what there is of the build's log, and answers with the failure to end with: where the build has ended because its
 * installer or agent failed, or is `held` for that, it is what these say, and where they say it stands in the line before.
 */
export async function explainFailure(
  context: StartContext,
  build: KnownBuild,
  failure: unknown,
  held?: HeldBuild,
): Promise<unknown> {
  const { log, signal } = context;
  const failed = failure instanceof BuildEndedError ? failedPhase(build) : undefined;
  const phase = failed?.phaseStatus === "FAILED" ? failed.phaseType : undefined;
  const question = { build, phase, commands: commandsOf(context, build) };
  const found = await readBuildLog(context, question, signal);
  for (const line of phaseExplanations(build, failed?.phaseType)) log.info(line);
  if ("missing" in found) {
    log.info(`No lines of the build's log: ${found.missing}`);
    return failure;
  }
  // A phase that is held has not ended, so that CodeBuild does not tell of it yet.
  const reason = readReason(found.lines, phase ?? held?.phase.toUpperCase());
  const rest = found.lines.filter(({ text, said = "", empty }) =>
    !empty && !ROUTINE.test(said) && !repeats(reason, text)
  );
  if (rest.some(({ said }) => said === undefined)) {
    log.info("Last lines of the build's log:");
    for (const { text } of rest.slice(-SHOWN_LINES)) log.quote(text);
  }
  if (reason === undefined) return failure;
  log.info(`${howItEnded(build, held !== undefined)}, for this reason:`, { build: build.id });
  return reasonError(reason, held?.exitCode ?? exitStatus(build));
}

/** Whether a line says what the failure says, as the agent's warnings may before it and its cleaning up after it. */
function repeats(reason: BuildReason | undefined, line: string): boolean {
  const words = [...reason?.messages ?? [], ...reason?.hint === undefined ? [] : [`hint: ${reason.hint}`]];
  return words.some((text) => line.includes(text) || line.includes(JSON.stringify(text).slice(1, -1)));
}

/** What CodeBuild has been given to run, as far as it can be known; it may leave out what StartBuild has brought. */
function commandsOf({ config }: StartContext, build: KnownBuild): string {
  const own = config.customBuildspec ? "" : buildspec(config);
  const contexts = (build.phases ?? []).flatMap(({ contexts }) => contexts ?? []);
  return [own, build.source?.buildspec, ...contexts.map(({ message }) => message)].join("\n");
}

/** What the command that failed ended with. Source: CodeBuild's explanations, as in «Reason: exit status 3». */
function exitStatus(build: KnownBuild): number | undefined {
  const messages = (failedPhase(build)?.contexts ?? []).map(({ message }) => message?.trim() ?? "");
  const status = messages.map((message) => /exit status (\d{1,3})$/.exec(message)?.[1]).find(Boolean);
  return status === undefined ? undefined : Number(status);
}

import {
  BuildEndedError,
  ConfigurationError,
  CredentialsError,
  EXIT_CODES,
  type ProgramError,
  TimeoutError,
} from "../../shared/program/errors.ts";
import { failedCommandOutput, type LogLine } from "./container_log.ts";

/** Why a build failed, in the words of the installer or the agent. */
export interface BuildReason {
  /** As many as there were `error:` lines in a row. */
  readonly messages: readonly string[];
  readonly hint: string | undefined;
  /** What the program ended with, as far as it is known. */
  readonly exitCode: number | undefined;
}

/** In these no step of a pipeline has run yet, so that none can have written what is read there. */
const PHASES = ["INSTALL", "PRE_BUILD"];
/** What `pre_build.sh` writes before it cleans up, which may fail for the same reason and say so again. */
const ENDED = /^codebuild-agent pre_build ended with exit code (\d{1,3})\b/;

/** The last words of the command that failed in `phase`; undefined where it has none that are the programs'. */
export function readReason(lines: readonly LogLine[], phase: string | undefined): BuildReason | undefined {
  if (phase === undefined || !PHASES.includes(phase)) return undefined;
  const [from, end] = failedCommandOutput(lines, phase);
  const marked = lines.findIndex(({ text }, place) => place >= from && place < end && ENDED.test(text));
  const exitCode = marked === -1 ? undefined : Number(ENDED.exec(lines[marked]?.text ?? "")?.[1]);
  let reason: BuildReason | undefined;
  let open = false;
  for (const { text, empty } of lines.slice(from, marked === -1 ? end : marked)) {
    const word = empty ? undefined : programsWord(text);
    const before = open ? reason : undefined;
    open = word?.message !== undefined;
    if (word?.message !== undefined) {
      const messages = [...before?.messages ?? [], word.message];
      reason = { messages, hint: word.hint, exitCode: word.exitCode ?? exitCode };
    } else if (word !== undefined && before !== undefined) reason = { ...before, hint: word.hint };
  }
  return reason;
}

/**
 * The failure that start-runner ends with in place of the build; `exitStatus` is what CodeBuild says that the command ended
 * with. A code of another program than ours, and one that means something else here, counts as the build's end.
 */
export function reasonError({ messages, hint, exitCode }: BuildReason, exitStatus?: number): ProgramError {
  const message = messages.join("; ");
  switch (exitCode ?? exitStatus) {
    case EXIT_CODES.configuration:
      return new ConfigurationError(messages, { hint });
    case EXIT_CODES.credentials:
      return new CredentialsError(message, { hint });
    case EXIT_CODES.timeout:
      return new TimeoutError(message, { hint });
    default:
      return new BuildEndedError(message, { hint });
  }
}

interface Word {
  readonly message?: string | undefined;
  readonly hint?: string | undefined;
  readonly exitCode?: number | undefined;
}

/** A line as the programs end with, for people or for machines; what others write begins otherwise. */
function programsWord(line: string): Word | undefined {
  const [, kind, text] = /^(error|hint): (.+)$/.exec(line) ?? [];
  if (kind !== undefined) return kind === "error" ? { message: text } : { hint: text };
  if (!line.startsWith('{"time":')) return undefined;
  try {
    const { level, message, hint, exitCode } = JSON.parse(line);
    if (level !== "error" || typeof message !== "string" || typeof exitCode !== "number") return undefined;
    return { message, hint: typeof hint === "string" ? hint : undefined, exitCode };
  } catch {
    return undefined;
  }
}

import { flagName, type Settings } from "../../shared/settings/settings.ts";

/** A command as the completions know it. */
export interface CompletedCommand {
  readonly name: string;
  readonly options: Settings;
  readonly summary: string;
  /** What may stand where its operand does, where that is known beforehand. */
  readonly words: readonly string[];
}

/** A flag as a shell completes it. */
export interface Flag {
  /** With its hyphens. */
  readonly long: string;
  readonly short: string | undefined;
  readonly help: string;
  readonly takes: "nothing" | "a value" | "a file";
}

const ALWAYS: readonly Flag[] = [
  { long: "--help", short: "-h", help: "show this help", takes: "nothing" },
  { long: "--version", short: "-V", help: "show the version", takes: "nothing" },
];

/** The flags of a command, and those of every command. */
export function flagsOf(options: Settings): Flag[] {
  const own = Object.values(options).flatMap((option): Flag[] => {
    const long = flagName(option);
    if (long === undefined) return [];
    const takes = option.flag?.includes("<file>")
      ? "a file"
      : option.flag?.includes("<")
      ? "a value"
      : "nothing";
    return [{ long, short: option.flag?.match(/^-\w/)?.[0], help: option.help, takes }];
  });
  return [...own, ...ALWAYS];
}

/** Of the flags of all commands, those that a value or a file follows. */
export function followedBy(commands: readonly CompletedCommand[], takes: Flag["takes"]): string[] {
  const flags = commands.flatMap(({ options }) => flagsOf(options)).filter((flag) => flag.takes === takes);
  return [...new Set(flags.flatMap(({ long, short }) => short === undefined ? [long] : [long, short]))];
}

/** Between single quotes, for all three shells. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

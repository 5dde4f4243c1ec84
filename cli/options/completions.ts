import { VERSION } from "../../shared/program/version.ts";
import { flagName, type Settings } from "../../shared/settings/settings.ts";
import type { CommandWords } from "./command_line.ts";

/** The shells whose completions there are. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = typeof SHELLS[number];

/** A command as the completions know it. */
export interface CompletedCommand extends Pick<CommandWords, "options"> {
  readonly name: string;
  readonly summary: string;
  /** What may stand where its operand does, where that is known beforehand. */
  readonly words: readonly string[];
}

/** A script for the shell that completes commands, their flags and files. */
export function completions(shell: Shell, commands: readonly CompletedCommand[]): string {
  const about =
    `# Completion of start-runner ${VERSION} for ${shell}, made by: start-runner completions ${shell}\n`;
  switch (shell) {
    case "bash":
      return about + bash(commands);
    case "zsh":
      return `#compdef start-runner\n${about}${zsh(commands)}`;
    case "fish":
      return about + fish(commands);
  }
}

interface Flag {
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

function flagsOf(options: Settings): Flag[] {
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
function followedBy(commands: readonly CompletedCommand[], takes: Flag["takes"]): string[] {
  const flags = commands.flatMap(({ options }) => flagsOf(options)).filter((flag) => flag.takes === takes);
  return [...new Set(flags.flatMap(({ long, short }) => short === undefined ? [long] : [long, short]))];
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options, words }) =>
    `    ${name}) words='${[...words, ...flagsOf(options).map(({ long }) => long)].join(" ")}' ;;`
  );
  const names = commands.map(({ name }) => name);
  const files = followedBy(commands, "a file");
  return `_start_runner() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= words= word
  COMPREPLY=()
  case $previous in
${
    files.length === 0 ? "" : `    ${files.join(" | ")})
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
      return
      ;;
`
  }    ${followedBy(commands, "a value").join(" | ")}) return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case $word in
      ${names.join(" | ")})
        command=$word
        break
        ;;
    esac
  done
  case \${command:-start} in
${cases.join("\n")}
  esac
  [ -n "$command" ] || words="$words ${names.join(" ")}"
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
}
complete -F _start_runner start-runner
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, options, words }) => {
    // The command itself is a word to `_arguments`, which stops at one that it does not expect.
    const operands = quoted(words.length === 0 ? "*:word: " : `*:word:(${words.join(" ")})`);
    const specs = [...flagsOf(options).flatMap(zshSpecs), operands];
    return `    ${name})\n      _arguments -s \\\n        ${specs.join(" \\\n        ")}\n      ;;`;
  });
  return `_start_runner() {
  local command=start word
  local -a commands
  commands=(
${list.join("\n")}
  )
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n \${(M)commands:#\${word}:*} ]]; then
      command=$word
      break
    fi
  done
  (( CURRENT == 2 )) && [[ $PREFIX != -* ]] && { _describe command commands; return }
  case $command in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = "_start_runner" ]; then
  _start_runner "$@"
else
  compdef _start_runner start-runner
fi
`;
}

function zshSpecs({ long, short, help, takes }: Flag): string[] {
  const value = { "nothing": "", "a value": ":value: ", "a file": ":file:_files" }[takes];
  const text = help.replaceAll(/[[\]\\:]/g, "\\$&");
  return [long, ...(short === undefined ? [] : [short])].map((flag) => quoted(`${flag}[${text}]${value}`));
}

function fish(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const none = `not __fish_seen_subcommand_from ${names}`;
  const lines = commands.flatMap(({ name, summary, options, words }) => {
    const condition = name === "start" ? `${none}; or __fish_seen_subcommand_from start` : seen(name);
    return [
      `complete -c start-runner -n ${quoted(none)} -a ${name} -d ${quoted(summary)}`,
      ...(words.length === 0
        ? []
        : [`complete -c start-runner -n ${quoted(condition)} -a ${quoted(words.join(" "))}`]),
      ...flagsOf(options).map((flag) => `complete -c start-runner -n ${quoted(condition)} ${fishFlag(flag)}`),
    ];
  });
  return `complete -c start-runner -f\n${lines.join("\n")}\n`;
}

function seen(name: string): string {
  return `__fish_seen_subcommand_from ${name}`;
}

function fishFlag({ long, short, help, takes }: Flag): string {
  const letter = short === undefined ? "" : ` -s ${short.slice(1)}`;
  const value = { "nothing": "", "a value": " -x", "a file": " -r -F" }[takes];
  return `-l ${long.slice(2)}${letter}${value} -d ${quoted(help)}`;
}

/** Between single quotes, for all three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

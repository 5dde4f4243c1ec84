import { type CompletedCommand, type Flag, flagsOf, quoted } from "./completed_command.ts";

/** Completions for fish. */
export function fish(commands: readonly CompletedCommand[]): string {
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

import { Command, Option } from "commander";
import { shortened } from "../../shared/output/plain_text.ts";
import { InvalidValue, type Setting, settingName } from "../../shared/settings/settings.ts";

/** What somebody typed, before any value is looked at. */
export interface CommandLine {
  readonly wants: "help" | "version" | "start" | "buildspec";
  /** The text given for each option, by its key in the table. */
  readonly flags: Readonly<Record<string, string>>;
  /** Unknown flags, surplus arguments and flags without their value, all of them. */
  readonly problems: readonly string[];
}

type OptionTable = Readonly<Record<string, Setting<unknown>>>;

const HELP_FLAG = "-h, --help";
const VERSION_FLAG = "-V, --version";

/**
 * Takes the arguments apart. Commander would stop at the first thing it cannot use; here every option's value is
 * optional to it, and what is missing or surplus is collected, so that all problems are reported together.
 */
export function parseCommandLine(options: OptionTable, args: readonly string[]): CommandLine {
  const command = describeCommand(options);
  const flags: Record<string, string> = {};
  const problems: string[] = [];
  for (const [key, option] of Object.entries(options)) {
    command.on(`option:${longName(option)}`, (value: string | null) => {
      const text = value ?? valueWhenBare(option);
      if (text === undefined) problems.push(missingValue(option));
      else if (flags[key] !== undefined && flags[key] !== text) {
        problems.push(repeated(option, flags[key], text));
      } else flags[key] = text;
    });
  }
  const { operands, unknown } = command.parseOptions([...args]);
  const words = [...operands, ...unknown.filter((word) => !isFlag(word))];
  const given = command.opts<{ help?: boolean; version?: boolean }>();
  const wants = given.help
    ? "help"
    : given.version
    ? "version"
    : words[0] === "buildspec"
    ? "buildspec"
    : "start";
  const surplus = wants === "buildspec" ? words.slice(1) : words;
  problems.push(
    ...unknown.filter(isFlag).map((flag) => `Unknown flag ${shortened(flag)}: see start-runner --help`),
    ...surplus.map((word) => `Unexpected argument «${shortened(word)}»: the only command is buildspec`),
  );
  return { wants, flags, problems };
}

/** The options' part of the help, as commander lays it out. */
export function optionsHelp(options: OptionTable): string {
  const command = describeCommand(options);
  command.configureHelp({
    optionTerm: (option) => flagOf(options, option) ?? option.flags,
    formatItem: (term, _width, description) => `  ${term}\n      ${description.replaceAll("\n", "\n      ")}`,
    helpWidth: 100,
  });
  const text = command.helpInformation();
  return text.slice(text.indexOf("Options:"));
}

function describeCommand(options: OptionTable): Command {
  const command = new Command("start-runner").helpOption(false);
  for (const option of Object.values(options)) {
    command.addOption(new Option(option.flag?.replace(/<([^<>]*)>/, "[$1]") ?? "", describeOption(option)));
  }
  command.option(HELP_FLAG, "show this help").option(VERSION_FLAG, "show the version");
  return command;
}

function describeOption(option: Setting<unknown>): string {
  const fallback = option.fallback === undefined ? "" : `\ndefault: ${option.fallback}`;
  return `${option.help}\nvariable: ${option.variables.join(", then ")}${fallback}`;
}

function flagOf(options: OptionTable, option: Option): string | undefined {
  return Object.values(options).find((one) => longName(one) === option.name())?.flag;
}

function longName(option: Setting<unknown>): string {
  return new Option(option.flag ?? "").name();
}

/** A flag whose value may be left out, in square brackets, stands for «true» then. */
function valueWhenBare(option: Setting<unknown>): string | undefined {
  return option.flag?.includes("[") ? "true" : undefined;
}

function missingValue(option: Setting<unknown>): string {
  return `Missing the value after --${longName(option)}: ${settingName(option)} takes ${expectedBy(option)}`;
}

/** What a parser says it takes, which is what it answers to an empty text. */
function expectedBy(option: Setting<unknown>): string {
  try {
    option.parse("");
  } catch (error) {
    if (error instanceof InvalidValue) return error.message;
    throw error;
  }
  return option.help;
}

function repeated(option: Setting<unknown>, first: string, second: string): string {
  const shown = option.secret ? "" : `, as «${shortened(first)}» and as «${shortened(second)}»`;
  return `--${longName(option)} is given more than once${shown}: give it once`;
}

function isFlag(word: string): boolean {
  return word.length > 1 && word.startsWith("-");
}

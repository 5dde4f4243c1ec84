import { Command, Option } from "commander";
import { shortened } from "../../shared/output/plain_text.ts";
import { closestWord } from "../../shared/settings/closest_word.ts";
import {
  InvalidValue,
  SEPARATOR,
  type Setting,
  settingName,
  type Settings,
} from "../../shared/settings/settings.ts";

/** What somebody typed after a command's name, before any value is looked at. */
export interface CommandLine {
  readonly wants: "help" | "version" | "run";
  /** The text given for each option, by its key in the table. */
  readonly flags: Readonly<Record<string, string>>;
  readonly operands: readonly string[];
  /** Unknown flags, surplus or missing operands and flags without their value, all of them. */
  readonly problems: readonly string[];
}

/** What may be typed after a command's name. */
export interface CommandWords {
  readonly name: string;
  /** In their order; the last may be given several times where it says so. */
  readonly operands: readonly Operand[];
  /** Only those with a flag can be typed. */
  readonly options: Settings;
}

/** A word without a flag, as in `logs BUILD`. */
export interface Operand {
  readonly name: string;
  readonly help: string;
  readonly required: boolean;
}

const HELP_FLAG = "-h, --help";
const VERSION_FLAG = "-V, --version";

/**
 * Takes the arguments apart. Commander would stop at the first thing it cannot use; here every option's value is
 * optional to it, and what is missing or surplus is collected, so that all problems are reported together.
 */
export function parseCommandLine(words: CommandWords, args: readonly string[]): CommandLine {
  const options = typed(words.options);
  const command = describeCommand(options);
  const flags: Record<string, string> = {};
  const problems: string[] = [];
  for (const [key, option] of Object.entries(options)) {
    command.on(`option:${longName(option)}`, (value: string | null) => {
      const text = value ?? valueWhenBare(option);
      if (text === undefined) problems.push(missingValue(option));
      else if (option.repeatable && flags[key] !== undefined) flags[key] += SEPARATOR + text;
      else if (flags[key] !== undefined && flags[key] !== text) {
        problems.push(repeated(option, flags[key], text));
      } else flags[key] = text;
    });
  }
  const parsed = command.parseOptions([...args]);
  // What follows a flag that nobody knows is its value, and no fault of its own.
  const value = (word: string) => args.some((one, at) => one === word && isUnknown(args[at - 1]));
  const isUnknown = (flag = "") => isFlag(flag) && !flag.includes("=") && parsed.unknown.includes(flag);
  const operands = [
    ...parsed.operands,
    ...parsed.unknown.filter((word) => !isFlag(word) && !value(word)),
  ];
  const given = command.opts<{ help?: boolean; version?: boolean }>();
  problems.push(
    ...parsed.unknown.filter(isFlag).map((flag) => unknownFlag(flag, words)),
    ...operandProblems(operands, words),
  );
  return { wants: given.help ? "help" : given.version ? "version" : "run", flags, operands, problems };
}

/** The options' part of the help, as commander lays it out. */
export function optionsHelp(given: Settings): string {
  const options = typed(given);
  const command = describeCommand(options);
  command.configureHelp({
    optionTerm: (option) => flagOf(options, option) ?? option.flags,
    formatItem: (term, _width, description) => `  ${term}\n      ${description.replaceAll("\n", "\n      ")}`,
    helpWidth: 100,
  });
  const text = command.helpInformation();
  return text.slice(text.indexOf("Options:"));
}

/** The options that have a flag; what only variables set cannot be typed. */
function typed(options: Settings): Settings {
  return Object.fromEntries(Object.entries(options).filter(([, { flag }]) => flag !== undefined));
}

function unknownFlag(flag: string, { name, options }: CommandWords): string {
  const known = [...Object.values(typed(options)).map(longName), "help", "version"];
  const meant = closestWord(flag.replace(/^-+/, "").split("=")[0] ?? "", known);
  const advice = meant === undefined ? `see start-runner ${name} --help` : `did you mean --${meant}?`;
  return `Unknown flag ${shortened(flag)}: ${advice}`;
}

function operandProblems(given: readonly string[], { name, operands }: CommandWords): string[] {
  const missing = operands.slice(given.length).filter(({ required }) => required);
  const takes = operands.length === 0
    ? "takes no arguments"
    : `takes ${operands.map((one) => one.name).join(" and ")}`;
  return [
    ...missing.map((one) => `Missing ${one.name}, ${one.help}: start-runner ${name} ${one.name}`),
    ...given.slice(operands.length).map((word) =>
      `Unexpected argument «${shortened(word)}»: start-runner ${name} ${takes}`
    ),
  ];
}

function describeCommand(options: Settings): Command {
  const command = new Command("start-runner").helpOption(false);
  for (const option of Object.values(options)) {
    command.addOption(new Option(option.flag?.replace(/<([^<>]*)>/, "[$1]") ?? "", describeOption(option)));
  }
  command.option(HELP_FLAG, "show this help").option(VERSION_FLAG, "show the version");
  return command;
}

function describeOption(option: Setting<unknown>): string {
  const variables = option.variables.length === 0 ? "" : `\nvariable: ${option.variables.join(", then ")}`;
  const fallback = option.fallback === undefined ? "" : `\ndefault: ${option.fallback}`;
  return `${option.help}${variables}${fallback}`;
}

function flagOf(options: Settings, option: Option): string | undefined {
  return Object.values(options).find((one) => longName(one) === option.name())?.flag;
}

function longName(option: Setting<unknown>): string {
  return new Option(option.flag ?? "").name();
}

/** A flag that takes no value, or whose value may be left out, in square brackets, stands for «true» then. */
function valueWhenBare(option: Setting<unknown>): string | undefined {
  return option.flag?.includes("<") ? undefined : "true";
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

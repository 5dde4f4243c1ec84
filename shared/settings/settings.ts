import { shortened } from "../output/plain_text.ts";

/** Thrown by a setting's parser; says what a valid value looks like, as in «a whole number from 5 to 480». */
export class InvalidValue extends Error {
  /** The value that was given must not be shown, whatever the setting. */
  readonly secret: boolean;

  constructor(expected: string, { secret = false }: { readonly secret?: boolean } = {}) {
    super(expected);
    this.name = "InvalidValue";
    this.secret = secret;
  }
}

/** One option, declared once: its flag, its variables in order of precedence, its default and its help. */
export interface Setting<T> {
  /** Commander's notation, as in `-p, --project <name>`; absent where only variables set it. */
  readonly flag?: string;
  readonly variables: readonly string[];
  readonly help: string;
  readonly parse: (text: string) => T;
  readonly fallback?: T;
  /** What a required setting is for, as in «the CodeBuild project to start»; its presence makes it required. */
  readonly required?: string;
  /**
   * What sets this one together with others, as in «run it in a pipeline»: all that are missing of those are one problem, which
   * names the last variable of each.
   */
  readonly together?: string;
  /** A valid value, shown where one is missing. */
  readonly example?: string;
  /** The value must never be shown. */
  readonly secret?: boolean;
  /** The flag may be given several times; the parser gets all texts, with `SEPARATOR` between them. */
  readonly repeatable?: boolean;
}

/** Stands between the texts of a flag that was given several times: no argument of a program can hold it. */
export const SEPARATOR = "\0";

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type SettingValue<S> = S extends { readonly parse: (text: string) => infer T }
  ? S extends { readonly fallback: unknown } | { readonly required: string } ? T : T | undefined
  : never;
export type SettingValues<S extends Settings> = { readonly [K in keyof S]: SettingValue<S[K]> };

/**
 * Reads every setting from flags, then variables, then defaults, and collects all problems instead of stopping
 * at the first. Values are complete only where there are no problems. An empty variable counts as unset.
 */
export function readSettings<S extends Settings>(
  settings: S,
  flags: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string>>,
): { values: SettingValues<S>; problems: string[] } {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  const absent = Object.entries(settings).filter(([key, setting]) =>
    setting.required !== undefined && findSource(key, setting, flags, env) === undefined
  ).map(([, setting]) => setting);
  for (const [key, setting] of Object.entries(settings)) {
    const source = findSource(key, setting, flags, env);
    if (source === undefined) {
      values[key] = setting.fallback;
      if (setting.required !== undefined) {
        problems.push(...missingMessages(setting, setting.required, absent));
      }
      continue;
    }
    try {
      values[key] = setting.parse(source.text);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      problems.push(invalidMessage(setting, source, error));
    }
  }
  return { values: values as SettingValues<S>, problems };
}

/** The long form of a setting's flag, as in `--project`. */
export function flagName(setting: Pick<Setting<unknown>, "flag">): string | undefined {
  return setting.flag?.match(/--[\w-]+/)?.[0];
}

/** How a setting is named to the reader: «--project or CODEBUILD_PROJECT». */
export function settingName(setting: Pick<Setting<unknown>, "flag" | "variables">): string {
  return [flagName(setting), ...setting.variables].filter((name) => name !== undefined).join(" or ");
}

interface Source {
  readonly name: string;
  readonly text: string;
}

function findSource(
  key: string,
  setting: Setting<unknown>,
  flags: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string>>,
): Source | undefined {
  const flag = flags[key];
  if (flag !== undefined) return { name: flagName(setting) ?? key, text: flag };
  for (const name of setting.variables) {
    const text = env[name];
    if (text !== undefined && text !== "") return { name, text };
  }
  return undefined;
}

/** The first of those that are set together speaks for all of them. */
function missingMessages(
  setting: Setting<unknown>,
  purpose: string,
  absent: readonly Setting<unknown>[],
): string[] {
  const { together } = setting;
  if (together !== undefined) {
    const group = absent.filter((one) => one.together === together);
    if (group[0] !== setting) return [];
    const variables = group.map(({ variables }) => variables.at(-1) ?? "");
    return [
      `Missing the ${listed(group.map(({ required = "" }) => required))}: ${together}, or set ${
        listed(variables)
      }`,
    ];
  }
  const example = setting.example === undefined ? "" : `, for example ${setting.example}`;
  return [`Missing ${purpose}: set ${settingName(setting)}${example}`];
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

function invalidMessage(
  setting: Setting<unknown>,
  source: Source,
  { message, secret }: InvalidValue,
): string {
  const shown = setting.secret || secret ? "the value given" : `«${shortened(source.text)}»`;
  return `Cannot use ${shown} from ${source.name}: ${settingName(setting)} takes ${message}`;
}

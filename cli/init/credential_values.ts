import { ConfigurationError } from "../../shared/program/errors.ts";
import { bitbucketSettings } from "../../shared/settings/bitbucket_settings.ts";
import { readSettings, type Setting } from "../../shared/settings/settings.ts";
import { type Installation, SECRET_KINDS } from "../templates/installation.ts";
import { askFor, type Asking } from "./ask.ts";

/** The values of the secret's keys, which are read hidden or taken from the environment; never from flags. */
export type CredentialValues = Readonly<Record<string, string>>;

/**
 * The credential that the secret is to hold: that of the environment, or what somebody types; undefined where there is
 * neither, or the first answer is empty. Rejects with `ConfigurationError` for values that no header can carry.
 */
export async function credentialValues(
  { secretKind }: Pick<Installation, "secretKind">,
  env: Readonly<Record<string, string>>,
  asking: Asking | undefined,
): Promise<CredentialValues | undefined> {
  const keys: Readonly<Record<string, string>> = SECRET_KINDS[secretKind];
  const settings = Object.fromEntries(Object.entries(keys).map(([name, key]) => [key, settingOf(name)]));
  const { values, problems } = readSettings(settings, {}, env);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const given = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]));
  if (given.length === Object.keys(settings).length) return Object.fromEntries(given);
  return asking === undefined ? undefined : await typedValues(settings, asking);
}

async function typedValues(
  settings: Readonly<Record<string, Setting<unknown>>>,
  asking: Asking,
): Promise<CredentialValues | undefined> {
  const values: Record<string, string> = {};
  for (const [key, setting] of Object.entries(settings)) {
    const first = Object.keys(values).length === 0;
    const text = `Bitbucket: ${setting.help}${setting.secret ? ", not shown" : ""}${
      first ? " (empty: leave the secret as it is)" : ""
    }`;
    const asked = first ? setting : { ...setting, required: setting.help };
    const answer = await askFor(asked, { text, hidden: setting.secret === true }, asking);
    if (answer === undefined) return undefined;
    asking.log.redactor.add(setting.secret ? answer : undefined);
    values[key] = answer.trim();
  }
  return values;
}

function settingOf(variable: string): Setting<unknown> {
  const settings: readonly Setting<unknown>[] = Object.values(bitbucketSettings);
  const found = settings.find(({ variables }) => variables.includes(variable));
  if (found === undefined) throw new TypeError(`No setting reads ${variable}`);
  return found;
}

import type { Host } from "../../shared/program/host.ts";
import type { ReadLine } from "../../shared/program/line_reader.ts";
import { ConfigurationError } from "../../shared/program/errors.ts";
import type { Logger } from "../../shared/output/log.ts";
import { writeLine, writePage } from "../../shared/output/write_line.ts";
import { readSettings, type Setting, type Settings } from "../../shared/settings/settings.ts";

/** What questions are asked with. */
export interface Asking {
  readonly host: Pick<Host, "stderr">;
  readonly log: Logger;
  readonly readLine: ReadLine;
  readonly signal: AbortSignal;
}

/** A question, and what an empty answer means: the text in brackets. */
export interface Question {
  readonly text: string;
  readonly fallback?: string | undefined;
  readonly hidden?: boolean;
}

/** Asks until the setting can be read from the answer; undefined for an empty one that has no fallback, where that is allowed. */
export async function askFor(
  setting: Setting<unknown>,
  question: Question,
  asking: Asking,
): Promise<string | undefined> {
  for (;;) {
    const answer = (await ask(question, asking)) || question.fallback;
    if (answer === undefined && setting.required === undefined) return undefined;
    const { problems } = readSettings({ answer: { ...setting, variables: [] } }, { answer }, {});
    if (problems.length === 0) return answer;
    for (const problem of problems) writeLine(asking.host.stderr, problem, asking.log.redactor, "  ");
  }
}

/** Asks what can be answered by yes or no; what is neither is asked again. */
export async function agreed(text: string, asking: Asking): Promise<boolean> {
  for (;;) {
    const answer = (await ask({ text: `${text} (yes/no)`, fallback: "no" }, asking)).toLowerCase();
    if (["y", "yes"].includes(answer)) return true;
    if (["", "n", "no"].includes(answer)) return false;
  }
}

/** Fills the flags up with answers, for all settings that neither flags nor variables give. */
export async function askMissing(
  settings: Settings,
  questions: Readonly<Record<string, string>>,
  { flags, env }: {
    readonly flags: Readonly<Record<string, string>>;
    readonly env: Readonly<Record<string, string>>;
  },
  asking: Asking,
): Promise<Record<string, string>> {
  const complete: Record<string, string> = { ...flags };
  for (const [key, text] of Object.entries(questions)) {
    const setting = settings[key];
    const given = flags[key] ?? setting?.variables.map((name) => env[name]).find((value) => value);
    if (setting === undefined || given !== undefined) continue;
    const fallback = setting.fallback === undefined ? undefined : String(setting.fallback);
    const answer = await askFor(setting, { text, fallback }, asking);
    if (answer !== undefined) complete[key] = answer;
  }
  return complete;
}

async function ask({ text, fallback, hidden = false }: Question, asking: Asking): Promise<string> {
  const { host, readLine, signal } = asking;
  const question = `${text}${fallback === undefined ? "" : ` [${fallback}]`}: `;
  const line = await readLine(() => writePage(host.stderr, question), signal, { hidden });
  if (hidden || line === undefined) writePage(host.stderr, "\n");
  if (line === undefined) {
    throw new ConfigurationError(["The input ended before all questions were answered"], {
      hint: "start-runner init --help lists the options that answer them",
    });
  }
  return line.trim();
}

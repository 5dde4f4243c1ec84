import type { PlatformAnswers } from "../pipelines/platform_answers.ts";
import { runnerLine, type RunnerNews, type RunnerVoice } from "./runner_lines.ts";

/** How a runner words what it tells, and where it writes it. */
export type RunnerLogging = RunnerVoice & Pick<PlatformAnswers, "runnerLogsTo" | "rotatesLogAt">;

/** The log of a runner: stdout, and `runner.log` in a folder of its own. */
export class RunnerLog {
  readonly #file: string;
  readonly #logging: RunnerLogging;

  constructor(folder: string, logging: RunnerLogging) {
    this.#file = `${folder}/runner.log`;
    this.#logging = logging;
  }

  /** Atlassian's format: [YYYY-MM-DD HH:MM:SS,mmm] text. */
  tell(news: RunnerNews): void {
    const text = runnerLine(news, this.#logging);
    if (text === undefined) return;
    const time = new Date().toISOString().replace("T", " ").replace(".", ",").replace("Z", "");
    const line = new TextEncoder().encode(`[${time}] ${text}\n`);
    const { runnerLogsTo, rotatesLogAt } = this.#logging;
    if (runnerLogsTo !== "file") Deno.stdout.writeSync(line);
    if (runnerLogsTo === "stdout") return;
    Deno.writeFileSync(this.#file, line, { append: true });
    if (Deno.statSync(this.#file).size >= (rotatesLogAt ?? Infinity)) {
      Deno.renameSync(this.#file, `${this.#file}.1`);
    }
  }
}

import type { Build } from "./build.ts";

const LOOK_MS = 50;

/** The commands `codebuild-breakpoint` and `codebuild-resume` of a build; both do nothing in one without sessions. */
export class Breakpoints {
  readonly #build: Build;
  readonly #bin: string;
  readonly #mark: string;

  /** `bin` is the folder on the build's PATH that gets them. */
  constructor(build: Build, bin: string) {
    this.#build = build;
    this.#bin = bin;
    this.#mark = `${bin}/paused`;
  }

  async make(): Promise<void> {
    const { settings: { breakpoint }, input } = this.#build;
    await Deno.mkdir(this.#bin, { recursive: true });
    if (breakpoint === "missing") return;
    const mark = `'${this.#mark}'`;
    const wait = breakpoint === "waits" ? `\nwhile [ -e ${mark} ]; do sleep 0.05; done` : "";
    const commands = input.debugSessionEnabled
      ? { breakpoint: `: >${mark}${wait}`, resume: `rm -f ${mark}` }
      : { breakpoint: ":", resume: ":" };
    for (const [name, script] of Object.entries(commands)) {
      const path = `${this.#bin}/codebuild-${name}`;
      await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
  }

  /** Holds the build after a command that has only asked for it. */
  async afterCommand(ending: AbortSignal): Promise<void> {
    if (this.#build.settings.breakpoint !== "signals") return;
    while (!ending.aborted && await Deno.stat(this.#mark).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

import { readLines } from "../machine/read_lines.ts";

/**
 * The shell that a build's commands run in. They are sourced one after another, so that variables, functions and
 * the current folder stay from command to command, as with buildspec version 0.2. A command that ends the shell with `exit` fails
 * or succeeds like any other; exported variables and the current folder are carried over to a new shell then.
 */
export interface BuildShellOptions {
  /** As in `sh` or `bash`. */
  readonly shell: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where the commands are put for the shell to read. */
  readonly folder: string;
  /** Takes the output, line by line; CodeBuild mixes stdout and stderr too. */
  readonly onLine: (line: string) => void;
}

// Commands arrive by file descriptor 9, their exit codes leave by 8; neither reaches what the commands start.
const DRIVER = `exec 9<&0 8>&2 </dev/null 2>&1
trap 'export -p >"$LOCAL_CLOUD_STATE"; pwd >"$LOCAL_CLOUD_STATE.folder"' EXIT
if [ -f "$LOCAL_CLOUD_STATE" ]; then . "$LOCAL_CLOUD_STATE"; cd "$(cat "$LOCAL_CLOUD_STATE.folder")"; fi
while IFS= read -r local_cloud_command <&9; do . "$local_cloud_command" 9<&- 8>&-; echo "$?" >&8; done
`;

interface RunningShell {
  readonly child: Deno.ChildProcess;
  readonly input: WritableStreamDefaultWriter<Uint8Array>;
  readonly exitCodes: AsyncIterator<string>;
}

export class BuildShell {
  readonly #options: BuildShellOptions;
  #running: RunningShell | undefined;
  readonly #outputs: Promise<void>[] = [];
  #commands = 0;

  constructor(options: BuildShellOptions) {
    this.#options = options;
  }

  /** Runs a command; its exit code, or that of the shell when the command ended it. */
  async run(command: string): Promise<number> {
    const file = `${this.#options.folder}/command-${++this.#commands}`;
    await Deno.writeTextFile(file, `${command}\n`);
    const shell = this.#running ??= this.#start();
    // Writing fails when the shell was killed just now; its exit code tells.
    await shell.input.write(new TextEncoder().encode(`${file}\n`)).catch(() => {});
    const answer = await shell.exitCodes.next();
    if (!answer.done) return Number(answer.value);
    this.#running = undefined;
    await shell.input.abort().catch(() => {});
    return (await shell.child.status).code;
  }

  /** Ends the shell; background processes go on. */
  async close(): Promise<void> {
    const shell = this.#running;
    this.#running = undefined;
    await shell?.input.close().catch(() => {});
    for (let answer = await shell?.exitCodes.next(); answer?.done === false;) {
      answer = await shell?.exitCodes.next();
    }
    await shell?.child.status;
  }

  /** Resolves when all output has been read; only the end of every background process brings that about. */
  async drained(): Promise<void> {
    await Promise.all(this.#outputs);
  }

  #start(): RunningShell {
    const { shell, env, cwd, folder, onLine } = this.#options;
    const child = new Deno.Command(shell, {
      args: ["-c", DRIVER],
      cwd,
      env: { ...env, LOCAL_CLOUD_STATE: `${folder}/state` },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#outputs.push(forwardLines(child.stdout, onLine));
    return {
      child,
      input: child.stdin.getWriter(),
      exitCodes: readLines(child.stderr),
    };
  }
}

async function forwardLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  for await (const line of readLines(stream)) onLine(line);
}

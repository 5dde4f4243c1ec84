/** The programs whose processes are watched, by what they do. */
export type Role = "start-runner" | "agent pre_build" | "agent build" | "agent post_build";

const MAIN_FILE = /(^|\/)(cli\/main\.ts|agent\/main\.ts|start-runner|codebuild-agent)$/;

/**
 * Which of the programs a process is, by its arguments: a Deno that runs the main module or the bundled file, or the
 * executable itself. The shells that lead to it are not it.
 */
export function roleOf(args: readonly string[]): Role | undefined {
  const [command = ""] = args;
  const runsFile = /(^|\/)deno\d*$/.test(command) && args[1] === "run";
  const at = runsFile ? args.findIndex((arg) => MAIN_FILE.test(arg)) : MAIN_FILE.test(command) ? 0 : -1;
  if (at < 0) return undefined;
  if (/(start-runner|cli\/main\.ts)$/.test(args[at] ?? "")) return "start-runner";
  const phase = args[at + 1];
  return phase === "pre_build" || phase === "build" || phase === "post_build" ? `agent ${phase}` : undefined;
}

import { delimiter, join } from "node:path";
import { RunnerError } from "../../shared/program/errors.ts";
import type { ChildEnvironment } from "../process/child_environment.ts";
import type { RunnerLaunch } from "../runner/runner.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";
import { cannotWrite } from "../settings/cannot_write.ts";
import { javaLauncher, PLACEHOLDER } from "./java_launcher.ts";

export interface SecretPath {
  /** The runner's own, below RUNNER_HOME. */
  readonly folder: string;
  /** The Java that the runner is to have. */
  readonly java: string;
  /** The environment that it is to have, and with it its steps. */
  readonly env: ChildEnvironment;
}

/** How start.sh is started so that the runner's secret reaches Java, and nothing else. */
export interface HiddenLaunch {
  /** With a placeholder for the secret. */
  readonly launch: RunnerLaunch;
  readonly env: ChildEnvironment;
  /** The secret, for stdin. */
  readonly input: string;
}

/**
 * Puts a `java` of our own before the real one, for start.sh alone, in a private folder below the runner's; nothing secret
 * is in it. Rejects with RunnerError when it cannot be written, or for a secret of several lines.
 */
export async function secretByStdin(
  { folder, java, env }: SecretPath,
  launch: RunnerLaunch,
): Promise<HiddenLaunch> {
  if (/[\r\n]/.test(launch.oauthClientSecret)) {
    throw new RunnerError("Cannot start the runner: its OAuth secret has more than one line", {
      hint: "Bitbucket makes none of that kind: check BITBUCKET_API_URL",
    });
  }
  const home = join(folder, "launch");
  await writeLauncher(home, javaLauncher({ java, env }));
  return {
    launch: { ...launch, oauthClientSecret: PLACEHOLDER },
    env: runnerEnvironment({
      ...env,
      PATH: [join(home, "bin"), env["PATH"]].join(delimiter),
      JAVA_HOME: home,
    }),
    input: `${launch.oauthClientSecret}\n`,
  };
}

/** Made anew, so that nobody else's folder or link is in its place. */
async function writeLauncher(home: string, text: string): Promise<void> {
  try {
    await Deno.remove(home, { recursive: true }).catch(() => {});
    await Deno.mkdir(home, { mode: 0o700 });
    await Deno.mkdir(join(home, "bin"), { mode: 0o700 });
    await Deno.writeTextFile(join(home, "bin", "java"), text, { mode: 0o700, createNew: true });
  } catch (cause) {
    throw cannotWrite(home, cause);
  }
}

import type { Command } from "commander";
import { makeLocalRelease } from "./local_release.ts";
import { timelineLine } from "./narration.ts";
import { readPlatformProfile } from "./platform_profile.ts";
import { parseFault } from "./server/fault_flag.ts";
import type { FaultOrder } from "./server/faults.ts";
import { makeStandInImage, removeStandInImage } from "./stand_in/stand_in_image.ts";
import { type LocalCloud, startLocalCloud } from "./start_local_cloud.ts";
import { stepVariables } from "./step_variables.ts";

/** What every form of `deno task local-cloud` takes. */
export interface CloudFlags {
  readonly port: string;
  readonly buildspec?: string;
  readonly docker?: true;
  readonly platform?: string;
  readonly fault?: readonly FaultOrder[];
  readonly quiet?: true;
}

/** A local cloud with a release, as the command line asks for it. */
export interface ServedCloud {
  readonly cloud: LocalCloud;
  /** The folder of start-runner. */
  readonly bin: string;
  /** Variables beside those of the cloud itself. */
  readonly image: Readonly<Record<string, string>>;
}

const IMAGE = "stand-in-runner:local-cloud";
/** As long as somebody may sit at a second shell, in seconds. */
const OIDC_LIFETIME_S = 12 * 3600;

/** Declares the flags. */
export function withCloudFlags(command: Command, port: string): Command {
  return command
    .option("--port <port>", "port on 127.0.0.1; 0 takes a free one", port)
    .option(
      "--buildspec <file>",
      "the CodeBuild project's own buildspec, for start-runner --custom-buildspec",
    )
    .option(
      "--docker",
      "put a stand-in for Atlassian's runner image on this machine's Docker, for --runner-type docker",
    )
    .option("--platform <file>", "play the answers in a profile that «deno task probe» has written")
    .option(
      "--fault <call=kind>",
      "let a call go wrong, as in StartBuild=throttling:3 for three times, :always for each; may be repeated",
      (text: string, faults: readonly FaultOrder[] = []) => [...faults, parseFault(text)],
    )
    .option("--quiet", "do not print what happens");
}

/** Runs `body` with a local cloud, and removes everything afterwards. */
export async function withServedCloud(
  flags: CloudFlags,
  body: (served: ServedCloud) => Promise<void>,
): Promise<void> {
  if (!/^\d+$/.test(flags.port)) throw new Error("Cannot use --port: it takes a whole number");
  const profile = flags.platform === undefined
    ? {}
    : readPlatformProfile(await Deno.readTextFile(flags.platform));
  const buildspec = flags.buildspec === undefined ? undefined : await Deno.readTextFile(flags.buildspec);
  const folder = await Deno.makeTempDir({ prefix: "localcloud-release-" });
  try {
    const release = await makeLocalRelease(folder);
    const cloud = await startLocalCloud({
      port: Number(flags.port),
      releaseFolder: release.folder,
      bitbucket: { oidcLifetimeS: OIDC_LIFETIME_S, ...profile },
    });
    try {
      for (const fault of flags.fault ?? []) cloud.faults.inject(fault);
      if (buildspec !== undefined) useBuildspec(cloud, buildspec);
      if (flags.docker) await makeStandInImage(IMAGE, cloud.socket);
      const image = flags.docker ? { RUNNER_IMAGE: IMAGE, RUNNER_HAND_ON: "RUNNER_IMAGE" } : {};
      cloud.bitbucket.settings.variables = { ...stepVariables(cloud, release.bin), ...image };
      await body({ cloud, bin: release.bin, image });
    } finally {
      if (flags.docker) await removeStandInImage(IMAGE);
      await cloud.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Says from now on what happens; the function that is returned ends that. */
export function narrate({ happenings }: LocalCloud, say: (line: string) => void): () => void {
  const startedAt = Date.now();
  return happenings.on((happening) => {
    const line = timelineLine(happening, startedAt);
    if (line !== undefined) say(line);
  });
}

function useBuildspec(cloud: LocalCloud, buildspec: string): void {
  for (const [name, project] of cloud.codeBuild.projects) {
    cloud.codeBuild.projects.set(name, { ...project, buildspec });
  }
}

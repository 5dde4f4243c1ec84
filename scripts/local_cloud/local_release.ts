import { RUNNER_TYPES, type RunnerType } from "../../shared/settings/runner_type.ts";
import { makeRelease } from "../release/make_release.ts";
import { type ProgramForm, programSource } from "../programs/program_source.ts";
import { makeStandInArchive } from "./stand_in/stand_in_archive.ts";

/** A release of this checkout for the local cloud. */
export interface LocalRelease {
  /** Holds the assets; what the local cloud serves below /release/. */
  readonly folder: string;
  /** Holds `start-runner`; stands for the image of a pipeline's first step. */
  readonly bin: string;
}

/**
 * Makes a release, by default one that runs this checkout, with the stand-in for Atlassian's runner, in a folder that the caller
 * removes.
 */
export async function makeLocalRelease(
  parent: string,
  types: readonly RunnerType[] = RUNNER_TYPES,
  form: ProgramForm = { form: "from source" },
): Promise<LocalRelease> {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x86_64";
  const archive = `${parent}/stand-in-runner.tar.gz`;
  const release = { folder: `${parent}/release`, bin: `${parent}/bin` };
  await makeStandInArchive(archive);
  await makeRelease({
    out: release.folder,
    program: programSource(form),
    atlassianRunnerFile: archive,
    only: [
      `start-runner-${arch}`,
      ...types.flatMap((type) => [`runner-${type}-${arch}.tar.gz`, `install-${type}.sh`]),
    ],
    say: () => {},
  });
  await Deno.mkdir(release.bin);
  await Deno.copyFile(`${release.folder}/start-runner-${arch}`, `${release.bin}/start-runner`);
  return release;
}

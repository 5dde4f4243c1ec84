import { type ArchiveEntry, unpackArchive } from "./archive.ts";
import { download } from "../outside/download.ts";
import {
  addressOf,
  type Download,
  isRecorded,
  MANIFEST,
  pinnedDownload,
  verifyDownload,
} from "../outside/manifest.ts";

const NEEDED = ["bin/start.sh", "bin/runner.jar"];

/** Where Atlassian's runner comes from. */
export interface AtlassianRunnerOptions {
  /** An archive to take as it is instead of downloading the pinned one. */
  readonly file?: string | undefined;
  readonly pinned?: Download;
  /** Refuse to use an archive whose hash is not recorded. */
  readonly locked?: boolean | undefined;
  readonly say: (line: string) => void;
}

/** Atlassian's runner: its version and the files of its archive, with start.sh executable. */
export async function atlassianRunner(
  options: AtlassianRunnerOptions,
): Promise<{ version: string; entries: ArchiveEntry[] }> {
  const pinned = options.pinned ?? await pinnedDownload("atlassian-runner");
  const archive = await archiveOf(pinned, options);
  return { version: pinned.version, entries: runnerEntries(await unpackArchive(archive)) };
}

async function archiveOf(
  pinned: Download,
  { file, locked, say }: AtlassianRunnerOptions,
): Promise<Uint8Array> {
  if (file !== undefined) {
    say(`Atlassian's runner is taken from ${file} as it is: its sha256 is not held against ${MANIFEST}`);
    return await Deno.readFile(file);
  }
  const url = addressOf(pinned);
  if (!isRecorded(pinned)) {
    const unknown = `${MANIFEST} has no hash of ${url}`;
    if (locked) throw new Error(`Cannot trust the download: ${unknown}; run «deno task pins» and commit it`);
    say(`${unknown}, so it is taken as it is: «deno task pins» records one`);
  }
  say(`Downloading ${url}`);
  const archive = await download(url).catch((cause) => {
    throw new Error(
      `Cannot download ${url}: ${cause.message}; --atlassian-runner FILE takes it from a file`,
      { cause },
    );
  });
  verifyDownload(archive, pinned, url);
  return archive;
}

function runnerEntries(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  for (const path of NEEDED) {
    if (!entries.some((entry) => entry.path === path)) {
      throw new Error(`Cannot use the archive of Atlassian's runner: it has no ${path}`);
    }
  }
  return entries.map((entry) => entry.path === "bin/start.sh" ? { ...entry, executable: true } : entry);
}

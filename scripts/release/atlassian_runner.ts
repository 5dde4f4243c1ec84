import { createHash } from "node:crypto";
import { type ArchiveEntry, unpackArchive } from "./archive.ts";
import { download } from "../outside/download.ts";
import { addressOf, type Download, isRecorded, MANIFEST, pinnedDownload } from "../outside/manifest.ts";

const NEEDED = ["bin/start.sh", "bin/runner.jar"];

/** Where Atlassian's runner comes from. */
export interface AtlassianRunnerOptions {
  /** An archive to put into the bundle as it is; without it the installer downloads the pinned one. */
  readonly file?: string | undefined;
  readonly pinned?: Download;
  /** Refuse an archive whose hash is not recorded. */
  readonly locked?: boolean | undefined;
  readonly say: (line: string) => void;
}

/** Atlassian's runner as a bundle has it: by its files, or by where the installer finds them and what they hash to. */
export type AtlassianRunner =
  & { readonly version: string }
  & ({ readonly entries: readonly ArchiveEntry[] } | { readonly url: string; readonly sha256: string });

/**
 * What goes into a bundle of Atlassian's runner: nothing but an address and a hash, unless there is a file, since
 * nobody knows whether it may be handed on. It is downloaded here only to learn a hash that is not recorded.
 */
export async function atlassianRunner(options: AtlassianRunnerOptions): Promise<AtlassianRunner> {
  const pinned = options.pinned ?? await pinnedDownload("atlassian-runner");
  const { version, hash } = pinned;
  const { file, say } = options;
  if (file === undefined) {
    const sha256 = isRecorded(pinned) ? hash : await learnHash(pinned, options);
    return { version, url: addressOf(pinned), sha256 };
  }
  say(`Atlassian's runner is taken from ${file} as it is: its sha256 is not held against ${MANIFEST}`);
  return { version, entries: runnerEntries(await unpackArchive(await Deno.readFile(file))) };
}

async function learnHash(pinned: Download, { locked, say }: AtlassianRunnerOptions): Promise<string> {
  const url = addressOf(pinned);
  const unknown = `${MANIFEST} has no hash of ${url}`;
  if (locked) throw new Error(`Cannot trust the download: ${unknown}; run «deno task pins» and commit it`);
  say(`${unknown}, so it is taken as it is: «deno task pins» records one`);
  say(`Downloading ${url}`);
  const archive = await download(url).catch((cause) => {
    throw new Error(
      `Cannot download ${url}: ${cause.message}; --atlassian-runner FILE takes it from a file`,
      { cause },
    );
  });
  runnerEntries(await unpackArchive(archive));
  const sha256 = createHash("sha256").update(archive).digest("hex");
  say(`What was downloaded has the sha256 ${sha256}: installers of this release take nothing else`);
  return sha256;
}

function runnerEntries(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  for (const path of NEEDED) {
    if (!entries.some((entry) => entry.path === path)) {
      throw new Error(`Cannot use the archive of Atlassian's runner: it has no ${path}`);
    }
  }
  return entries.map((entry) => entry.path === "bin/start.sh" ? { ...entry, executable: true } : entry);
}

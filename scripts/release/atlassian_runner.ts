import { createHash } from "node:crypto";
import { type ArchiveEntry, unpackArchive } from "./archive.ts";
import { CHECKOUT } from "../programs/checkout.ts";

const LOCK_FILE = `${CHECKOUT}/scripts/atlassian_runner.lock.json`;
const NEEDED = ["bin/start.sh", "bin/runner.jar"];

/** The pinned version of Atlassian's runner, where it is, and its checksum from the first download on. */
export interface AtlassianLock {
  readonly version: string;
  readonly url: string;
  readonly sha256?: string;
}

/** Where Atlassian's runner comes from. */
export interface AtlassianRunnerOptions {
  /** An archive to take as it is instead of downloading the pinned one. */
  readonly file?: string | undefined;
  readonly lockFile?: string;
  /** Refuse to record a checksum that is not in the lock file yet. */
  readonly locked?: boolean | undefined;
  readonly say: (line: string) => void;
}

/** Atlassian's runner: its version and the files of its archive, with start.sh executable. */
export async function atlassianRunner(
  options: AtlassianRunnerOptions,
): Promise<{ version: string; entries: ArchiveEntry[] }> {
  const lockFile = options.lockFile ?? LOCK_FILE;
  const lock = await readLock(lockFile);
  const archive = options.file === undefined
    ? await download(lock, lockFile, options)
    : await Deno.readFile(options.file);
  if (options.file !== undefined) {
    options.say(
      `Atlassian's runner is taken from ${options.file} as it is: its checksum is not held against the lock`,
    );
  }
  return { version: lock.version, entries: runnerEntries(await unpackArchive(archive)) };
}

/** What the project pins of Atlassian's runner. */
export async function readLock(lockFile: string = LOCK_FILE): Promise<AtlassianLock> {
  return JSON.parse(await Deno.readTextFile(lockFile));
}

async function download(
  lock: AtlassianLock,
  lockFile: string,
  options: AtlassianRunnerOptions,
): Promise<Uint8Array> {
  const url = lock.url.replaceAll("{version}", lock.version);
  options.say(`Downloading ${url}`);
  const response = await fetch(url).catch((cause) => {
    throw new Error(`Cannot download ${url}: ${cause.message}; --atlassian-runner FILE takes it from a file`);
  });
  if (!response.ok) throw new Error(`Cannot download ${url}: it answered ${response.status}`);
  const archive = await response.bytes();
  const sha256 = createHash("sha256").update(archive).digest("hex");
  if (lock.sha256 === undefined) await record({ ...lock, sha256 }, lockFile, options);
  else if (lock.sha256 !== sha256) {
    throw new Error(`Cannot use ${url}: its sha256 is ${sha256}, and ${lockFile} has ${lock.sha256}`);
  }
  return archive;
}

async function record(lock: AtlassianLock, lockFile: string, options: AtlassianRunnerOptions): Promise<void> {
  if (options.locked) {
    throw new Error(
      `Cannot trust the download: ${lockFile} has no sha256; run «deno task release» and commit it`,
    );
  }
  await Deno.writeTextFile(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
  options.say(`Recorded sha256 ${lock.sha256} in ${lockFile}: commit it`);
}

function runnerEntries(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  for (const path of NEEDED) {
    if (!entries.some((entry) => entry.path === path)) {
      throw new Error(`Cannot use the archive of Atlassian's runner: it has no ${path}`);
    }
  }
  return entries.map((entry) => entry.path === "bin/start.sh" ? { ...entry, executable: true } : entry);
}

import { download } from "../outside/download.ts";
import {
  addressOf,
  type Download,
  isRecorded,
  MANIFEST,
  pinnedDownload,
  verifyDownload,
} from "../outside/manifest.ts";
import type { Architecture, Program } from "./asset_names.ts";
import { runDeno } from "./run_deno.ts";

type Environment = Readonly<Record<string, string>>;

/** How `deno compile` comes to the binary that it appends a program to. */
export interface BaseBinary {
  readonly target: string;
  /** The whole environment for `deno compile`. */
  readonly env: Environment;
  /** Where it comes from, for messages. */
  readonly source: string;
  /** Whether it is known to be what the manifest pins. */
  readonly verified: boolean;
}

const TARGETS: Readonly<Record<Architecture, string>> = {
  x86_64: "x86_64-unknown-linux-gnu",
  arm64: "aarch64-unknown-linux-gnu",
};

/** The field e_machine of an ELF file's header, by architecture. */
const ELF_MACHINES: Readonly<Record<Architecture, number>> = { x86_64: 0x3e, arm64: 0xb7 };

/**
 * Finds the base binary, denort, for an architecture: the file DENORT_BIN if it is of that architecture, else the
 * archive below DENORT_MIRROR, else Deno's own download. A mirror has the folders of Deno's releases on GitHub, as in
 * `https://mirror.example/deno/v2.9.6/denort-x86_64-unknown-linux-gnu.zip`. An archive is held against `pinned`; a file
 * is taken as it is.
 */
export async function findBaseBinary(
  arch: Architecture,
  env: Environment,
  pinned?: Download,
): Promise<BaseBinary> {
  const target = TARGETS[arch];
  const { DENORT_BIN: file, DENORT_MIRROR: mirror, ...others } = env;
  if (file !== undefined && file !== "" && await architectureOf(file) === arch) {
    return { target, env, source: `DENORT_BIN (${file})`, verified: false };
  }
  pinned ??= await pinnedDownload(`denort-${arch}`);
  const verified = isRecorded(pinned);
  // Deno would take DENORT_BIN for any target, so it is left out for the other one.
  const found = { target, env: others, verified };
  // Where there is nothing to hold it against, Deno may as well download it by itself.
  if (!mirror && !verified) return { ...found, source: "Deno's own download" };
  const archive = `v${Deno.version.deno}/denort-${target}.zip`;
  const url = mirror ? `${mirror.replace(/\/+$/, "")}/${archive}` : addressOf(pinned);
  const source = mirror ? `DENORT_MIRROR (${url})` : url;
  await fillDenoCache(archive, url, pinned).catch((cause) => {
    throw noBaseBinary(arch, source, cause);
  });
  return { ...found, source };
}

/** What is not known of a base binary; undefined where it is what the manifest pins. */
export function unverified(arch: Architecture, { source, verified }: BaseBinary): string | undefined {
  if (verified) return undefined;
  return `the base binary for ${arch} comes from ${source} and is held against no hash of ${MANIFEST}`;
}

/** Deno's words where it does not get at its base binary, or that file is none. Source: seen with Deno 2.9.6. */
const ABOUT_BASE_BINARY = /Setting up base binary|Could not find denort|Writing binary bytes/;

/** One sentence for the reader: what `deno compile` failed at, and how to supply the base binary if that is missing. */
export function compileFailure(
  program: Program,
  { arch, source, cause }: { readonly arch: Architecture; readonly source: string; readonly cause: unknown },
): Error {
  if (ABOUT_BASE_BINARY.test(messageOf(cause))) return noBaseBinary(arch, source, cause);
  return new Error(`Cannot compile ${program} for ${TARGETS[arch]}: ${messageOf(cause)}`, { cause });
}

function noBaseBinary(arch: Architecture, source: string, cause: unknown): Error {
  const text = messageOf(cause);
  const reason = /error sending request[^\n]*/.exec(text)?.[0] ?? text.trim().split("\n").at(-1)?.trim();
  return new Error(
    `Cannot get Deno's base binary for ${
      TARGETS[arch]
    } from ${source}: ${reason}; set DENORT_BIN to a denort ` +
      `${Deno.version.deno} of this architecture, or DENORT_MIRROR to a copy of Deno's releases`,
    { cause },
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

async function architectureOf(file: string): Promise<Architecture | undefined> {
  const header = (await Deno.readFile(file).catch((cause) => {
    throw new Error(`Cannot use DENORT_BIN: ${file} cannot be read`, { cause });
  })).subarray(0, 20);
  const isElf = String.fromCharCode(...header.subarray(1, 4)) === "ELF";
  if (!isElf) throw new Error(`Cannot use DENORT_BIN: ${file} is not an executable for Linux`);
  return header[18] === ELF_MACHINES.arm64
    ? "arm64"
    : header[18] === ELF_MACHINES.x86_64
    ? "x86_64"
    : undefined;
}

/** Puts the archive where Deno keeps those that it downloaded itself; one that is there already is looked at too. */
async function fillDenoCache(archive: string, url: string, pinned: Download): Promise<void> {
  if (pinned.version !== Deno.version.deno) {
    throw new Error(`${MANIFEST} pins denort ${pinned.version}, and this is Deno ${Deno.version.deno}`);
  }
  const { denoDir } = JSON.parse(await runDeno(["info", "--json", "--no-config"])) as { denoDir: string };
  const file = `${denoDir}/dl/release/${archive}`;
  const kept = await Deno.readFile(file).catch(() => undefined);
  if (kept !== undefined) return verifyDownload(kept, pinned, file);
  const content = await download(url);
  verifyDownload(content, pinned, url);
  await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(`${file}.unfinished`, content);
  await Deno.rename(`${file}.unfinished`, file);
}

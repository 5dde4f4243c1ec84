import { createHash } from "node:crypto";
import { VERSION } from "../../shared/program/version.ts";
import { RUNNER_TYPES, type RunnerType } from "../../shared/settings/runner_type.ts";
import { IMPORTERS } from "../lint/lint_rooms.ts";
import { packArchive } from "./archive.ts";
import {
  type Architecture,
  ARCHITECTURES,
  bundleAsset,
  installerAsset,
  programAsset,
} from "../programs/asset_names.ts";
import { type Download, pinnedDownload } from "../outside/manifest.ts";
import { atlassianRunner } from "./atlassian_runner.ts";
import { projectFile } from "../programs/checkout.ts";
import type { ProgramMaker } from "../programs/program_source.ts";
import { pinInstallers } from "../programs/pin_installers.ts";
import { runnerBundle } from "./runner_bundle.ts";

/** One file of a release. */
export interface Asset {
  readonly name: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** What a release is made of, and where it goes. */
export interface ReleaseOptions {
  readonly out: string;
  /** A program's bytes for an architecture: an executable, or a script in its place. */
  readonly program: ProgramMaker;
  /** Atlassian's archive, to go into bundles; without it installers download the pinned one. */
  readonly atlassianRunnerFile?: string | undefined;
  /** What installers download then, in place of what the project pins. */
  readonly pinned?: Download;
  /** Refuse an archive of Atlassian's whose checksum is not recorded yet. */
  readonly locked?: boolean | undefined;
  /** Names of the assets to make; all of them without it. */
  readonly only?: readonly string[] | undefined;
  readonly say: (line: string) => void;
}

/** Makes the assets of a release and their SHA256SUMS in a folder; the same inputs give the same bytes. */
export async function makeRelease(options: ReleaseOptions): Promise<Asset[]> {
  const recipes = assetRecipes(options).sort((a, b) => a.name < b.name ? -1 : 1);
  refuseUnknown(options.only ?? [], recipes.map((recipe) => recipe.name));
  const assets: Asset[] = [];
  for (const { name, executable, make } of recipes) {
    if (isWanted(options, name)) assets.push({ name, executable, content: await make() });
  }
  assets.push({ name: "SHA256SUMS", executable: false, content: checksums(assets) });
  await Deno.mkdir(options.out, { recursive: true });
  for (const asset of assets) await writeAsset(options.out, asset);
  return assets;
}

interface Recipe {
  readonly name: string;
  readonly executable: boolean;
  readonly make: () => Promise<Uint8Array> | Uint8Array;
}

/** What is made of what: the agent goes into bundles, their hashes into installers, and those of these into start-runner. */
function assetRecipes(options: ReleaseOptions): Recipe[] {
  const bundle = bundleMaker(options);
  const archiveHash = async (type: RunnerType, arch: Architecture) =>
    isWanted(options, bundleAsset(type, arch)) ? sha256(await bundle(type, arch)) : "";
  const installer = remembered((type: RunnerType) => makeInstaller(type, archiveHash));
  return [
    ...ARCHITECTURES.flatMap((arch) => [
      {
        name: programAsset("codebuild-agent", arch),
        executable: true,
        make: () => options.program("codebuild-agent", arch),
      },
      {
        name: programAsset("start-runner", arch),
        executable: true,
        make: () => startRunner(options, arch, installer),
      },
      ...RUNNER_TYPES.map((type) => ({
        name: bundleAsset(type, arch),
        executable: false,
        make: () => bundle(type, arch),
      })),
    ]),
    ...RUNNER_TYPES.map((type) => ({
      name: installerAsset(type),
      executable: true,
      make: () => installer(type),
    })),
    { name: "sbom.cdx.json", executable: false, make: () => billOfMaterials(options) },
    { name: "LICENSE", executable: false, make: () => projectFile("LICENSE") },
    { name: "THIRD-PARTY-NOTICES.txt", executable: false, make: notices },
  ];
}

/** Knows the installers that are made with it: one that is left out stays unknown. */
async function startRunner(
  options: ReleaseOptions,
  arch: Architecture,
  installer: (type: RunnerType) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const program = await options.program("start-runner", arch);
  const installers = new Map<string, Uint8Array>();
  for (const type of RUNNER_TYPES) {
    const name = installerAsset(type);
    if (isWanted(options, name)) installers.set(name, await installer(type));
  }
  return pinInstallers(program, installers);
}

type BundleMaker = (type: RunnerType, arch: Architecture) => Promise<Uint8Array>;

/** Makes each bundle once, and asks for Atlassian's archive once: installers ask for the hashes of bundles. */
function bundleMaker(options: ReleaseOptions): BundleMaker {
  let runner: ReturnType<typeof atlassianRunner> | undefined;
  return remembered(async (type: RunnerType, arch: Architecture) => {
    if (type === "shell") runner ??= atlassianRunner({ ...options, file: options.atlassianRunnerFile });
    const agent = await options.program("codebuild-agent", arch);
    const ofAtlassian = type === "shell" ? await runner : undefined;
    return packArchive(
      runnerBundle({ type, arch, version: VERSION, agent, runner: ofAtlassian }, projectFile),
    );
  });
}

function remembered<A extends string[], T>(make: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (...args) => {
    const key = args.join(" ");
    const one = made.get(key) ?? make(...args);
    made.set(key, one);
    return one;
  };
}

function isWanted({ only }: Pick<ReleaseOptions, "only">, asset: string): boolean {
  return only?.includes(asset) ?? true;
}

/** The installer's template with what it installs filled in. */
async function makeInstaller(
  type: RunnerType,
  archiveHash: (type: RunnerType, arch: Architecture) => Promise<string>,
): Promise<Uint8Array> {
  let text = new TextDecoder().decode(projectFile("scripts/install.sh"));
  text = text.replaceAll("@TYPE@", type).replaceAll("@VERSION@", VERSION);
  for (const arch of ARCHITECTURES) {
    text = text.replaceAll(`@SHA256_${arch.toUpperCase()}@`, await archiveHash(type, arch));
  }
  return new TextEncoder().encode(text);
}

/** Loaded here, since its library takes as long to load as a release from source takes otherwise. */
async function billOfMaterials({ atlassianRunnerFile }: ReleaseOptions): Promise<Uint8Array> {
  const { softwareBillOfMaterials } = await import("./software_bill_of_materials.ts");
  return softwareBillOfMaterials({
    version: VERSION,
    lockText: new TextDecoder().decode(projectFile("deno.lock")),
    packages: Object.keys(IMPORTERS),
    denoVersion: Deno.version.deno,
    runnerVersion: (await pinnedDownload("atlassian-runner")).version,
    runnerBundled: atlassianRunnerFile !== undefined,
  });
}

/** Loaded only here, as it asks Deno where its packages are. */
async function notices(): Promise<Uint8Array> {
  const { thirdPartyNotices } = await import("./third_party_notices.ts");
  return await thirdPartyNotices({
    lockText: new TextDecoder().decode(projectFile("deno.lock")),
    packages: Object.keys(IMPORTERS),
    denoVersion: Deno.version.deno,
    license: new TextDecoder().decode(projectFile("LICENSE")),
  });
}

function refuseUnknown(asked: readonly string[], known: readonly string[]): void {
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Error(`Cannot make ${unknown.join(", ")}: the assets are ${known.join(", ")}`);
}

/** In the form of sha256sum, so that `sha256sum -c SHA256SUMS` checks a download. */
function checksums(assets: readonly Asset[]): Uint8Array {
  return new TextEncoder().encode(
    assets.map(({ name, content }) => `${sha256(content)}  ${name}\n`).join(""),
  );
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** By renaming, so that nobody who is served from the folder meets half an asset. */
async function writeAsset(folder: string, asset: Asset): Promise<void> {
  const unfinished = `${folder}/.${asset.name}.unfinished`;
  await Deno.writeFile(unfinished, asset.content);
  await Deno.chmod(unfinished, asset.executable ? 0o755 : 0o644);
  await Deno.rename(unfinished, `${folder}/${asset.name}`);
}

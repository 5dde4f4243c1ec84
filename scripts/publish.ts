import process from "node:process";
import { Command } from "commander";
import { ARCHITECTURES } from "./programs/asset_names.ts";
import { RUNNER_TYPES } from "../shared/settings/runner_type.ts";
import { ContainerRegistry } from "./publish/container_registry.ts";
import { GitHubReleases } from "./publish/github_releases.ts";
import { imageFromArchive, imageIndex, type LocalImage } from "./publish/image_archive.ts";
import { releaseNotes } from "./publish/release_notes.ts";
import { readAssets } from "./publish/release_assets.ts";
import type { ImageFamily } from "./publish/publish_images.ts";
import { publishRelease } from "./publish/publish_release.ts";
import type { Service } from "./publish/service.ts";

interface Flags {
  readonly assets: string;
  readonly images: string;
  readonly tag: string;
  readonly commit: string;
  readonly repository: string;
  readonly api: string;
  readonly registry: string;
  readonly digests?: true;
}

const env = process.env;

const command = new Command("deno task publish")
  .description(
    "Publishes what a release was made into: a GitHub release and the images. It may be run again after whatever " +
      "happened. GITHUB_TOKEN is the token, GITHUB_ACTOR its user; neither is shown.",
  )
  .requiredOption("--assets <dir>", "the assets, with their SHA256SUMS")
  .requiredOption("--images <dir>", "archives of «docker save», called TYPE-ARCH.tar.gz")
  .option("--tag <tag>", "the tag of the release", env["GITHUB_REF_NAME"])
  .option("--commit <sha>", "the commit that everything was made from", env["GITHUB_SHA"])
  .option("--repository <owner/name>", "where the release goes", env["GITHUB_REPOSITORY"])
  .option("--api <url>", "GitHub's API", env["GITHUB_API_URL"] ?? "https://api.github.com")
  .option("--registry <host>", "the container registry", "ghcr.io")
  .option("--digests", "print what the images' names will lead to, as NAME=DIGEST, and publish nothing")
  .action(publish);

try {
  await command.parseAsync(process.argv.slice(2), { from: "user" });
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function publish(flags: Flags): Promise<void> {
  for (const name of ["tag", "commit", "repository"] as const) {
    if (!flags[name]) throw new Error(`Missing --${name}: it has no default outside of a workflow`);
  }
  const assets = await readAssets(flags.assets);
  const families = await Promise.all(RUNNER_TYPES.map((type) => readFamily(type, flags)));
  if (flags.digests) {
    for (const { name, images } of families) {
      process.stdout.write(`${name}=${imageIndex([...images.values()]).digest}\n`);
    }
    return;
  }
  const authorization = `Bearer ${env["GITHUB_TOKEN"] ?? ""}`;
  const headers = {
    authorization,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  };
  await publishRelease({
    releases: new GitHubReleases(service(flags.api, headers), flags.repository),
    tag: flags.tag,
    commit: flags.commit,
    notes: releaseNotes(flags.tag),
    assets,
    families,
    say: (line) => void process.stdout.write(`${line}\n`),
  });
}

async function readFamily(
  type: string,
  { images: folder, repository, registry }: Flags,
): Promise<ImageFamily> {
  const images = new Map<string, LocalImage>();
  for (const arch of ARCHITECTURES) {
    images.set(arch, await imageFromArchive(await Deno.readFile(`${folder}/${type}-${arch}.tar.gz`)));
  }
  // Names of images are in small letters, whatever the repository's are.
  const path = `${repository.toLowerCase()}-${type}`;
  const scheme = registry.startsWith("127.0.0.1:") ? "http" : "https";
  const login = { user: env["GITHUB_ACTOR"] ?? "", password: env["GITHUB_TOKEN"] ?? "" };
  return {
    name: `${registry}/${path}`,
    registry: new ContainerRegistry(service(`${scheme}://${registry}/v2/${path}`), login),
    images,
  };
}

function service(url: string, headers: Readonly<Record<string, string>> = {}): Service {
  return { url, headers, timeoutMs: 10 * 60_000, pauseMs: 2_000 };
}

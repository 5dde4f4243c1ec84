import { createHash } from "node:crypto";
import type { ArchiveEntry } from "./archive.ts";
import type { RunnerType } from "../../shared/settings/runner_type.ts";
import type { Architecture } from "../programs/asset_names.ts";

const PHASES = ["pre_build", "build", "post_build"];

/** What goes into `runner-<type>-<arch>.tar.gz`. */
export interface BundleParts {
  readonly type: RunnerType;
  readonly arch: Architecture;
  readonly version: string;
  readonly agent: Uint8Array;
  /** Atlassian's runner, for the shell type. */
  readonly runner: { readonly version: string; readonly entries: readonly ArchiveEntry[] } | undefined;
}

/** A bundle and the digest by which its release's installer knows it. */
export interface Bundle {
  readonly entries: readonly ArchiveEntry[];
  readonly digest: string;
}

/** The files of a bundle: the agent, the phase scripts, bundle.json and, for the shell type, Atlassian's runner. */
export function runnerBundle(parts: BundleParts, projectFile: (path: string) => Uint8Array): Bundle {
  const own: ArchiveEntry[] = [
    { path: "codebuild-agent", content: parts.agent, executable: true },
    ...PHASES.map((phase) => ({
      path: `${phase}.sh`,
      content: projectFile(`scripts/phases/${phase}.sh`),
      executable: true,
    })),
  ];
  const entries = [...own, ...(parts.runner?.entries ?? [])];
  refuseTwins(entries);
  const digest = bundleDigest(entries);
  const manifest = new TextEncoder().encode(bundleManifest(parts, entries, digest));
  return { digest, entries: [...entries, { path: "bundle.json", content: manifest, executable: false }] };
}

/** Tells apart two bundles of one version, so that an installer knows whether the installed one is its own. */
function bundleDigest(entries: readonly ArchiveEntry[]): string {
  const hash = createHash("sha256");
  for (const { path, content, executable } of entries) {
    hash.update(`${path}\0${executable}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 32);
}

function refuseTwins(entries: readonly ArchiveEntry[]): void {
  const seen = new Set(["bundle.json"]);
  for (const { path } of entries) {
    if (seen.has(path)) {
      throw new Error(`Cannot make a bundle: the runner's archive has a ${path} of its own`);
    }
    seen.add(path);
  }
}

/**
 * bundle.json, which the installer reads without a JSON parser: one field per line, all of them strings.
 * `entries` are the names at the top, by which the installer knows its own files from others.
 */
function bundleManifest(parts: BundleParts, entries: readonly ArchiveEntry[], digest: string): string {
  const names = new Set(entries.map((entry) => entry.path.split("/")[0] ?? ""));
  const fields = {
    type: parts.type,
    version: parts.version,
    arch: parts.arch,
    ...(parts.runner === undefined ? {} : { runnerVersion: parts.runner.version }),
    digest,
    entries: [...names].sort().join(" "),
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

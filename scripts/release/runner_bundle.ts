import type { ArchiveEntry } from "./archive.ts";
import type { AtlassianRunner } from "./atlassian_runner.ts";
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
  readonly runner: AtlassianRunner | undefined;
}

/**
 * The files of a bundle: the agent, the phase scripts, bundle.json and, for the shell type, Atlassian's runner where
 * its files are given.
 */
export function runnerBundle(parts: BundleParts, projectFile: (path: string) => Uint8Array): ArchiveEntry[] {
  const own: ArchiveEntry[] = [
    { path: "codebuild-agent", content: parts.agent, executable: true },
    ...PHASES.map((phase) => ({
      path: `${phase}.sh`,
      content: projectFile(`scripts/phases/${phase}.sh`),
      executable: true,
    })),
  ];
  const entries = [...own, ...bundledEntries(parts.runner)];
  refuseTwins(entries);
  refuseOddNames(entries);
  const manifest = new TextEncoder().encode(bundleManifest(parts, entries));
  return [...entries, { path: "bundle.json", content: manifest, executable: false }];
}

function bundledEntries(runner: AtlassianRunner | undefined): readonly ArchiveEntry[] {
  return runner !== undefined && "entries" in runner ? runner.entries : [];
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

/** The installer knows its files by their names at the top, which stand in one line. */
function refuseOddNames(entries: readonly ArchiveEntry[]): void {
  const odd = entries.find(({ path }) => !/^[\w.+-]+(\/|$)/.test(path));
  if (odd !== undefined) throw new Error(`Cannot make a bundle: «${odd.path}» is no name for the installer`);
}

/**
 * bundle.json, which the installer reads without a JSON parser: one field per line, all of them strings.
 * `entries` are the names at the top, by which the installer knows its own files from others; it adds those of a
 * runner that it downloads.
 */
function bundleManifest(parts: BundleParts, entries: readonly ArchiveEntry[]): string {
  const names = new Set(entries.map((entry) => entry.path.split("/")[0] ?? ""));
  const fields = {
    type: parts.type,
    version: parts.version,
    arch: parts.arch,
    ...runnerFields(parts.runner),
    entries: [...names].sort().join(" "),
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

function runnerFields(runner: AtlassianRunner | undefined): Readonly<Record<string, string>> {
  if (runner === undefined) return {};
  const { version: runnerVersion } = runner;
  if ("entries" in runner) return { runnerVersion };
  return { runnerVersion, runnerUrl: runner.url, runnerSha256: runner.sha256 };
}

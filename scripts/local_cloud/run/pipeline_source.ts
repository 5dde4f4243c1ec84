import type { CloneDepth } from "../pipelines/pipeline_file.ts";
import type { PipelineTarget } from "../pipelines/new_pipeline.ts";
import type { PullRequest } from "../pipelines/pipeline.ts";
import type { Trigger } from "./choose_pipeline.ts";
import { git, tryGit } from "./git.ts";

/** What a pipeline is run on. */
export interface PipelineSource {
  readonly target: PipelineTarget;
  /** Makes the clones of these depths; the function says where each of them is. */
  clones(depths: readonly CloneDepth[]): Promise<(depth: CloneDepth) => string>;
  /** The files that changed with the last commit, or since a pull request began; undefined where nobody knows. */
  readonly changedFiles: readonly string[] | undefined;
  /** What is not as Bitbucket would see it. */
  readonly warnings: readonly string[];
}

/** The branch that a source is on; «main» where there is no repository or none is checked out. */
export async function currentBranch(source: string): Promise<string> {
  if (!await isRepository(source)) return "main";
  return await tryGit(source, "symbolic-ref", "--short", "HEAD") ?? "main";
}

/**
 * Takes what is committed in a repository, or else a folder's files as they are. All that is made is in `folder`, which the
 * caller removes; pushes of steps end there too. Rejects when git fails.
 */
export async function pipelineSource(
  source: string,
  trigger: Trigger,
  folder: string,
): Promise<PipelineSource> {
  if (!(await Deno.stat(source).catch(() => undefined))?.isDirectory) {
    throw new Error(`Cannot clone the source: ${source} is no folder`);
  }
  return await isRepository(source)
    ? await committedSource(source, trigger, `${folder}/repository.git`)
    : plainSource(source, trigger);
}

/** A folder within a repository is none of its own. Rejects where git does not want to have to do with it. */
async function isRepository(source: string): Promise<boolean> {
  if (await Deno.lstat(`${source}/.git`).catch(() => undefined) === undefined) return false;
  await git(source, "rev-parse", "--git-dir");
  return await tryGit(source, "rev-parse", "--verify", "--quiet", "HEAD") !== undefined;
}

function plainSource(source: string, trigger: Trigger): PipelineSource {
  const { kind, name, destination = "main" } = trigger;
  const request = kind === "pull-request"
    ? { pullRequest: { id: 1, destination, destinationCommit: "0".repeat(40) } }
    : {};
  return {
    target: kind === "tag"
      ? { tag: name }
      : { branch: kind === "branch" || "pullRequest" in request ? name : "main", ...request },
    clones: () => Promise.resolve(() => source),
    changedFiles: undefined,
    warnings: [`${source} is no Git repository with a commit, so its files are copied as they are`],
  };
}

async function committedSource(source: string, trigger: Trigger, bare: string): Promise<PipelineSource> {
  const { kind, name } = trigger;
  const branch = await currentBranch(source);
  const ref = kind === "default" || kind === "custom" ? branch : name;
  const full = `refs/${kind === "tag" ? "tags" : "heads"}/${ref}`;
  const changes = await git(source, "status", "--porcelain");
  await git(source, "clone", "--quiet", "--bare", source, bare);
  const known = await tryGit(bare, "rev-parse", "--verify", "--quiet", full) !== undefined;
  // Where no branch is checked out, HEAD may be elsewhere than the branch that stands for it.
  if (!known || (ref === branch && kind !== "tag")) await git(bare, "update-ref", full, "HEAD");
  const commit = await git(bare, "rev-parse", `${full}^{commit}`);
  const pullRequest = kind === "pull-request" ? await pullRequestOf(bare, trigger) : undefined;
  return {
    target: {
      commit,
      ...(kind === "tag" ? { tag: ref } : { branch: ref }),
      ...(pullRequest === undefined ? {} : { pullRequest }),
    },
    clones: (depths) => clones(bare, ref, depths),
    changedFiles: await changedFiles(bare, commit, pullRequest?.destinationCommit),
    warnings: [
      ...(changes === "" ? [] : ["what is not committed is not in the clone, as on Bitbucket"]),
      ...(known ? [] : [
        `the source has no ${kind === "tag" ? "tag" : "branch"} ${ref}: its current commit stands for it`,
      ]),
    ],
  };
}

/** A pull request goes to the branch that is named, or else to the first of those that many repositories have. */
async function pullRequestOf(bare: string, { name, destination }: Trigger): Promise<PullRequest> {
  for (const branch of destination === undefined ? ["main", "master", "develop"] : [destination]) {
    const commit = await tryGit(bare, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`);
    if (branch !== name && commit !== undefined) {
      return { id: 1, destination: branch, destinationCommit: commit };
    }
  }
  throw new Error(
    `Cannot run pipeline: the source has no branch ${
      destination ?? "main, master or develop"
    } that ${name} could go to, ` +
      `so give --pipeline pull-request:${name}:DESTINATION`,
  );
}

async function changedFiles(
  bare: string,
  commit: string,
  destination: string | undefined,
): Promise<string[]> {
  const parent = await tryGit(bare, "rev-parse", "--verify", "--quiet", `${commit}^1`);
  const args = destination !== undefined
    ? ["diff", "--name-only", "-z", "--no-renames", `${destination}...${commit}`]
    : parent !== undefined
    ? ["diff", "--name-only", "-z", "--no-renames", parent, commit]
    : ["ls-tree", "-r", "--name-only", "-z", commit];
  return (await git(bare, ...args)).split("\0").filter((file) => file !== "");
}

async function clones(bare: string, ref: string, depths: readonly CloneDepth[]) {
  const folderOf = (depth: CloneDepth) => `${bare}-${depth}`;
  for (const depth of new Set(depths)) {
    const shallow = depth === "full" ? [] : ["--depth", String(depth)];
    const from = `file://${encodeURI(bare)}`;
    await git(bare, "clone", "--quiet", ...shallow, "--branch", ref, from, folderOf(depth));
  }
  return folderOf;
}

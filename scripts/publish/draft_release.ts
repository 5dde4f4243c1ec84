import { createHash } from "node:crypto";
import type { GitHubReleases, Release, ReleaseAsset } from "./github_releases.ts";
import type { Assets } from "./release_assets.ts";
import { ServiceError } from "./service.ts";

export interface DraftOptions {
  readonly releases: GitHubReleases;
  readonly tag: string;
  readonly notes: string;
  readonly prerelease: boolean;
  readonly assets: Assets;
  readonly say: (line: string) => void;
}

const MOST_ATTEMPTS = 3;

/** A draft that holds these very assets. Earlier drafts of the tag are removed: one with half its assets looks like a whole one. */
export async function draftRelease(options: DraftOptions): Promise<Release> {
  const draft = await freshDraft(options);
  for (const [name, content] of options.assets) await uploadAsset(options, draft, { name, content });
  const problems = await differences(options.releases, draft.id, options.assets);
  if (problems.length > 0) throw new Error(`Cannot publish the draft: ${problems.join("; ")}`);
  return draft;
}

/** Removes the drafts of a tag; there may be several of them. */
export async function removeDrafts(
  { releases, tag, say }: Pick<DraftOptions, "releases" | "tag" | "say">,
): Promise<void> {
  for (const { id, draft, tag_name } of await releases.list()) {
    if (!draft || tag_name !== tag) continue;
    await releases.delete(id);
    say(`Removed draft ${id} of ${tag}`);
  }
}

/** In what a release differs from the assets it is to have, in words; nothing where it does not. */
export async function differences(releases: GitHubReleases, id: number, assets: Assets): Promise<string[]> {
  const { assets: there } = await releases.get(id);
  const surplus = there.filter(({ name }) => !assets.has(name)).map(({ name }) =>
    `${name} does not belong there`
  );
  const wrong: string[] = [];
  for (const [name, content] of assets) {
    const asset = there.find((one) => one.name === name);
    if (asset === undefined || asset.state !== "uploaded") wrong.push(`${name} is missing`);
    else if (await digestOf(releases, asset) !== sha256(content)) wrong.push(`${name} is another file there`);
  }
  return [...surplus, ...wrong];
}

/** An answer that got lost may stand for a draft, which is removed before another one is made. */
async function freshDraft(options: DraftOptions): Promise<Release> {
  const { releases, tag, notes, prerelease, say } = options;
  for (let attempt = 1;; attempt++) {
    await removeDrafts(options);
    try {
      const draft = await releases.createDraft({ tag, notes, prerelease });
      say(`Drafted ${tag} as release ${draft.id}`);
      return draft;
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !mayHavePassed(error)) throw error;
      say(`${error.message}; trying again`);
    }
  }
}

/** What an upload that broke has left has to go first, since a name can be taken once. */
async function uploadAsset(
  { releases, say }: DraftOptions,
  draft: Release,
  { name, content }: { readonly name: string; readonly content: Uint8Array },
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await releases.upload(draft, name, content);
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !mayHavePassed(error)) throw error;
      say(`${error.message}; uploading ${name} again`);
      const rest = (await releases.get(draft.id)).assets.find((asset) => asset.name === name);
      if (rest !== undefined) await releases.deleteAsset(rest.id);
    }
  }
}

/** Whether another attempt may succeed: no answer, a fault of the service, or a name that the rest of an upload holds. */
function mayHavePassed(error: unknown): error is ServiceError {
  if (!(error instanceof ServiceError)) return false;
  const { status } = error;
  return status === undefined || status === 422 || status === 429 || status >= 500;
}

async function digestOf(releases: GitHubReleases, asset: ReleaseAsset): Promise<string> {
  return asset.digest ?? sha256(await releases.contentOf(asset));
}

function sha256(content: Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

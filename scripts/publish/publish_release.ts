import { differences, draftRelease, removeDrafts } from "./draft_release.ts";
import type { Assets } from "./release_assets.ts";
import type { GitHubReleases, Release } from "./github_releases.ts";
import {
  type ImageFamily,
  moveTags,
  pullAnonymously,
  pushArchitectures,
  pushVersion,
} from "./publish_images.ts";
import { movement, parseVersion, type Version } from "./version_order.ts";

/** Everything that a release consists of, and where it goes. */
export interface Publication {
  readonly releases: GitHubReleases;
  /** As in `v1.2.3`. */
  readonly tag: string;
  /** The commit that everything was made from. */
  readonly commit: string;
  readonly notes: string;
  readonly assets: Assets;
  readonly families: readonly ImageFamily[];
  readonly say: (line: string) => void;
}

/**
 * Publishes a release: all of it, or nothing that anybody sees. It may be run again after whatever happened: what is
 * public is never touched, what is not is made anew, and what is missing is added. Throws with what to do.
 */
export async function publishRelease(publication: Publication): Promise<void> {
  const { releases, tag, families, say } = publication;
  const version = versionOf(tag);
  await requireTag(publication);
  const all = await releases.list();
  const isPublic = await isPublished(publication, all);
  for (const family of families) await pushArchitectures(family, version.text, say);
  for (const family of families) await pullAnonymously(family, version.text, "architectures");
  if (!isPublic) await publishDraft(publication, version, all);
  await removeDrafts(publication);
  for (const family of families) await pushVersion(family, version.text, say);
  for (const family of families) await pullAnonymously(family, version.text, "version");
  const { tags } = movement(version, versionsIn(await releases.list()));
  for (const family of families) await moveTags(family, tags, say);
}

/** Drafts, looks at all of it once more, and makes it public by its id; a draft of no use is removed at once. */
async function publishDraft(
  publication: Publication,
  version: Version,
  all: readonly Release[],
): Promise<void> {
  const { releases, tag, assets, say } = publication;
  const prerelease = version.isPreRelease;
  try {
    const { id } = await draftRelease({ ...publication, prerelease });
    await requireTag(publication);
    await refuseOther(publication, id);
    const latest = movement(version, versionsIn(all)).isLatest;
    const published = await releases.publish(id, { prerelease, latest });
    if (published.draft) throw new Error(`Cannot publish ${tag}: GitHub leaves release ${id} a draft`);
    const wrong = await differences(releases, id, assets);
    if (wrong.length > 0) {
      throw new Error(`Release ${tag} is public, but ${wrong.join("; ")}: look at it at once`);
    }
    say(`Published ${tag} as release ${id}${latest ? ", the latest" : ""}`);
  } catch (error) {
    await removeDrafts(publication).catch(() =>
      say(`A draft of ${tag} may be left; the next run removes it`)
    );
    throw error;
  }
}

/** Whether these very assets are public under the tag; others under it are a reason to stop. */
async function isPublished(
  { releases, tag, assets, say }: Publication,
  all: readonly Release[],
): Promise<boolean> {
  const published = all.find((release) => release.tag_name === tag && !release.draft);
  if (published === undefined) return false;
  const wrong = await differences(releases, published.id, assets);
  if (wrong.length > 0) {
    throw new Error(
      `Cannot publish ${tag}: it is published already, as release ${published.id}, and differs: ${
        wrong.join("; ")
      }; ` +
        "what is out stays as it is, so publish a new version",
    );
  }
  say(`${tag} is published already with these very assets, as release ${published.id}: it stays as it is`);
  return true;
}

/** Another run may have been at it meanwhile. */
async function refuseOther({ releases, tag }: Publication, id: number): Promise<void> {
  const other = (await releases.list()).find((release) => release.tag_name === tag && release.id !== id);
  if (other === undefined) return;
  throw new Error(
    `Cannot publish ${tag}: release ${other.id} has come up beside draft ${id}; run this job again`,
  );
}

async function requireTag({ releases, tag, commit }: Publication): Promise<void> {
  const there = await releases.commitOf(tag);
  if (there === commit) return;
  throw new Error(
    there === undefined
      ? `Cannot publish ${tag}: there is no such tag any more`
      : `Cannot publish ${tag}: the tag leads to ${there}, and this was made from ${commit}; publish a new version`,
  );
}

function versionOf(tag: string): Version {
  const version = tag.startsWith("v") ? parseVersion(tag) : undefined;
  if (version === undefined) throw new Error(`Cannot publish «${tag}»: a tag is v1.2.3 or v1.2.3-rc.1`);
  return version;
}

function versionsIn(releases: readonly Release[]): Version[] {
  return releases.filter(({ draft }) => !draft).flatMap(({ tag_name }) => parseVersion(tag_name) ?? []);
}

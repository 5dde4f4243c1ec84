import type { Piece } from "./promises.ts";
import { sampleImages } from "./sample_images.ts";
import type { Stage } from "./stage.ts";

/** A way in which a release may begin or be disturbed, and how it has to end. */
export interface Scenario {
  readonly name: string;
  readonly tag?: string;
  /** What is there before, or what happens meanwhile. */
  readonly before?: (stage: Stage, piece: Piece) => void | Promise<void>;
  /** What is said when it is refused; undefined where it has to end well. */
  readonly refusal?: RegExp;
  /** Whether a run after `before` is undone ends well; not where a new version is the only way. */
  readonly again?: "ends well" | "is refused";
  /** What of the end is particular to it, as what is wrong with it. */
  readonly after?: (stage: Stage, piece: Piece) => string[];
}

const OTHER = new Map([["install-shell.sh", new TextEncoder().encode("echo another\n")]]);

/** What happens to releases. Broken calls are tried one by one beside these, see `rehearse()`. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "the first release", after: (stage) => moved(stage, ["1.2.3", "1.2", "1", "latest"]) },
  {
    name: "a draft of an earlier run, with half its assets",
    before: ({ github }, { tag }) => void github.add({ tag }, OTHER),
  },
  {
    name: "drafts of other versions, and older releases",
    before: ({ github }) => {
      for (let patch = 0; patch < 150; patch++) {
        github.add({ tag: `v0.1.${patch}`, draft: patch % 2 === 0 }, OTHER);
      }
    },
    after: ({ github }) => github.releases.length === 151 ? [] : ["releases of others are gone"],
  },
  {
    name: "a server that tells no digests",
    before: ({ github }) => void (github.digests = false),
  },
  {
    name: "published already, with other assets",
    before: ({ github }, { tag }) => void github.add({ tag, draft: false }, OTHER),
    refusal: /published already.*publish a new version/,
    again: "is refused",
    after: ({ github }) => github.releases[0]?.assets.length === 1 ? [] : ["what is out was touched"],
  },
  {
    name: "the tag is at another commit",
    before: ({ github }, { tag }) => void github.tags.set(tag, "another"),
    refusal: /the tag leads to another/,
  },
  {
    name: "the tag moves while assets are uploaded",
    before: ({ github }, { tag }) => {
      github.meanwhile = (call) => void (call === "UploadAsset" && github.tags.set(tag, "another"));
    },
    refusal: /the tag leads to another/,
  },
  {
    name: "the tag is deleted while assets are uploaded",
    before: ({ github }, { tag }) => {
      github.meanwhile = (call) => void (call === "UploadAsset" && github.tags.delete(tag));
    },
    refusal: /there is no such tag any more/,
  },
  {
    name: "another run drafts the same tag meanwhile",
    before: ({ github }, { tag }) => {
      let once = false;
      github.meanwhile = (call) => {
        if (call === "UploadAsset" && !once) once = github.add({ tag }, OTHER).draft;
      };
    },
    refusal: /has come up beside draft/,
  },
  {
    name: "the version's image is out already, and another one",
    before: async ({ registry }, { tag, families }) => {
      const [other] = (await sampleImages("another")).values();
      for (const { name } of families) {
        if (other === undefined) continue;
        const { manifests, tags } = registry.repository(name.slice(name.indexOf("/") + 1));
        manifests.set(other.manifest.digest, other.manifest);
        tags.set(tag.slice(1), other.manifest.digest);
      }
    },
    refusal: /it leads to sha256:\w+ already.*publish a new version/,
    again: "is refused",
  },
  {
    name: "packages start private",
    before: ({ registry }) => void (registry.isPublic = false),
    refusal: /without an account: .*set its visibility to public/,
  },
  {
    name: "a pre-release",
    tag: "v1.3.0-rc.1",
    after: (stage) => [
      ...moved(stage, ["1.3.0-rc.1"]),
      ...(stage.github.releases.at(-1)?.prerelease ? [] : ["it is not marked as one"]),
      ...(stage.github.releases.at(-1)?.latest ? ["it is the latest"] : []),
    ],
  },
  {
    name: "a fix of an old line",
    before: ({ github }) => {
      for (const tag of ["v2.0.0", "v1.1.9"]) {
        github.add({ tag, draft: false, latest: tag === "v2.0.0" }, OTHER);
      }
    },
    after: (stage) => [
      ...moved(stage, ["1.2.3", "1.2", "1"]),
      ...(stage.github.releases.find(({ latest }) => latest)?.tag === "v2.0.0" ? [] : ["it took «latest»"]),
    ],
  },
];

/** That exactly these tags lead to the version, as what is wrong. */
function moved({ registry }: Stage, expected: readonly string[]): string[] {
  return [...registry.repositories].flatMap(([name, { tags }]) => {
    const there = [...tags.keys()].filter((tag) => !/-(x86_64|arm64)$/.test(tag)).sort();
    return there.join() === [...expected].sort().join() ? [] : [`${name} has ${there.join(", ")}`];
  });
}

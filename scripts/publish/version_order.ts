/** A version of the form `1.2.3` or `1.2.3-rc.1`. Source: Semantic Versioning 2.0.0. */
export interface Version {
  readonly text: string;
  readonly numbers: readonly [number, number, number];
  readonly isPreRelease: boolean;
}

/** The version behind a text, with or without a `v` in front; undefined where it is none. */
export function parseVersion(text: string): Version | undefined {
  const found = /^v?((\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?)$/.exec(text);
  if (found === null) return undefined;
  const [, whole = "", major, minor, patch, suffix] = found;
  return {
    text: whole,
    numbers: [Number(major), Number(minor), Number(patch)],
    isPreRelease: suffix !== undefined,
  };
}

/** What becomes of names that move along, given what else is published. */
export interface Movement {
  /** Whether GitHub is to call it the latest release. */
  readonly isLatest: boolean;
  /** The images' tags that lead to it from now on, as in `1`, `1.2` and `latest`; none for a pre-release. */
  readonly tags: readonly string[];
}

/** A version moves the tags of each line in which it is the newest: a fix of an old line leaves `latest` where it is. */
export function movement(version: Version, published: readonly Version[]): Movement {
  if (version.isPreRelease) return { isLatest: false, tags: [] };
  const others = published.filter((one) => !one.isPreRelease && one.text !== version.text);
  const [major, minor] = version.numbers;
  const isNewest = (line: readonly number[]) =>
    others.filter(({ numbers }) => line.every((number, place) => numbers[place] === number))
      .every((one) => isOlder(one, version));
  const isLatest = isNewest([]);
  return {
    isLatest,
    tags: [
      ...(isNewest([major, minor]) ? [`${major}.${minor}`] : []),
      ...(isNewest([major]) ? [`${major}`] : []),
      ...(isLatest ? ["latest"] : []),
    ],
  };
}

function isOlder(one: Version, other: Version): boolean {
  const place = one.numbers.findIndex((number, index) => number !== other.numbers[index]);
  return place >= 0 && (one.numbers[place] ?? 0) < (other.numbers[place] ?? 0);
}

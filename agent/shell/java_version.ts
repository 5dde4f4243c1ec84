/**
 * The major version in what `java -version` writes: «1.8.0_402» is 8, «17.0.15» is 17, «25-ea» is 25; undefined when
 * there is no version in it.
 */
export function javaMajorVersion(output: string): number | undefined {
  // JAVA_TOOL_OPTIONS makes the JVM write a line of its own before this one.
  const match = /^\S+ version "(?:1\.)?(\d+)/m.exec(output);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/**
 * The oldest Java a version of Atlassian's runner works with: 25 from 6.0 on, 11 before (Atlassian's page on Linux
 * shell runners names 11; the packaging of 6.x in Nixpkgs moved to 25).
 */
export function oldestJavaFor(runnerVersion: string): number {
  return Number(/^\d+/.exec(runnerVersion)?.[0] ?? 0) >= 6 ? 25 : 11;
}

/**
 * The major version in what `java -version` writes: «1.8.0_402» is 8, «17.0.15» is 17, «25-ea» is 25; undefined when
 * there is no version in it.
 */
export function javaMajorVersion(output: string): number | undefined {
  // JAVA_TOOL_OPTIONS makes the JVM write a line of its own before this one.
  const match = /^\S+ version "(?:1\.)?(\d+)/m.exec(output);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

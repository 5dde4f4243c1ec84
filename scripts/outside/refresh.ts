import { isRecorded, type Manifest, type Outside } from "./manifest.ts";

/** What became of the manifest, with a line for each thing in it. */
export interface Refreshed {
  readonly manifest: Manifest;
  readonly lines: readonly string[];
  /** Names of those that could not be looked at; they stay as they are. */
  readonly unreached: readonly string[];
}

/** Looks at everything that the manifest names, and tells what differs. Whoever commits it has the last word. */
export async function refresh(
  manifest: Manifest,
  lookUp: (outside: Outside) => Promise<string>,
): Promise<Refreshed> {
  const refreshed: Record<string, Outside> = {};
  const lines: string[] = [];
  const unreached: string[] = [];
  for (const [name, outside] of Object.entries(manifest)) {
    try {
      const hash = await lookUp(outside);
      refreshed[name] = { ...outside, hash };
      lines.push(`${name} ${outside.version}: ${difference(outside, hash)}`);
    } catch (error) {
      refreshed[name] = outside;
      unreached.push(name);
      const reason = error instanceof Error ? error.message : String(error);
      lines.push(`${name} ${outside.version}: CANNOT BE LOOKED AT, stays ${outside.hash}: ${reason}`);
    }
  }
  return { manifest: refreshed, lines, unreached };
}

function difference(before: Outside, hash: string): string {
  if (!isRecorded(before)) return `RECORDED FOR THE FIRST TIME, nobody has compared it yet: ${hash}`;
  return before.hash === hash ? `as recorded, ${hash}` : `CHANGED\n  - ${before.hash}\n  + ${hash}`;
}

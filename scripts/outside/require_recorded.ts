import { isRecorded, MANIFEST, type Manifest } from "./manifest.ts";

/**
 * Throws with the names of all things whose hash nobody has recorded: a release says at its very beginning what it
 * lacks. Without `runner` Atlassian's runner is not asked for, as it comes from a file.
 */
export function requireRecorded(manifest: Manifest, runner = true): void {
  const missing = Object.entries(manifest)
    .filter(([name, outside]) => !isRecorded(outside) && (runner || name !== "atlassian-runner"))
    .map(([name]) => name);
  if (missing.length === 0) return;
  throw new Error(
    `Cannot trust what a release is made of: ${MANIFEST} has no hash of ${
      missing.join(", ")
    }; run the workflow ` +
      "«pins», or «deno task pins» where all of it can be reached, and commit what it finds",
  );
}

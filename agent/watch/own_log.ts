import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { valueOr } from "../../shared/program/value_or.ts";

/** Where a runner keeps the file of its own. */
export interface OwnFolder {
  /** Fresh for each build: nothing of another runner is in it. */
  readonly workingDirectory: string;
  readonly runnerUuid: string;
}

/** The folder that Atlassian's runner 1.364 keeps its file in: its UUID without braces, and no other folder whatever that is. */
export function ownFolder({ workingDirectory, runnerUuid }: OwnFolder): string {
  return join(workingDirectory, runnerUuid.replace(/[^\w-]/g, ""));
}

/** The runner's own file, in its folder or in the only other one that has such a file; undefined while there is none. */
export function findOwnLog(where: OwnFolder): string | undefined {
  const expected = join(ownFolder(where), "runner.log");
  if (isFile(expected)) return expected;
  const folders = valueOr([], () => readdirSync(where.workingDirectory));
  const found = folders.map((name) => join(where.workingDirectory, name, "runner.log")).filter(isFile);
  return found.length === 1 ? found[0] : undefined;
}

function isFile(path: string): boolean {
  return valueOr(false, () => statSync(path).isFile());
}

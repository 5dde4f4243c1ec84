import type { Bitbucket } from "./bitbucket.ts";
import type { Logger } from "../output/log.ts";

/** What `removeRunnersNamed` needs. */
export interface RemoveRunnersNamed {
  readonly bitbucket: Pick<Bitbucket, "listRunners" | "deleteRunner">;
  readonly name: string;
  /** The one runner of that name that is to stay. */
  readonly keepUuid?: string | undefined;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unregisters the runners of exactly this name, for whoever knows the name but not the UUID; gives the UUIDs of those
 * removed. The caller answers for it that none of them is at work. Rejects as the two calls do.
 */
export async function removeRunnersNamed(
  { bitbucket, name, keepUuid, log, signal }: RemoveRunnersNamed,
): Promise<string[]> {
  const runners = await bitbucket.listRunners({ signal });
  const found = runners.filter((runner) => runner.name === name && runner.uuid !== keepUuid);
  for (const { uuid } of found) {
    await bitbucket.deleteRunner(uuid, { signal });
    log.info(`Removed runner «${name}» ${uuid}`);
  }
  return found.map((runner) => runner.uuid);
}

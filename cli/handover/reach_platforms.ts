import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { connectBitbucket } from "./connect.ts";

/**
 * Connects to AWS and, where the build is to get the step's Bitbucket credentials or a token of theirs, tries them beside it.
 * In mode «runner» the registration tries them, in mode «project» the build has others. Rejects as either does, at once;
 * answers with Bitbucket where it was asked.
 */
export async function reachPlatforms(context: StartContext): Promise<Bitbucket | undefined> {
  const { session, signal, config: { choice, credentials } } = context;
  if (credentials === undefined || (choice.mode !== "secret" && choice.mode !== "token")) {
    await session.connect(signal);
    return undefined;
  }
  const [, bitbucket] = await sideBySide(signal, [
    (signal) => session.connect(signal),
    async (signal) => {
      const { checkAccess } = await import("./check_access.ts");
      const bitbucket = await connectBitbucket(context, credentials);
      const { pipelineUuid } = context.config;
      await checkAccess({ ...context, signal, bitbucket, kind: credentials.kind, pipelineUuid });
      return bitbucket;
    },
  ]);
  return bitbucket;
}

type Run<T> = (signal: AbortSignal) => Promise<T>;

/** Both outcomes, or the failure that comes first, once the other has been told to end and has done so. */
async function sideBySide<A, B>(
  signal: AbortSignal,
  [one, other]: readonly [Run<A>, Run<B>],
): Promise<[A, B]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const begun = [one(either), other(either)] as const;
  try {
    return await Promise.all(begun);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(begun);
    throw error;
  }
}

import type { Build } from "../../shared/aws/aws_codebuild.ts";
import { minutePrice } from "../../shared/aws/prices.ts";
import type { Host } from "../../shared/program/host.ts";
import { waitFor } from "../../shared/program/wait.ts";

/** How the build can be entered: by a target that CodeBuild names, by one that nobody could ask for, or not at all. */
export type SessionTarget =
  | { readonly kind: "named"; readonly target: string; readonly price: string | undefined }
  | { readonly kind: "unasked"; readonly target: string }
  | { readonly kind: "none"; readonly enabled: boolean };

/** CodeBuild may name the target only once the build is paused; whether it does so then, and how soon, is not known. */
const NAMED_WITHIN_MS = 30_000;
const LOOK_MS = 5_000;
/** For one look, in milliseconds. */
const PATIENCE_MS = 15_000;
const TIMEOUT_MS = 10_000;

/**
 * Asks CodeBuild for the target of the build's session, as the build's own role; that may be refused, since the right to
 * look at builds is optional. Rejects only when the signal aborts.
 */
export async function sessionTarget(
  host: Host,
  buildId: string,
  region: string,
  signal: AbortSignal,
): Promise<SessionTarget> {
  try {
    // Loaded only here: the SDK is a third of the program's memory.
    const { createCodeBuild } = await import("../../shared/aws/aws_codebuild.ts");
    const client = createCodeBuild({ host, region, timeoutMs: TIMEOUT_MS });
    let last: Build | undefined;
    const outcome = await waitFor(host, async () => {
      const looking = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
      [last] = await client.getBuilds([buildId], looking);
      return last?.debugSession?.sessionTarget ?? (isEnabled(last) ? undefined : "");
    }, { timeoutMs: NAMED_WITHIN_MS, intervalMs: () => LOOK_MS, signal });
    const target = outcome.kind === "done" ? outcome.value : "";
    if (target === "" || last === undefined) return { kind: "none", enabled: isEnabled(last) };
    return { kind: "named", target, price: minutePrice(last)?.words };
  } catch {
    signal.throwIfAborted();
    return { kind: "unasked", target: usualTarget(buildId) };
  }
}

function isEnabled(build: Build | undefined): boolean {
  return build?.debugSession?.sessionEnabled === true;
}

/** The form that targets were seen in: `codebuild:` and the build's UUID. Source: t3yamoto/codebuild-sandbox, its README. */
function usualTarget(buildId: string): string {
  return `codebuild:${buildId.split(":")[1] ?? buildId}`;
}

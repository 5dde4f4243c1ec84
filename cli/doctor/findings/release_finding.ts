import type { Host } from "../../../shared/program/host.ts";
import { messageOf } from "../../../shared/program/errors.ts";
import { installerHash, VERSION } from "../../../shared/program/version.ts";
import type { RunnerType } from "../../../shared/settings/runner_type.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

const CHECK = "release";
const CHECKSUMS = "SHA256SUMS";
const REMEDY = "check --release-url or RUNNER_RELEASE_URL, and the network of this machine and of the builds";

/** What came of fetching the release's checksums from here. */
export type Checksums =
  | { readonly status: number; readonly text: string }
  | { readonly unreachable: string };

/** Fetches the release's checksums. Never rejects but with the signal's reason. */
export async function fetchChecksums(
  host: Pick<Host, "fetch">,
  { url, timeoutMs }: { readonly url: string; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<Checksums> {
  const { sendOnce } = await import("../../../shared/calls/bitbucket_http.ts");
  try {
    const sent = { method: "GET", url: `${url}/${CHECKSUMS}` } as const;
    const { status, text } = await sendOnce(host, sent, { timeoutMs, signal });
    return { status, text };
  } catch (error) {
    signal.throwIfAborted();
    return { unreachable: innermost(error) };
  }
}

/** Whether builds of this runner type find what they install. */
export function releaseFinding(
  { releaseUrl, runnerType, customBuildspec }: DoctorConfig,
  checksums: Checksums | undefined,
  arch: string | undefined,
): Finding {
  if (releaseUrl === undefined || checksums === undefined) {
    return unknown(CHECK, "its address cannot be used");
  }
  // A buildspec of the project's own may install from elsewhere, or nothing.
  const judge = customBuildspec ? unknown : fail;
  if ("unreachable" in checksums) {
    return judge(CHECK, `${releaseUrl} cannot be reached from here: ${checksums.unreachable}`, REMEDY);
  }
  const { status, text } = checksums;
  if (status !== 200) return judge(CHECK, `${releaseUrl}/${CHECKSUMS} is answered with ${status}`, REMEDY);
  const sums = readChecksums(text);
  const missing = needed(runnerType, arch).find((name) => !sums.has(name));
  if (missing !== undefined) {
    return judge(CHECK, `${releaseUrl}/${CHECKSUMS} does not list ${missing}`, REMEDY);
  }
  const known = installerHash(installer(runnerType));
  if (known !== undefined && sums.get(installer(runnerType)) !== known) {
    return judge(
      CHECK,
      `${releaseUrl} holds another release than ${VERSION}: its ${installer(runnerType)} differs`,
      `--release-url must lead to the files of release ${VERSION} as they are`,
    );
  }
  return ok(
    CHECK,
    `${releaseUrl} has all that a build installs, seen from here: the builds' network may differ`,
  );
}

function installer(type: RunnerType): string {
  return `install-${type}.sh`;
}

function needed(type: RunnerType, arch: string | undefined): string[] {
  return [installer(type), ...(arch === undefined ? [] : [`runner-${type}-${arch}.tar.gz`])];
}

/** In the form of sha256sum(1). */
function readChecksums(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").map((line) => /^([0-9a-f]{64}) [ *](\S{1,200})$/.exec(line.trim()));
  return new Map(lines.flatMap((match) => match === null ? [] : [[match[2] ?? "", match[1] ?? ""]]));
}

function innermost(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? innermost(error.cause) : messageOf(error);
}

import { backoffMs } from "../../shared/program/backoff.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { DEFAULT_RUNNER_IMAGE } from "../settings/agent_settings.ts";
import { docker, dockerError, dockerProblem } from "./docker_command.ts";

const PULL_ATTEMPTS = 4;
const PULL_TIMEOUT_MS = 10 * 60_000;
const PULL_BACKOFF = { firstMs: 5000 };

/**
 * Makes sure that an image is on the machine; one that is there already is not pulled. Rejects with RunnerError when it
 * cannot be had, after some attempts where another may help.
 */
export async function ensureImage(
  host: Host,
  image: string,
  { log, signal }: { log: Logger; signal?: AbortSignal | undefined },
): Promise<void> {
  const present = await docker(host, ["image", "inspect", "--format", "{{.Id}}", image], { signal });
  if (present.exitCode === 0) return;
  for (let attempt = 1;; attempt++) {
    log.info(`Pulling ${image}`);
    const result = await docker(host, ["pull", "--quiet", image], { timeoutMs: PULL_TIMEOUT_MS, signal });
    if (result.exitCode === 0) return;
    const failure = pullFailure(image, result.stderr);
    if (!failure.mayPass || attempt === PULL_ATTEMPTS) {
      throw dockerError(`pull the runner image ${image}`, result, failure.hint);
    }
    const pauseMs = backoffMs(PULL_BACKOFF, attempt, host.random());
    log.warning(
      `Attempt ${attempt}/${PULL_ATTEMPTS} to pull failed, retrying in ${Math.round(pauseMs / 1000)} s: ` +
        dockerProblem(result),
    );
    await host.sleep(pauseMs, signal);
  }
}

/** What a failed pull means: whether another attempt may succeed, and what the reader can change. Pure. */
export function pullFailure(image: string, stderr: string): { mayPass: boolean; hint: string } {
  if (/toomanyrequests|too many requests|rate limit/i.test(stderr)) return { mayPass: true, hint: LIMITED };
  const refused = /denied|unauthorized|authentication required|no basic auth|forbidden/i.test(stderr);
  if (refused && /\.dkr\.ecr\.[\w-]+\.amazonaws\.com/.test(image)) {
    return { mayPass: false, hint: NO_ECR_LOGIN };
  }
  if (/manifest unknown|: not found|no such manifest|no matching manifest/i.test(stderr)) {
    return { mayPass: false, hint: noSuchVersion(image) };
  }
  if (refused || /does not exist|invalid reference format/i.test(stderr)) {
    return { mayPass: false, hint: WRONG_NAME };
  }
  return { mayPass: true, hint: UNREACHABLE };
}

const LIMITED =
  "The registry limits its pulls: log in to it, or mirror the image in ECR and set RUNNER_IMAGE to the mirror";
const NO_ECR_LOGIN =
  "The build must log in to ECR first (aws ecr get-login-password | docker login), and its service role needs " +
  "ecr:GetAuthorizationToken, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer";
const WRONG_NAME = "Check the image's name and tag in RUNNER_IMAGE, and that the build may pull it";
const UNREACHABLE =
  "Check that the build reaches the registry (VPC, proxy), or set RUNNER_IMAGE to a mirror that it reaches";

function noSuchVersion(image: string): string {
  return `There is no image ${tagOf(image)}: not every version of Atlassian's runner has one. ` +
    `Set RUNNER_IMAGE to another version, such as ${DEFAULT_RUNNER_IMAGE}, or check its name`;
}

/** How a reader knows the image: «6.0.3» of «registry:5000/runner:6.0.3». */
function tagOf(image: string): string {
  const [name = ""] = image.split("@");
  return /:([^:/]+)$/.exec(name)?.[1] ?? "of that name";
}

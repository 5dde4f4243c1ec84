import { runnerLabels } from "../../shared/settings/runner_labels.ts";
import type { RunnerType } from "../../shared/settings/runner_type.ts";
import { VERSION } from "../../shared/program/version.ts";

/** A `bitbucket-pipelines.yml` whose first run succeeds in any repository, also one that is empty but for this file. */
export function samplePipeline(type: RunnerType, arch: string): string {
  return `# The first step starts a CodeBuild build; the second runs on the runner in it.
pipelines:
  default:
    - step:
        name: Start runner
        image: ghcr.io/westito/aws-bitbucket-runner-${type}:${VERSION}
        oidc: true
        clone:
          enabled: false
        script:
          - start-runner
    - step:
        name: Build
        runs-on: [${runnerLabels(type, arch, []).join(", ")}]
${type === "docker" ? "        image: debian:12-slim\n" : ""}        script:
          - uname -m
          - ${type === "docker" ? "cat /etc/os-release" : "git --version"}
`;
}

import assert from "node:assert/strict";
import { pullFailure } from "../../../agent/docker/docker_image.ts";
import { DEFAULT_RUNNER_IMAGE } from "../../../agent/settings/agent_settings.ts";

const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/runner:5.6.0";

const CASES: readonly { stderr: string; image?: string; mayPass: boolean; hint: RegExp }[] = [
  {
    stderr: "toomanyrequests: You have reached your pull rate limit",
    mayPass: true,
    hint: /limits its pulls/,
  },
  {
    stderr: "received unexpected HTTP status: 429 Too Many Requests",
    mayPass: true,
    hint: /limits its pulls/,
  },
  {
    stderr: "manifest for r.example:5000/a/runner:6.0.3 not found: manifest unknown: manifest unknown",
    image: "r.example:5000/a/runner:6.0.3",
    mayPass: false,
    hint:
      /^There is no image 6\.0\.3: not every version .* Set RUNNER_IMAGE to another version, such as \S+:5\.6\.0/,
  },
  {
    stderr: "failed to resolve reference: r.example:5000/runner: not found",
    image: "r.example:5000/runner",
    mayPass: false,
    hint: /^There is no image of that name: not every version/,
  },
  {
    stderr: "pull access denied for x, repository does not exist or may require 'docker login'",
    mayPass: false,
    hint: /name and tag/,
  },
  { stderr: "invalid reference format", mayPass: false, hint: /RUNNER_IMAGE/ },
  { stderr: "no basic auth credentials", image: ECR, mayPass: false, hint: /ecr:BatchGetImage/ },
  { stderr: "pull access denied: 403 Forbidden", image: ECR, mayPass: false, hint: /log in to ECR/ },
  {
    stderr: "manifest unknown: Requested image not found",
    image: ECR,
    mayPass: false,
    hint: /no image 5\.6\.0/,
  },
  { stderr: "dial tcp: lookup registry: no such host", mayPass: true, hint: /reaches the registry/ },
  { stderr: "received unexpected HTTP status: 503 Service Unavailable", mayPass: true, hint: /mirror/ },
];

for (const { stderr, image, mayPass, hint } of CASES) {
  Deno.test(`\`pullFailure()\` says what «${stderr}» means${image === ECR ? " in ECR" : ""}`, () => {
    const failure = pullFailure(image ?? DEFAULT_RUNNER_IMAGE, stderr);
    assert.equal(failure.mayPass, mayPass);
    assert.match(failure.hint, hint);
  });
}

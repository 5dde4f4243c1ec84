import assert from "node:assert/strict";
import { releaseFinding } from "../../../../cli/doctor/findings/release_finding.ts";
import { sampleConfig } from "../sample_config.ts";

const HASH = "a".repeat(64);
const SUMS = `${HASH}  install-shell.sh\n${HASH} *runner-shell-x86_64.tar.gz\n`;

const CASES: readonly (readonly [
  string,
  Parameters<typeof releaseFinding>[1],
  Record<string, string>,
  string,
  RegExp,
])[] = [
  ["complete", { status: 200, text: SUMS }, {}, "ok", /all that a build installs/],
  [
    "of the other type",
    { status: 200, text: SUMS },
    { RUNNER_TYPE: "docker" },
    "FAIL",
    /does not list install-docker\.sh/,
  ],
  [
    "without an archive",
    { status: 200, text: `${HASH}  install-shell.sh\n` },
    {},
    "FAIL",
    /runner-shell-x86_64/,
  ],
  ["a page in its place", { status: 200, text: "<html>" }, {}, "FAIL", /does not list/],
  ["missing", { status: 404, text: "" }, {}, "FAIL", /answered with 404/],
  [
    "away",
    { unreachable: "Connection refused" },
    {},
    "FAIL",
    /cannot be reached from here: Connection refused/,
  ],
  [
    "away, for a buildspec of one's own",
    { unreachable: "x" },
    { CUSTOM_BUILDSPEC: "1" },
    "unknown",
    /cannot be reached/,
  ],
  ["without an address", undefined, {}, "unknown", /cannot be used/],
];

for (const [what, checksums, env, verdict, said] of CASES) {
  Deno.test(`the release: ${what}`, () => {
    const finding = releaseFinding(sampleConfig(env), checksums, "x86_64");
    assert.equal(finding.verdict, verdict);
    assert.match(finding.detail, said);
  });
}

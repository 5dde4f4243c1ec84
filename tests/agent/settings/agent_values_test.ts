import assert from "node:assert/strict";
import { buildId, folderPath, imageName } from "../../../agent/settings/agent_values.ts";
import { InvalidValue } from "../../../shared/settings/settings.ts";

const TABLE: readonly { parse: (value: string) => string; takes: string[]; refuses: string[] }[] = [
  {
    parse: folderPath,
    takes: ["/", "/runner", "/a b/ü", "/opt/..runner/x..", "/codebuild/output/src1/src"],
    refuses: [
      "",
      "runner",
      "./runner",
      "/a/../etc",
      "/a/..",
      "/a:/etc",
      "/a\nb",
      "/a\x1b",
      "/a\u202e",
      "/\ufffd",
    ],
  },
  {
    parse: buildId,
    takes: ["app:1", "bitbucket-runner:0a1b2c3d-0000-4000-8000-000000000000", "a_b:x"],
    refuses: [
      "",
      "app",
      "app:",
      ":1",
      "../x:1",
      "app:../1",
      "app:1:2",
      "-rm:1",
      "app:-rm",
      "app:1\n",
      "a b:1",
    ],
  },
  {
    parse: imageName,
    takes: ["runner:5.6.0", " mirror.test:5000/a/b_c@sha256:0a ", "[::1]:5000/runner"],
    refuses: ["", "--privileged", "-v/:/host", "a b", "a\nb", "$(id)", "a;b", `${"x".repeat(600)}`],
  },
];

for (const { parse, takes, refuses } of TABLE) {
  Deno.test(`\`${parse.name}()\` takes what is valid and refuses the rest`, () => {
    for (const value of takes) assert.equal(parse(value), value.trim());
    for (const value of refuses) assert.throws(() => parse(value), InvalidValue, JSON.stringify(value));
  });
}

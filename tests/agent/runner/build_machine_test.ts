import assert from "node:assert/strict";
import { buildPlace, isThere, remedyFor, typeSuffix } from "../../../agent/runner/build_machine.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const AMI = "aws/codebuild/ami/amazonlinux-arm-base:latest";

const PLACES: [image: string | undefined, files: readonly string[], place: string][] = [
  [AMI, [], "machine"],
  [AMI, [".dockerenv"], "machine"],
  ["aws/codebuild/standard:8.0", ["run/systemd/system"], "container"],
  ["my/image:1", [".dockerenv", "run/systemd/system"], "container"],
  ["my/image:1", [], "container"],
  // A fleet's own machine image.
  ["ami-0123456789abcdef0", ["run/systemd/system"], "machine"],
  [undefined, ["run/systemd/system"], "machine"],
  [undefined, [], "container"],
];

for (const [image, files, place] of PLACES) {
  Deno.test(`\`buildPlace()\` is a ${place} with image ${image} and ${files.join(", ") || "no sign"}`, async () => {
    await withTemporaryFolder(async (root) => {
      for (const file of files) await Deno.mkdir(`${root}/${file}`, { recursive: true });
      const env: Record<string, string> = image === undefined ? {} : { CODEBUILD_BUILD_IMAGE: image };
      assert.equal(await buildPlace(env, root), place);
      assert.equal(await isThere(`${root}/nothing`), false);
    });
  });
}

Deno.test("`remedyFor()` names the build's image, and on a machine what to install", () => {
  const remedy = { container: "Use an image with Git", install: "Git (package git)" };
  assert.equal(remedyFor({}, remedy), "Use an image with Git");
  assert.equal(
    remedyFor({ CODEBUILD_BUILD_IMAGE: "my/image:1" }, remedy),
    "Use an image with Git; this build's image is my/image:1",
  );
  const onMachine = remedyFor({ CODEBUILD_BUILD_IMAGE: AMI }, remedy);
  assert.match(
    onMachine,
    /^The machine that boots from \S+arm-base:latest lacks it: install Git \(package git\) in/,
  );
  assert.deepEqual([typeSuffix({ CODEBUILD_BUILD_IMAGE: AMI }), typeSuffix({})], ["EC2", "CONTAINER"]);
});

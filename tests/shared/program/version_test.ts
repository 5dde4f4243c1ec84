import assert from "node:assert/strict";
import manifest from "../../../deno.json" with { type: "json" };
import {
  COMMIT,
  installerHash,
  knowInstallers,
  VERSION,
  versionLine,
} from "../../../shared/program/version.ts";

Deno.test("VERSION is the semantic version that deno.json names", () => {
  assert.equal(VERSION, manifest.version);
  assert.match(VERSION, /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
});

Deno.test("`versionLine()` says that a program runs from source", () => {
  assert.equal(COMMIT, undefined);
  assert.equal(versionLine("start-runner"), `start-runner ${VERSION} (from source)`);
});

Deno.test("`installerHash()` knows the release's installers, and none without a release", () => {
  const [known, none] = ["0123456789abcdef".repeat(4), "0".repeat(64)];
  assert.equal(installerHash("install-shell.sh"), undefined);
  knowInstallers(`install-shell.sh=${known} install-docker.sh=${none}`);
  assert.equal(installerHash("install-shell.sh"), known);
  for (const name of ["install-docker.sh", "install-other.sh", "shell.sh"]) {
    assert.equal(installerHash(name), undefined, name);
  }
  knowInstallers("");
  assert.equal(installerHash("install-shell.sh"), undefined);
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { NO_INSTALLERS, pinInstallers } from "../../../scripts/programs/pin_installers.ts";
import { sourceText } from "../../fixtures/source_text.ts";

const encoder = new TextEncoder();
const INSTALLERS = new Map([["install-shell.sh", encoder.encode("a")], [
  "install-docker.sh",
  encoder.encode("b"),
]]);
const [A = "", B = ""] = [...INSTALLERS.values()].map((text) =>
  createHash("sha256").update(text).digest("hex")
);

function pinned(text: string, installers: ReadonlyMap<string, Uint8Array> = INSTALLERS): string {
  return new TextDecoder().decode(pinInstallers(encoder.encode(text), installers));
}

Deno.test("`pinInstallers()` writes the hashes over what was there, and nothing else", () => {
  const text = `\0ELF install-shell.sh=x "${NO_INSTALLERS}" /install-docker.sh`;
  const once = `\0ELF install-shell.sh=x "install-shell.sh=${A} install-docker.sh=${B}" /install-docker.sh`;
  assert.equal(pinned(text), once);
  assert.equal(pinned(once), once);
  const [shell] = INSTALLERS;
  assert.ok(shell !== undefined);
  assert.ok(pinned(text, new Map([shell])).includes(`install-shell.sh=${A} install-docker.sh=000`));
});

Deno.test("`pinInstallers()` refuses a program with no place for a hash, or two", () => {
  assert.throws(
    () => pinned("#!/bin/sh"),
    /sha256 of install-shell\.sh: it has 0 places for it instead of one/,
  );
  assert.throws(() => pinned(NO_INSTALLERS + NO_INSTALLERS), /it has 2 places/);
});

Deno.test("start-runner's source has the place that releases write to", async () => {
  const source = await sourceText(["shared/program/version.ts"]);
  assert.ok(source.includes(`"${NO_INSTALLERS}"`));
});

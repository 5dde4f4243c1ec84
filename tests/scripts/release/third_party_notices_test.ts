import assert from "node:assert/strict";
import { IMPORTERS } from "../../../scripts/lint/lint_rooms.ts";
import { lockedPackages } from "../../../scripts/release/lock_file.ts";
import { thirdPartyNotices } from "../../../scripts/release/third_party_notices.ts";

const ROOT = new URL("../../../", import.meta.url);

Deno.test("the notices hold a licence's text for Deno and for every package that is shipped", async () => {
  const lockText = await Deno.readTextFile(new URL("deno.lock", ROOT));
  const packages = Object.keys(IMPORTERS);
  const license = await Deno.readTextFile(new URL("LICENSE", ROOT));
  const options = { lockText, packages, denoVersion: Deno.version.deno, license };
  const content = await thirdPartyNotices(options);
  assert.deepEqual(await thirdPartyNotices(options), content, "the same inputs give the same bytes");
  const parts = new TextDecoder().decode(content).split(/\n-{80}\n\n/);
  const heads = new Map(parts.map((part) => [part.split(" (")[0], part]));
  assert.match(heads.get(`deno ${Deno.version.deno}`) ?? "", /Permission is hereby granted/);
  const bare = lockedPackages(lockText, packages)
    .map(({ name, version }) => `${name} ${version}`)
    .filter((head) => !/\n\n(?:.*\n){3}|it is that of \S+ \S+\.\n$/.test(heads.get(head) ?? ""));
  assert.deepEqual(bare, []);
});

import assert from "node:assert/strict";
import { type Manifest, NOT_RECORDED } from "../../../scripts/outside/manifest.ts";
import { refresh } from "../../../scripts/outside/refresh.ts";

const MANIFEST: Manifest = {
  same: { url: "u", version: "1", hash: "aa" },
  first: { url: "u", version: "2", hash: NOT_RECORDED },
  changed: { image: "i", version: "3", hash: "bb", usedIn: ["x"] },
  away: { npm: "n", version: "4", hash: "cc" },
};
const SEEN: Readonly<Record<string, string>> = { "1": "aa", "2": "dd", "3": "ee" };

Deno.test("`refresh()` marks what is recorded for the first time, shows what changed, and keeps what is out of reach", async () => {
  const { manifest, lines, unreached } = await refresh(MANIFEST, ({ version }) => {
    const hash = SEEN[version];
    return hash === undefined ? Promise.reject(new Error("no route")) : Promise.resolve(hash);
  });
  assert.deepEqual(lines, [
    "same 1: as recorded, aa",
    "first 2: RECORDED FOR THE FIRST TIME, nobody has compared it yet: dd",
    "changed 3: CHANGED\n  - bb\n  + ee",
    "away 4: CANNOT BE LOOKED AT, stays cc: no route",
  ]);
  assert.deepEqual(unreached, ["away"]);
  assert.deepEqual(manifest, {
    ...MANIFEST,
    first: { url: "u", version: "2", hash: "dd" },
    changed: { image: "i", version: "3", hash: "ee", usedIn: ["x"] },
  });
});

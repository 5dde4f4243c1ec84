import assert from "node:assert/strict";
import { parseIdentity, writeIdentity } from "../../../shared/settings/runner_identity.ts";
import { InvalidValue } from "../../../shared/settings/settings.ts";

const IDENTITY = {
  uuid: "{r-1}",
  clientId: "id",
  clientSecret: 's"e\\c:r,e t',
  type: "docker",
  arch: "arm64",
} as const;

Deno.test("`parseIdentity()` reads what `writeIdentity()` wrote, and no more was written than that", () => {
  const text = writeIdentity({ ...IDENTITY, surplus: "x" } as typeof IDENTITY);
  assert.deepEqual(parseIdentity(text), IDENTITY);
});

Deno.test("`parseIdentity()` refuses what is none, without showing it", () => {
  const wrong = [
    "",
    "null",
    "[]",
    "{}",
    "{",
    JSON.stringify({ ...IDENTITY, clientSecret: "" }),
    JSON.stringify({ ...IDENTITY, uuid: 1 }),
    JSON.stringify({ ...IDENTITY, type: "windows" }),
  ];
  for (const text of wrong) {
    assert.throws(
      () => parseIdentity(text),
      (error) => error instanceof InvalidValue && !error.message.includes('s"e'),
    );
  }
});

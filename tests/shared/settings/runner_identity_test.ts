import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseIdentities,
  type RunnerIdentity,
  writeIdentities,
} from "../../../shared/settings/runner_identity.ts";
import { InvalidValue } from "../../../shared/settings/settings.ts";

/** What StartBuild takes as a variable's value, in characters. */
const LONGEST_VALUE = 4096;
const IDENTITY = {
  uuid: "{r-1}",
  clientId: "id",
  clientSecret: 's"e\\c:r,e t',
  type: "docker",
  arch: "arm64",
} as const;

const CHARACTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="];
const token = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength: 1, maxLength });
const several: fc.Arbitrary<RunnerIdentity[]> = fc.record({
  type: fc.constantFrom("shell" as const, "docker" as const),
  arch: fc.constantFrom("x86_64", "arm64"),
}).chain((machine) =>
  fc.array(
    fc.record({ uuid: fc.uuid().map((uuid) => `{${uuid}}`), clientId: token(64), clientSecret: token(128) })
      .map((own) => ({ ...own, ...machine })),
    { minLength: 1, maxLength: 32, size: "max" },
  )
);

Deno.test("any 1 to 32 identities survive `writeIdentities()` and `parseIdentities()`, in variables that StartBuild takes", () => {
  fc.assert(fc.property(several, (identities) => {
    const variables = writeIdentities(identities);
    assert.deepEqual(
      variables.map(({ name }) => name),
      identities.length > 16 ? ["RUNNER_IDENTITY", "RUNNER_IDENTITY_2"] : ["RUNNER_IDENTITY"],
    );
    assert.ok(variables.every(({ value }) => value.length <= LONGEST_VALUE));
    assert.deepEqual(variables.flatMap(({ value }) => parseIdentities(value)), identities);
  }));
});

Deno.test("`writeIdentities()` stays below a variable's length where ids and secrets are as long as may be", () => {
  const longest = { ...IDENTITY, uuid: `{${crypto.randomUUID()}}`, clientId: "i".repeat(64) };
  const identities = Array.from({ length: 32 }, () => ({ ...longest, clientSecret: "s".repeat(128) }));
  const lengths = writeIdentities(identities).map(({ value }) => value.length);
  assert.equal(lengths.length, 2);
  assert.ok(Math.max(...lengths) <= LONGEST_VALUE, lengths.join());
});

Deno.test("`writeIdentities()` writes no more than an identity, and one alone as earlier versions read it", () => {
  const [variable] = writeIdentities([{ ...IDENTITY, surplus: "x" } as RunnerIdentity]);
  assert.deepEqual(JSON.parse(variable?.value ?? ""), IDENTITY);
  assert.deepEqual(parseIdentities(JSON.stringify(IDENTITY)), [IDENTITY]);
});

Deno.test("`parseIdentities()` refuses what is none, without showing it", () => {
  const many = (runners: unknown) => JSON.stringify({ type: "shell", arch: "arm64", runners });
  const wrong = [
    "",
    "null",
    "[]",
    "{}",
    "{",
    JSON.stringify({ ...IDENTITY, clientSecret: "" }),
    JSON.stringify({ ...IDENTITY, uuid: 1 }),
    JSON.stringify({ ...IDENTITY, type: "windows" }),
    many([]),
    many("x"),
    many([null]),
    many([["{r}", "id", 's"e'], ["{r}", "id"]]),
  ];
  for (const text of wrong) {
    assert.throws(
      () => parseIdentities(text),
      (error) => error instanceof InvalidValue && !error.message.includes('s"e'),
      text,
    );
  }
});

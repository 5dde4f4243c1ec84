import assert from "node:assert/strict";
import { tokenClaims } from "../../../shared/aws/token_claims.ts";

function token(claims: unknown): string {
  const payload = new TextEncoder().encode(JSON.stringify(claims)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  return `header.${payload}.signature`;
}

Deno.test("`tokenClaims()` reads who has issued a token, for whom, about whom and until when", () => {
  assert.deepEqual(tokenClaims(token({ iss: "https://i", aud: ["a", "b"], sub: "{r}:{s}ü", exp: 60 })), {
    iss: "https://i",
    aud: "a, b",
    sub: "{r}:{s}ü",
    expiresMs: 60_000,
  });
});

const NONE = { iss: undefined, aud: undefined, sub: undefined, expiresMs: undefined };
for (const claims of [{}, { iss: 1, aud: {}, sub: "", exp: "soon" }, [], null, "text"]) {
  Deno.test(`\`tokenClaims()\` finds nothing in ${JSON.stringify(claims)}`, () => {
    assert.deepEqual(tokenClaims(token(claims)), NONE);
  });
}

for (const text of ["", "opaque", "a.b.c", "a.!.c", "a..c", `a.${"A".repeat(30_000)}.c`]) {
  Deno.test(`\`tokenClaims()\` takes «${text.slice(0, 10)}», ${text.length} characters, for no JWT`, () => {
    assert.equal(tokenClaims(text), undefined);
  });
}

Deno.test("`tokenClaims()` shortens what is longer than any issuer", () => {
  assert.ok((tokenClaims(token({ sub: "x".repeat(9000) }))?.sub?.length ?? 0) < 300);
});

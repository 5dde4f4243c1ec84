import assert from "node:assert/strict";
import fc from "fast-check";
import { Redactor } from "../../../shared/program/redact.ts";

const SECRET = 'pa ss/w+rd"1&ü=';

const FORMS: readonly [string, string][] = [
  ["as it is", SECRET],
  ["percent-encoded", encodeURIComponent(SECRET)],
  ["in a form's body", new URLSearchParams({ x: SECRET }).toString().slice(2)],
  ["in base64", btoa(String.fromCharCode(...new TextEncoder().encode(SECRET)))],
  ["in JSON", JSON.stringify(SECRET).slice(1, -1)],
];

for (const [name, form] of FORMS) {
  Deno.test(`a known secret is hidden ${name}`, () => {
    const redactor = new Redactor();
    redactor.add(SECRET);
    assert.equal(redactor.redact(`a ${form} b ${form}`), "a *** b ***");
  });
}

const BY_PLACE: readonly [string, string][] = [
  ["Authorization: Bearer eyJhbGciOi.J9-_x", "Authorization: Bearer ***"],
  ["authorization: basic a2V5OnNlY3JldA==", "authorization: basic ***"],
  ['{"access_token":"abc.def-123","expires_in":7200}', '{"access_token":"***","expires_in":7200}'],
  ["client_secret=abcdef123&grant_type=x", "client_secret=***&grant_type=x"],
  ["OAUTH_CLIENT_SECRET: abcdef123", "OAUTH_CLIENT_SECRET: ***"],
];

Deno.test("a secret nobody told of is hidden where its place gives it away", () => {
  for (const [line, clean] of BY_PLACE) assert.equal(new Redactor().redact(line), clean);
});

Deno.test("ordinary text is left alone", () => {
  const redactor = new Redactor();
  for (const short of ["true", "linux", "", undefined]) redactor.add(short);
  for (
    const line of ["linux is true", "a basic idea of it", "Bearer", "access_token=null", "the secret of it"]
  ) {
    assert.equal(redactor.redact(line), line);
  }
});

Deno.test("a secret that contains another is hidden whole", () => {
  const redactor = new Redactor();
  redactor.add("secret");
  redactor.add("secret-and-more");
  assert.equal(redactor.redact("x secret-and-more y secret z"), "x *** y *** z");
});

Deno.test("no known secret survives, whatever stands around it", () => {
  fc.assert(fc.property(fc.string({ minLength: 6 }), fc.string(), fc.string(), (secret, before, after) => {
    fc.pre(!"***".includes(secret) && !/^\*+$/.test(secret));
    const redactor = new Redactor();
    redactor.add(secret);
    const clean = redactor.redact(`${before}${secret}${after}`);
    assert.ok(!clean.replaceAll("***", "").includes(secret), clean);
  }));
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { Redactor } from "../../../shared/output/redact.ts";

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
  [
    String.raw`{"body":"{\"client_secret\":\"abcdef123\"}"}`,
    String.raw`{"body":"{\"client_secret\":\"***\"}"}`,
  ],
  ["AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "AWS_SECRET_ACCESS_KEY=***"],
  ['"SessionToken": "IQoJb3JpZ2luX2VjEJr",', '"SessionToken": "***",'],
  ["X-Amz-Security-Token=IQoJb3JpZ2luX2VjEJr&x=y", "X-Amz-Security-Token=***&x=y"],
  ["key AKIAIOSFODNN7EXAMPLE of a user", "key *** of a user"],
  ["key ASIAIOSFODNN7EXAMPLE of a role", "key *** of a role"],
  ["GET https://user:pass@mirror.test/x", "GET https://user:***@mirror.test/x"],
];

Deno.test("a secret nobody told of is hidden where its place gives it away", () => {
  for (const [line, clean] of BY_PLACE) assert.equal(new Redactor().redact(line), clean);
});

Deno.test("ordinary text is left alone", () => {
  const redactor = new Redactor();
  for (const short of ["true", "linux", "", undefined]) redactor.add(short);
  for (
    const line of [
      "linux is true",
      "a basic idea of it",
      "Bearer",
      "access_token=null",
      "the secret of it",
      "https://host:8080/a@b",
      "MAKIANG",
    ]
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

Deno.test("a secret that is told of later is hidden from then on", () => {
  const redactor = new Redactor();
  assert.equal(redactor.redact("first-secret"), "first-secret");
  redactor.add("first-secret");
  assert.equal(redactor.redact("first-secret other-secret"), "*** other-secret");
  redactor.add("other-secret");
  assert.equal(redactor.redact("first-secret other-secret"), "*** ***");
});

Deno.test("a secret that is broken over lines is hidden in each of them", () => {
  const redactor = new Redactor();
  redactor.add("correct-horse-battery-staple");
  const broken = "password: correct-horse\n  -battery\n-staple and more\ncorrect";
  assert.equal(redactor.redact(broken), "password: ***\n  ***\n*** and more\n***");
});

Deno.test("texts that patterns are slow on are looked through in one go", () => {
  const redactor = new Redactor();
  redactor.add("Bearer ".repeat(20));
  for (
    const unit of [
      " ",
      "Bearer ",
      "Bearer  ",
      "client_secret",
      "client_secret ",
      "://",
      "://a",
      "AKIA",
      "\\",
      "a",
    ]
  ) {
    redactor.redact(unit.repeat(500_000 / unit.length));
    redactor.redact(`Bearer${unit.repeat(500_000 / unit.length)}!`);
  }
});

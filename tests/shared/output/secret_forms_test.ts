import assert from "node:assert/strict";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { secretForms } from "../../../shared/output/secret_forms.ts";

const SECRET = "pä ss/w+rd\"'1&=~\\";

const FORMS: Readonly<Record<string, string>> = {
  "as it is": SECRET,
  "in JSON": JSON.stringify(SECRET).slice(1, -1),
  "in JSON within JSON": JSON.stringify(JSON.stringify(SECRET)).slice(3, -3),
  "in JSON that keeps to ASCII": `p\\u00e4 ss/w+rd\\"'1&=~\\\\`,
  "in JSON that escapes slashes": `p\\u00e4 ss\\/w+rd\\"'1&=~\\\\`,
  "in a URL": encodeURIComponent(SECRET),
  "in a URL, in lower case": encodeURIComponent(SECRET).toLowerCase(),
  "in a URL, more of it encoded": encodeURIComponent(SECRET).replace("'", "%27").replace("~", "%7E"),
  "in a URL, less of it encoded": encodeURI(SECRET),
  "in a URL within a URL": encodeURIComponent(encodeURIComponent(SECRET)),
  "in a form's body": new URLSearchParams({ x: SECRET }).toString().slice(2),
  "as JSON in a URL": encodeURIComponent(JSON.stringify(SECRET)).slice(3, -3),
  "in base64": Buffer.from(SECRET).toString("base64"),
  "in base64 for URLs": Buffer.from(SECRET).toString("base64url"),
  "in base64 in a URL": encodeURIComponent(Buffer.from(SECRET).toString("base64")),
  "as JSON in base64": Buffer.from(JSON.stringify(SECRET).slice(1, -1)).toString("base64"),
  "in hexadecimal": Buffer.from(SECRET).toString("hex"),
  "in hexadecimal, in upper case": Buffer.from(SECRET).toString("hex").toUpperCase(),
};

for (const [where, form] of Object.entries(FORMS)) {
  Deno.test(`\`secretForms()\` knows a secret ${where}`, () => {
    assert.ok([...secretForms(SECRET)].some((known) => known.includes(form)), form);
  });
}

Deno.test("`secretForms()` knows each line of a secret, and what is between its blanks", () => {
  const forms = secretForms("-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\r\nq83vEjRWeJCrze8S\n-----END KEY-----\n");
  for (const line of ["MIIEowIBAAKCAQEA", "q83vEjRWeJCrze8S", btoa("q83vEjRWeJCrze8S")]) {
    assert.ok(forms.has(line), line);
  }
});

Deno.test("`secretForms()` finds a secret in the base64 of any longer value", () => {
  const text = fc.string({ minLength: 6, unit: "binary" }).filter((one) => one.isWellFormed());
  fc.assert(fc.property(text, fc.string(), fc.string(), fc.boolean(), (secret, before, after, url) => {
    const whole = Buffer.from(before + secret + after).toString(url ? "base64url" : "base64");
    const found = [...secretForms(secret)].filter((form) => whole.includes(form));
    // Up to three characters at either end depend on its neighbours too.
    const fewest = Buffer.from(secret).length * 4 / 3 - 4;
    assert.ok(found.some((form) => form.length >= fewest), `${found}`);
  }));
});

Deno.test("`secretForms()` has no trouble with broken UTF-16, nor with a secret longer than any", () => {
  assert.ok(secretForms("\ud800broken\udfff").has("\ud800broken\udfff"));
  const long = "0123456789abcdef".repeat(8192);
  assert.deepEqual([...secretForms(long)], [long]);
});

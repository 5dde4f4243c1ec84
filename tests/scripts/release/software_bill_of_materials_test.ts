import assert from "node:assert/strict";
import { lockedPackages } from "../../../scripts/release/lock_file.ts";
import { softwareBillOfMaterials } from "../../../scripts/release/software_bill_of_materials.ts";

const SHA512 = new Uint8Array(64).fill(7);
const integrity = `sha512-${SHA512.toBase64()}`;
const LOCK = JSON.stringify({
  version: "5",
  specifiers: { "npm:@a/one@1.0.0": "1.0.0_two@2.0.0", "npm:two@2.0.0": "2.0.0", "npm:tests@9.0.0": "9.0.0" },
  npm: {
    "@a/one@1.0.0_two@2.0.0": { integrity, dependencies: ["two", "three@3.1.0"] },
    "two@2.0.0": { integrity, dependencies: ["three@3.0.0", "@a/one"] },
    "three@3.0.0": { integrity },
    "three@3.1.0": { integrity },
    "tests@9.0.0": { integrity },
  },
});
const OPTIONS = {
  version: "1.2.3",
  lockText: LOCK,
  packages: ["@a/one", "two"],
  denoVersion: "2.0.0",
  runnerVersion: "5.6.0",
  runnerBundled: false,
};

Deno.test("`lockedPackages()` lists what the named packages need, and nothing else", () => {
  const keys = lockedPackages(LOCK, ["two"]).map((locked) => locked.key);
  assert.deepEqual(keys, ["@a/one@1.0.0_two@2.0.0", "three@3.0.0", "three@3.1.0", "two@2.0.0"]);
});

Deno.test("`lockedPackages()` refuses a package that is not locked", () => {
  assert.throws(() => lockedPackages(LOCK, ["four"]), /deno\.lock has no four/);
});

Deno.test("`softwareBillOfMaterials()` names each package with its version and checksum", () => {
  const bill = JSON.parse(new TextDecoder().decode(softwareBillOfMaterials(OPTIONS)));
  assert.deepEqual([bill.bomFormat, bill.specVersion, bill.metadata.component.version], [
    "CycloneDX",
    "1.6",
    "1.2.3",
  ]);
  assert.deepEqual(
    bill.components.map((part: { name: string; version: string }) => `${part.name}@${part.version}`),
    [
      "@a/one@1.0.0",
      "atlassian-bitbucket-pipelines-runner@5.6.0",
      "deno@2.0.0",
      "three@3.0.0",
      "three@3.1.0",
      "two@2.0.0",
    ],
  );
  const [one] = bill.components;
  assert.equal(one.purl, "pkg:npm/%40a/one@1.0.0");
  assert.deepEqual(one.hashes, [{ alg: "SHA-512", content: SHA512.toHex() }]);
});

Deno.test("`softwareBillOfMaterials()` says of Atlassian's runner where it is downloaded", () => {
  const properties = [false, true].map((runnerBundled) => {
    const bill = softwareBillOfMaterials({ ...OPTIONS, runnerBundled });
    return JSON.parse(new TextDecoder().decode(bill)).components.map((part: { properties?: unknown }) =>
      part.properties
    );
  });
  const downloaded = [{ name: "aws-bitbucket-runner:delivery", value: "downloaded in the build" }];
  const nothing = undefined;
  assert.deepEqual(properties, [
    [nothing, downloaded, nothing, nothing, nothing, nothing],
    [nothing, nothing, nothing, nothing, nothing, nothing],
  ]);
});

Deno.test("`softwareBillOfMaterials()` gives the same bytes for the same inputs, and another number for others", () => {
  assert.deepEqual(softwareBillOfMaterials(OPTIONS), softwareBillOfMaterials(OPTIONS));
  const numbers = [OPTIONS, { ...OPTIONS, version: "1.2.4" }].map((options) => {
    const bill = JSON.parse(new TextDecoder().decode(softwareBillOfMaterials(options)));
    assert.equal(bill.metadata.timestamp, undefined);
    return bill.serialNumber;
  });
  assert.match(numbers[0], /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(numbers[0], numbers[1]);
});

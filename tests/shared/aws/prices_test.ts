import assert from "node:assert/strict";
import { listPrice, PRICES } from "../../../shared/aws/prices.ts";
import { tableRows } from "../../fixtures/markdown.ts";

const README = await Deno.readTextFile(new URL("../../../README.md", import.meta.url));

Deno.test("README's prices are those that start-runner reckons with", () => {
  const rows = tableRows(README).filter(([first = ""]) => first.startsWith("`BUILD_GENERAL1_"));
  assert.equal(rows.length, 5);
  for (const [type = "", , x86 = "", arm = ""] of rows) {
    const computeType = type.replaceAll("`", "");
    assert.equal(x86, shown("LINUX_CONTAINER", computeType), computeType);
    assert.equal(arm, shown("ARM_CONTAINER", computeType), computeType);
  }
  assert.ok(README.includes(PRICES.asOf) && README.includes(PRICES.region));
});

Deno.test("`listPrice()` is silent where nobody knows", () => {
  assert.equal(
    listPrice({ environmentType: "ARM_CONTAINER", computeType: "BUILD_GENERAL1_2XLARGE" }),
    undefined,
  );
  assert.equal(listPrice({}), undefined);
});

/** As the page writes it, with a star where the source is second-hand. */
function shown(environmentType: string, computeType: string): string {
  const price = listPrice({ environmentType, computeType });
  if (price === undefined) return "";
  const { dollars, certain } = price;
  return `${dollars.toFixed(4).replace(/(\.\d\d)0+$|0+$/, "$1").replace(/\.$/, "")} dollars${
    certain ? "" : " \\*"
  }`;
}

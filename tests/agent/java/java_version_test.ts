import assert from "node:assert/strict";
import { javaMajorVersion } from "../../../agent/java/java_version.ts";

const OUTPUTS: readonly [string, number | undefined][] = [
  ['java version "1.8.0_402"\nJava(TM) SE Runtime Environment (build 1.8.0_402-b06)', 8],
  ['openjdk version "11.0.20" 2023-07-18', 11],
  ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment (build 17.0.15+6)', 17],
  ['openjdk version "25-ea" 2025-09-16', 25],
  ['openjdk version "21" 2023-09-19 LTS', 21],
  ['Picked up JAVA_TOOL_OPTIONS: -Dversion="9"\nopenjdk version "17.0.15" 2025-04-15', 17],
  ["sh: java: not found", undefined],
  ["", undefined],
];

for (const [output, version] of OUTPUTS) {
  Deno.test(`\`javaMajorVersion()\` reads ${version ?? "nothing"} from «${output.split("\n").at(0)}»`, () => {
    assert.equal(javaMajorVersion(output), version);
  });
}

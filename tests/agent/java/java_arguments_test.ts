import assert from "node:assert/strict";
import fc from "fast-check";
import { javaArguments, PRIVATE_OPTION } from "../../../agent/java/java_arguments.ts";
import { argumentsIn } from "../../../scripts/local_cloud/stand_in/java_arguments.ts";

Deno.test("`javaArguments()` is read back as it was, by the rules of Java's argument files", () => {
  const argument = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(..."\\\"'#@ \n\r\tan") }),
  );
  fc.assert(fc.property(fc.array(argument), (args) => {
    assert.deepEqual(argumentsIn(javaArguments(args)), [PRIVATE_OPTION, ...args]);
  }));
});

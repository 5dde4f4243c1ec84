import assert from "node:assert/strict";
import { fileFault } from "../../../shared/program/file_fault.ts";

Deno.test("`fileFault()` says what the system says, without number, call and path", async () => {
  const missing = await Deno.readTextFile("/nowhere/(a)").catch((error) => error);
  assert.equal(fileFault(missing), "No such file or directory");
  const folder = await Deno.writeTextFile("/", "").catch((error) => error);
  assert.equal(fileFault(folder), "Is a directory");
  assert.equal(fileFault("something else"), "something else");
});

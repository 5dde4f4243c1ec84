import assert from "node:assert/strict";
import { isPrivileged } from "../../../agent/daemon/privileged.ts";

Deno.test("`isPrivileged()` tells a privileged container from an ordinary one", () => {
  assert.equal(isPrivileged("Name:\tcat\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\n"), true);
  // Docker's default set.
  assert.equal(isPrivileged("CapPrm:\t000001ffffffffff\nCapEff:\t00000000a80425fb\n"), false);
  assert.equal(isPrivileged(""), false);
});

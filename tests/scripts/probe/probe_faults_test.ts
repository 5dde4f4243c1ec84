import assert from "node:assert/strict";
import type { FaultKind, FaultOrder } from "../../../scripts/local_cloud/server/faults.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { profileFrom } from "../../../scripts/probe/judge/profile.ts";
import { InterruptedError } from "../../../shared/program/errors.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { quickHost } from "../../fixtures/quick_host.ts";
import { profileOf, runnersLeft, startProbe } from "./probe_run.ts";

Deno.test("An interruption at any of its requests ends the probe, and leaves no runner", async () => {
  await withLocalCloud({ bitbucket: { requestsPerHour: Infinity } }, async (cloud) => {
    for (const moment of ["before", "after"] as const) {
      let interrupted = 0;
      while (await endsInterrupted(cloud, interrupted + 1, moment)) interrupted++;
      // From then on it only removes, which no interruption keeps it from.
      assert.ok(interrupted > 40, `${interrupted}`);
    }
  });
});

/** Interrupts as a request is sent, or once it has been answered but the answer has not been read. */
async function endsInterrupted(
  cloud: LocalCloud,
  position: number,
  moment: "before" | "after",
): Promise<boolean> {
  const interrupt = new AbortController();
  let requests = 0;
  const interruptedFetch: typeof fetch = async (input, init) => {
    const strikes = ++requests === position;
    if (strikes && moment === "before") interrupt.abort(new InterruptedError("SIGINT"));
    const response = await fetch(input, init);
    if (strikes) interrupt.abort(new InterruptedError("SIGINT"));
    return response;
  };
  const { found } = startProbe(cloud, {
    host: quickHost({ fetch: interruptedFetch }),
    signal: interrupt.signal,
  });
  const outcome = await found.catch((error) => error);
  assert.deepEqual(runnersLeft(cloud), [], `${moment} request ${position}`);
  return outcome instanceof InterruptedError;
}

Deno.test("A runner whose creation is never answered, interrupted at that, is removed too", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "CreateRunner", kind: "hang after" });
    const interrupt = new AbortController();
    const { found } = startProbe(cloud, { signal: interrupt.signal, timeoutMs: 500 });
    await cloud.happenings.until("runner registered");
    interrupt.abort(new InterruptedError("SIGINT"));
    await assert.rejects(found, InterruptedError);
    assert.deepEqual(runnersLeft(cloud), []);
  });
});

Deno.test("Before a creation is tried again, what the first attempt may have left is removed", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "CreateRunner", kind: "reset after" });
    const registered: number[] = [];
    cloud.happenings.on(({ type }) => {
      if (type === "runner registered") registered.push(runnersLeft(cloud).length);
    });
    await startProbe(cloud).found;
    assert.deepEqual(registered.slice(0, 2), [1, 1]);
  });
});

const CALLS = [
  "OAuthToken",
  "ListRunners",
  "CreateRunner",
  "GetRunner",
  "UpdateRunner",
  "UpdateRunnerState",
  "DeleteRunner",
] as const satisfies readonly FaultOrder["call"][];

const KINDS: readonly FaultKind[] = [
  "429",
  "502",
  "reset before",
  "reset after",
  "hang",
  "hang after",
  "html",
  "truncated",
  "missing fields",
  "expired token",
  "conflict",
];

for (const call of CALLS) {
  Deno.test(`No single fault at ${call} leaves a runner or makes a finding wrong`, async () => {
    await withLocalCloud({ bitbucket: { requestsPerHour: Infinity } }, async (cloud) => {
      const truth = await profileOf(cloud);
      for (const kind of KINDS) {
        for (const after of [0, 2]) {
          cloud.faults.inject({ call, kind, after });
          const { found } = startProbe(cloud, { timeoutMs: 200 });
          // Without the UUID of its first runner there is nothing that the probe could try on.
          const inVain = kind === "missing fields" && call === "CreateRunner" && after === 0;
          const profile = inVain ? await assert.rejects(found) ?? {} : profileFrom(await found);
          cloud.faults.clear();
          for (const [name, value] of Object.entries(profile)) {
            assert.deepEqual(value, truth[name], `${name} with ${kind} after ${after}`);
          }
          assert.deepEqual(runnersLeft(cloud), [], `${kind} after ${after}`);
        }
      }
    });
  });
}

Deno.test("Runners that cannot be removed are named, with what to do", async () => {
  await withLocalCloud({ bitbucket: { requestsPerHour: Infinity } }, async (cloud) => {
    cloud.faults.inject({ call: "DeleteRunner", kind: "500", times: Infinity });
    await assert.rejects(startProbe(cloud).found, ({ message, hint }: { message: string; hint: string }) => {
      assert.match(message, /^Cannot delete runner|^Cannot remove the probe's runners: Cannot delete runner/);
      for (const name of runnersLeft(cloud)) assert.ok(hint.includes(`«${name}»`), hint);
      return true;
    });
    assert.notDeepEqual(runnersLeft(cloud), []);
  });
});

Deno.test("In a repository that is nearly full the probe tries nothing, since everything would be refused", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { bitbucket: { runners, settings: { repositories: [repository] } } } = cloud;
    for (let count = 0; count < 91; count++) {
      runners.create(repository?.uuid ?? "", `other-${count}`, ["linux.shell"]);
    }
    await assert.rejects(
      startProbe(cloud).found,
      /^ProgramError: Cannot probe: the repository has 91 runners already$/,
    );
    assert.equal(cloud.requests.count({ call: "CreateRunner" }), 0);
  });
});

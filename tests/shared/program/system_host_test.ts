import assert from "node:assert/strict";
import { systemHost } from "../../../shared/program/system_host.ts";

const SYSTEM_HOST = new URL("../../../shared/program/system_host.ts", import.meta.url).href;

/** A program that writes 4 MiB to stdout through the host, and then a word to stderr. */
const WRITER = `
  import { systemHost } from ${JSON.stringify(SYSTEM_HOST)};
  const host = systemHost();
  for (let count = 0; count < 64; count++) host.stdout.write("ä".repeat(32 * 1024));
  host.stderr.write("written");
`;

async function throughPipe(reader: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", `{ "$0" eval -q "$1"; echo "ended with $?" >&2; } | ${reader}`, Deno.execPath(), WRITER],
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("`systemHost()` writes all of it, however slow the reader", async () => {
  const { stdout, stderr } = await throughPipe("{ sleep 0.2; wc -c; }");
  assert.equal(stdout.trim(), String(4 * 1024 * 1024));
  assert.equal(stderr, "writtenended with 0\n");
});

Deno.test("`systemHost()` goes on when its reader has gone away", async () => {
  const { stderr } = await throughPipe("true");
  assert.equal(stderr, "writtenended with 0\n");
});

Deno.test("`systemHost()` goes on when the disk behind a redirection is full", async () => {
  const { stderr } = await new Deno.Command("sh", {
    args: ["-c", '"$0" eval -q "$1" >/dev/full', Deno.execPath(), WRITER],
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "written");
});

Deno.test("`systemHost()` sleeps, and wakes with the signal's reason", async () => {
  const host = systemHost();
  await host.sleep(1);
  const early = AbortSignal.abort(new Error("before"));
  await assert.rejects(host.sleep(1_000_000, early), { message: "before" });
  const controller = new AbortController();
  const sleeping = host.sleep(1_000_000, controller.signal);
  controller.abort(new Error("during"));
  await assert.rejects(sleeping, { message: "during" });
});

Deno.test("`systemHost()` names the architecture as the release assets do", () => {
  assert.match(systemHost().arch, /^(x86_64|arm64)$/);
});

Deno.test("`systemHost()` takes a moment that has just passed for now, without a warning in the log", async () => {
  const program = `
    import { systemHost } from ${JSON.stringify(SYSTEM_HOST)};
    await systemHost().sleep(-0.05);
  `;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args: ["eval", "-q", program] })
    .output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
});

import assert from "node:assert/strict";
import { ShownOutput } from "../../../agent/watch/shown_output.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";

const MEGABYTE = 1024 * 1024;

function shown() {
  const { log, text } = recordedLog();
  const scene = { now: 0, bytes: 0, last: "" };
  const stdout = {
    write(line: string) {
      scene.last = line;
      scene.bytes += new TextEncoder().encode(line).length;
    },
  };
  const output = new ShownOutput({ stdout, monotonicMs: () => scene.now }, log);
  /** As the ear does. */
  const show = (line: string) => output.hasRoomFor(line) ? output.show(line) : output.omit(line.length);
  return { output, show, scene, said: text };
}

Deno.test("`ShownOutput` shows what a runner usually writes, and says nothing of it", () => {
  const { output, show, scene, said } = shown();
  show("one");
  assert.equal(scene.last, "  | one\n");
  for (let count = 0; count < 5_000; count++) show("x".repeat(100));
  output.close();
  assert.equal(said(), "");
  assert.equal(scene.bytes, 8 + 5_000 * 105);
});

Deno.test("`ShownOutput` takes a megabyte a minute, says once that it leaves out the rest, and in the end how much", () => {
  const { output, show, scene, said } = shown();
  for (let minute = 0; minute < 3; minute++, scene.now += 60_000) {
    for (let count = 0; count < 40_000; count++) show("x".repeat(100));
    assert.ok(scene.bytes <= (minute + 1) * MEGABYTE && scene.bytes > (minute + 1) * MEGABYTE - 200);
  }
  show("still heard");
  assert.equal(scene.last, "  | still heard\n");
  const once =
    "The runner writes more than this log takes, 1.0 MB a minute and 16.0 MB in all: the rest is left out";
  assert.equal(said(), `00:00:00Z warning: ${once}\n`);
  output.close();
  assert.match(said(), /warning: 8\.6 MB of the runner's output were left out of this log\n$/);
});

Deno.test("`ShownOutput` takes sixteen megabytes in all", () => {
  const { show, scene } = shown();
  for (let minute = 0; minute < 30; minute++, scene.now += 60_000) {
    for (let count = 0; count < 70; count++) show("x".repeat(60_000));
  }
  assert.ok(scene.bytes <= 16 * MEGABYTE && scene.bytes > 15 * MEGABYTE, `${scene.bytes}`);
});

Deno.test("`ShownOutput` counts bytes, and not characters", () => {
  const { output, show, scene } = shown();
  for (let count = 0; count < 40_000; count++) show("ü".repeat(50));
  assert.ok(scene.bytes <= MEGABYTE && !output.hasRoomFor("ü".repeat(50)), `${scene.bytes}`);
});

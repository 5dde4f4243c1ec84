import assert from "node:assert/strict";
import { ServerClock } from "../../../shared/calls/server_clock.ts";

const SERVER = Date.parse("2026-11-21T04:00:00Z");

function dated(date: string): Headers {
  return new Headers({ date });
}

Deno.test("`ServerClock` follows the server whatever the local wall clock does", () => {
  let now = 1000;
  let monotonicMs = 50;
  const clock = new ServerClock({ now: () => now, monotonicMs: () => monotonicMs });
  assert.equal(clock.now(), 1000, "the local clock until the server has answered");
  clock.note(dated(new Date(SERVER).toUTCString()));
  monotonicMs += 2500;
  now = 9e12;
  assert.equal(clock.now(), SERVER + 2500);
  clock.note(dated("no date at all"));
  clock.note(new Headers());
  assert.equal(clock.now(), SERVER + 2500);
});

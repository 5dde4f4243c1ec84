import assert from "node:assert/strict";
import { ApiError } from "../../../shared/program/errors.ts";
import type { Host } from "../../../shared/program/host.ts";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import { type EndlessAnswer, serveEndless } from "../../fixtures/servers/endless_server.ts";
import { FakeBitbucket, type FakeFault } from "../../fixtures/servers/fake_bitbucket.ts";
import { quickHost } from "../../fixtures/quick_host.ts";

const TOO_MANY = { kind: "status", status: 429 } as const;

Deno.test("each further attempt is announced with its cause, its number and its pause", async () => {
  await using setup = await clientSetup({ apiTimeoutS: 0.2 });
  const faults: readonly (readonly [FakeFault, RegExp])[] = [
    [
      { kind: "status", status: 502 },
      /warning: Bitbucket answered 502 to «list runners»; attempt 2\/5 in 0\.8 s/,
    ],
    [
      { kind: "html", acted: false },
      /Bitbucket answered «list runners» with HTML instead of JSON; attempt 3\/5 in/,
    ],
    [
      { kind: "missing fields", acted: false },
      /Bitbucket answered «list runners» without a valid «values»; attempt 4/,
    ],
    [
      { kind: "hang", acted: false },
      /Bitbucket did not answer «list runners» within 0\.2 s; attempt 5\/5 in/,
    ],
  ];
  setup.fake.plan(...faults.map(([fault]) => ({ route: "list runners", fault, times: 1 }) as const));
  await setup.bitbucket.listRunners();
  const announced = setup.host.written;
  assert.equal(announced.length, faults.length, announced.join(""));
  faults.forEach(([, expected], index) => assert.match(announced[index] ?? "", expected));
});

Deno.test("`Retry-After` goes before the formula, in seconds and as a date on the server's clock", async () => {
  await using setup = await clientSetup();
  const date = "Mon, 05 May 2031 04:00:00 GMT";
  const until = "Mon, 05 May 2031 04:00:40 GMT";
  setup.fake.plan(
    { route: "list runners", fault: { ...TOO_MANY, headers: { "retry-after": "17" } }, times: 1 },
    { route: "list runners", fault: { ...TOO_MANY, headers: { date, "retry-after": until } }, times: 1 },
  );
  await setup.bitbucket.listRunners();
  const seconds = setup.host.sleeps.map((ms) => Math.floor(ms / 1000));
  assert.deepEqual(seconds, [17, 40]);
});

Deno.test("a longer pause than the longest is shortened, and the log says so", async () => {
  await using setup = await clientSetup();
  const fault = { ...TOO_MANY, headers: { "retry-after": "3000" } };
  setup.fake.plan({ route: "list runners", fault, times: 1 });
  await setup.bitbucket.listRunners();
  assert.equal(Math.floor((setup.host.sleeps[0] ?? 0) / 1000), 120);
  assert.match(setup.host.written.join(""), /in 120\.3 s, though it asks for a pause of 3000 s/);
});

Deno.test("an abort ends a pause at once, with the signal's reason", async () => {
  const controller = new AbortController();
  const reason = new Error("Enough");
  const sleep: Host["sleep"] = (_ms, signal) => {
    if (signal === undefined) return Promise.reject(new Error("This pause cannot be ended"));
    queueMicrotask(() => controller.abort(reason));
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const host = quickHost({ sleep });
  await using setup = await clientSetup({}, host);
  setup.fake.plan({ route: "list runners", fault: TOO_MANY, times: 1000 });
  await assert.rejects(setup.bitbucket.listRunners({ signal: controller.signal }), reason);
  assert.equal(setup.fake.count("list runners"), 1);
});

Deno.test("an abort ends a request at once, with the signal's reason", async () => {
  await using setup = await clientSetup();
  await setup.bitbucket.listRunners();
  const controller = new AbortController();
  const reason = new Error("Enough");
  const release = () => controller.abort(reason);
  setup.fake.plan({ route: "list runners", fault: { kind: "late", release }, times: 1 });
  await assert.rejects(setup.bitbucket.listRunners({ signal: controller.signal }), reason);
  assert.deepEqual(setup.host.sleeps, []);
});

Deno.test("nothing is sent for a signal that has aborted already", async () => {
  await using setup = await clientSetup();
  const signal = AbortSignal.abort(new Error("Enough"));
  await assert.rejects(setup.bitbucket.listRunners({ signal }), signal.reason);
  assert.equal(setup.fake.requests.length, 0);
});

Deno.test("neither errors nor log show credentials, even where the server repeats them", async () => {
  await using setup = await clientSetup({ apiTimeoutS: 0.2 });
  const { bitbucket, fake, host } = setup;
  await bitbucket.listRunners();
  const token = fake.requests.at(-1)?.authorization.replace("Bearer ", "") ?? "";
  const body = { error: { message: `Bad token ${token}, consumer-secret` } };
  const shown: string[] = [];
  for (const status of [400, 403, 500]) {
    fake.plan({ route: "list runners", fault: { kind: "status", status, body }, times: 5 });
    const error = await bitbucket.listRunners().catch((error) => error);
    shown.push(error.message, String(error.hint), Deno.inspect(error));
    fake.forgetFaults();
  }
  for (const kind of ["hang", "reset"] as const) {
    fake.plan({ route: "list runners", fault: { kind, acted: false }, times: 10 });
    const error = await bitbucket.listRunners().catch((error) => error);
    assert.ok(error instanceof ApiError);
    shown.push(Deno.inspect(error, { depth: 20 }));
    fake.forgetFaults();
  }
  for (const text of [...shown, ...host.written]) {
    for (const secret of [token, "consumer-secret", btoa("consumer-key:consumer-secret")]) {
      assert.ok(!text.includes(secret), text);
    }
  }
});

Deno.test("requests are counted as the server sees them, attempts and tokens included", async () => {
  await using setup = await clientSetup();
  setup.fake.plan({ route: "token", fault: { kind: "status", status: 500 }, times: 2 });
  setup.fake.plan({ route: "list runners", fault: { kind: "status", status: 503 }, times: 3 });
  await setup.bitbucket.listRunners();
  assert.equal(setup.bitbucket.requests, 7);
  assert.equal(setup.fake.requests.length, 7);
});

const ENDLESS: readonly (readonly [what: string, answer: EndlessAnswer])[] = [
  ["nothing but blanks", {}],
  ["a list without an end", { beginning: '{"values":[0', filling: ",0" }],
  ["brackets", { filling: "[" }],
  ["what is not compressed any more", { compressed: true }],
  ["a refusal", { status: 403, beginning: '{"error":{"message":"', filling: "no" }],
  ["a page", { status: 502, beginning: "<html>", filling: "<p>" }],
];
for (const [what, answer] of ENDLESS) {
  Deno.test(`an answer that never ends is cut off and asked for again: ${what}`, async () => {
    await using server = await serveEndless(answer);
    await using setup = await clientSetup({
      apiUrl: `${server.url}/2.0`,
      credentials: { kind: "access token", token: "a-token" },
      apiTimeoutS: 60,
    });
    await assert.rejects(setup.bitbucket.listRunners(), {
      name: "ApiError",
      message:
        "Cannot list runners: Bitbucket answered GET …/pipelines-config/runners with more than 8 MB in 5 attempts",
    });
    assert.equal(server.requests, 5);
    await server.left;
  });
}

Deno.test("a server that cannot be reached is named with the reason", async () => {
  const gone = await FakeBitbucket.start();
  const apiUrl = `${gone.url}/2.0`;
  await gone[Symbol.asyncDispose]();
  await using setup = await clientSetup({ apiUrl });
  await assert.rejects(setup.bitbucket.listRunners(), (error) => {
    assert.ok(error instanceof ApiError);
    assert.match(
      error.message,
      /^Cannot list runners: Bitbucket could not be reached for GET …\/pipelines-config\/runners \(127\.0\.0\.1:\d+ refuses the connection\) in 5/,
    );
    assert.match(error.hint ?? "", /HTTPS_PROXY/);
    return true;
  });
});

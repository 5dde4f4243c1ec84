import assert from "node:assert/strict";
import { boundedFetch, NoAnswerError } from "../../../shared/aws/aws_fetch.ts";
import { type EndlessAnswer, serveEndless } from "../../fixtures/servers/endless_server.ts";
import { type RawAnswer, serveRawHttp } from "../../fixtures/servers/raw_http_server.ts";

const HOST = { fetch, env: {} };

Deno.test("`boundedFetch()` hands the whole answer out", async () => {
  const answer: RawAnswer = { kind: "answer", status: 418, headers: { "x-one": "1" }, body: "tea" };
  await withServer(answer, async (url) => {
    const response = await boundedFetch(HOST, 5000)(url);
    assert.equal(response.status, 418);
    assert.equal(response.headers.get("x-one"), "1");
    assert.equal(await response.text(), "tea");
  });
});

Deno.test("`boundedFetch()` knows answers without a body", async () => {
  await withServer(
    { kind: "answer", status: 204, headers: { "content-length": "0" }, body: "" },
    async (url) => {
      assert.equal((await boundedFetch(HOST, 5000)(url)).status, 204);
    },
  );
});

const BROKEN: readonly (readonly [string, RawAnswer, RegExp])[] = [
  ["never comes", { kind: "hang" }, /^127\.0\.0\.1:\d+ is silent for 0\.2 s$/],
  [
    "stops in the middle",
    { kind: "answer", status: 200, headers: { "content-length": "99" }, body: "cut" },
    /./,
  ],
  ["is a closed connection", { kind: "close" }, /./],
];
for (const [what, answer, message] of BROKEN) {
  Deno.test(`\`boundedFetch()\` tells the SDK to retry when the answer ${what}`, async () => {
    await withServer(answer, async (url) => {
      await assert.rejects(boundedFetch(HOST, 200)(url), (error) => {
        assert.ok(error instanceof NoAnswerError);
        assert.match(error.message, message);
        assert.ok(error.$retryable);
        return true;
      });
    });
  });
}

Deno.test("`boundedFetch()` ends at once when its caller no longer wants the answer", async () => {
  await withServer({ kind: "hang" }, async (url) => {
    const reason = new Error("not wanted any more");
    const pending = boundedFetch(HOST, 60_000)(url, { signal: AbortSignal.abort(reason) });
    await assert.rejects(pending, (error) => error === reason);
  });
});

const EXCESSIVE: readonly (readonly [what: string, answer: EndlessAnswer, message: string])[] = [
  ["never ends", { status: 400 }, "more than 16 MB"],
  ["never ends, once it is decompressed", { compressed: true }, "more than 16 MB"],
];
for (const [what, answer, message] of EXCESSIVE) {
  Deno.test(`\`boundedFetch()\` cuts off an answer that ${what}, and tells the SDK to retry`, async () => {
    await using server = await serveEndless(answer);
    await assert.rejects(boundedFetch(HOST, 60_000)(server.url), {
      name: "NoAnswerError",
      message,
      $retryable: {},
      $metadata: { httpStatusCode: answer.status ?? 200 },
    });
    await server.left;
  });
}

const UNWIELDY: readonly (readonly [body: string, message: string])[] = [
  ["[".repeat(1_000_000), "it nests too deep"],
  ["<a>".repeat(1_000_000), "it nests too deep"],
  [`[${"{},".repeat(200_000)}{}]`, "it holds too many values"],
];
for (const [body, message] of UNWIELDY) {
  Deno.test(`\`boundedFetch()\` tells the SDK to retry what begins with ${body.slice(0, 6)}: ${message}`, async () => {
    await withServer({ kind: "answer", status: 200, headers: {}, body }, async (url) => {
      await assert.rejects(boundedFetch(HOST, 60_000)(url), { name: "NoAnswerError", message });
    });
  });
}

async function withServer(answer: RawAnswer, use: (url: string) => Promise<void>): Promise<void> {
  const server = serveRawHttp(() => answer);
  try {
    await use(server.url);
  } finally {
    await server.close();
  }
}

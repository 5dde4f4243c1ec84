import assert from "node:assert/strict";
import { boundedFetch, NoAnswerError } from "../../../shared/aws/aws_fetch.ts";
import { type RawAnswer, serveRawHttp } from "../../fixtures/servers/raw_http_server.ts";

Deno.test("`boundedFetch()` hands the whole answer out", async () => {
  const answer: RawAnswer = { kind: "answer", status: 418, headers: { "x-one": "1" }, body: "tea" };
  await withServer(answer, async (url) => {
    const response = await boundedFetch(fetch, 5000)(url);
    assert.equal(response.status, 418);
    assert.equal(response.headers.get("x-one"), "1");
    assert.equal(await response.text(), "tea");
  });
});

Deno.test("`boundedFetch()` knows answers without a body", async () => {
  await withServer(
    { kind: "answer", status: 204, headers: { "content-length": "0" }, body: "" },
    async (url) => {
      assert.equal((await boundedFetch(fetch, 5000)(url)).status, 204);
    },
  );
});

const BROKEN: readonly (readonly [string, RawAnswer, RegExp])[] = [
  ["never comes", { kind: "hang" }, /^no answer within 0\.2 s$/],
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
      await assert.rejects(boundedFetch(fetch, 200)(url), (error) => {
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
    const pending = boundedFetch(fetch, 60_000)(url, { signal: AbortSignal.abort(reason) });
    await assert.rejects(pending, (error) => error === reason);
  });
});

async function withServer(answer: RawAnswer, use: (url: string) => Promise<void>): Promise<void> {
  const server = serveRawHttp(() => answer);
  try {
    await use(server.url);
  } finally {
    await server.close();
  }
}

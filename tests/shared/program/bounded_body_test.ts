import assert from "node:assert/strict";
import { boundedBody, EndlessAnswerError } from "../../../shared/program/bounded_body.ts";
import { serveEndless } from "../../fixtures/servers/endless_server.ts";

const MB = 1024 * 1024;

Deno.test("`boundedBody()` hands on status, headers and a body of the most that is read", async () => {
  const headers = { "x-one": "1" };
  const answer = boundedBody(new Response("x".repeat(MB), { status: 418, statusText: "tea", headers }), MB);
  assert.deepEqual([answer.status, answer.statusText, answer.headers.get("x-one")], [418, "tea", "1"]);
  assert.equal((await answer.text()).length, MB);
});

Deno.test("`boundedBody()` refuses one byte more", async () => {
  const answer = boundedBody(new Response("x".repeat(MB + 1)), MB);
  await assert.rejects(answer.text(), { name: "EndlessAnswerError", message: "more than 1 MB" });
});

Deno.test("`boundedBody()` leaves an answer without a body as it is", () => {
  const answer = new Response(null, { status: 204 });
  assert.equal(boundedBody(answer, MB), answer);
});

for (const compressed of [false, true]) {
  const what = compressed ? "inflates without end" : "streams without end";
  Deno.test(`\`boundedBody()\` cuts off a server that ${what}`, async () => {
    await using server = await serveEndless({ compressed });
    const answer = boundedBody(await fetch(server.url), MB);
    await assert.rejects(answer.arrayBuffer(), EndlessAnswerError);
    await server.left;
  });
}

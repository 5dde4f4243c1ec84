import assert from "node:assert/strict";
import { download, securely } from "../../../scripts/outside/download.ts";
import { serveAssets } from "../../fixtures/servers/asset_server.ts";
import { serveRawHttp } from "../../fixtures/servers/raw_http_server.ts";

Deno.test("`download()` follows redirects, but none that anybody on the way could change", async () => {
  await using server = serveAssets(new Map([["x", new TextEncoder().encode("abc")]]));
  server.faults.set("/near", [{ location: "/x" }]);
  assert.equal(new TextDecoder().decode(await download(`${server.url}/near`)), "abc");
  server.faults.set("/far", [{ location: "http://mirror.test/x" }]);
  await assert.rejects(download(`${server.url}/far`), /http:\/\/mirror\.test is not https/);
  await assert.rejects(download("http://mirror.test/x"), /http:\/\/mirror\.test is not https/);
  await assert.rejects(download(`${server.url}/y`), /it answered 404/);
  server.faults.set("/round", Array(20).fill({ location: "/round" }));
  await assert.rejects(download(`${server.url}/round`), /redirects more than 10 times/);
});

Deno.test("`securely()` tells nobody else what proves who asks", async () => {
  const seen: (string | null)[] = [];
  const body = { headers: {}, body: "", kind: "answer" } as const;
  const other = serveRawHttp(({ headers }) => {
    seen.push(headers.get("authorization"));
    return { ...body, status: 200 };
  });
  const first = serveRawHttp(({ headers }) => {
    seen.push(headers.get("authorization"));
    return { ...body, status: 302, headers: { Location: `${other.url}/` } };
  });
  try {
    await (await securely(first.url, { authorization: "Bearer x", accept: "y" })).body?.cancel();
    assert.deepEqual(seen, ["Bearer x", null]);
  } finally {
    await first.close();
    await other.close();
  }
});

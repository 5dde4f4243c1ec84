import assert from "node:assert/strict";
import { networkFault } from "../../../shared/program/network_fault.ts";
import { needing } from "../../fixtures/needing.ts";
import { serveRawHttp } from "../../fixtures/servers/raw_http_server.ts";
import { serveTls } from "../../fixtures/servers/tls_server.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

type Expected = readonly [kind: string, message: RegExp, hint: RegExp | undefined];

async function assertFault(url: string, [kind, message, hint]: Expected, env: Record<string, string> = {}) {
  const client = env["HTTPS_PROXY"] === undefined
    ? undefined
    : Deno.createHttpClient({ proxy: { url: env["HTTPS_PROXY"] } });
  const error = await fetch(url, client === undefined ? {} : { client }).catch((error) => error);
  client?.close();
  const fault = networkFault(error, url, env);
  assert.equal(fault.kind, kind, fault.message);
  assert.match(fault.message, message);
  if (hint === undefined) assert.equal(fault.hint, undefined);
  else assert.match(fault.hint ?? "", hint);
}

Deno.test("`networkFault()` names a host without an address", async () => {
  await assertFault("https://nobody.invalid/", [
    "name",
    /^no address is known for nobody\.invalid \(DNS\)$/,
    /HTTPS_PROXY/,
  ]);
});

Deno.test("`networkFault()` names a port that refuses, and the proxy where that is asked", async () => {
  const port = freePort();
  await assertFault(`http://127.0.0.1:${port}/`, [
    "refused",
    new RegExp(`^127\\.0\\.0\\.1:${port} refuses the connection$`),
    /whether it wants a proxy/,
  ]);
  await assertFault("https://nobody.invalid/", [
    "refused",
    new RegExp(`^the proxy 127\\.0\\.0\\.1:${port} refuses the connection$`),
    /check HTTPS_PROXY/,
  ], { HTTPS_PROXY: `http://user:hidden@127.0.0.1:${port}` });
});

Deno.test("`networkFault()` names a proxy that wants to know who asks", async () => {
  const proxy = serveRawHttp(() => ({
    kind: "answer",
    status: 407,
    headers: { "content-length": "0" },
    body: "",
  }));
  try {
    const expected: Expected = [
      "proxy",
      /^the proxy 127\S+ does not let the request through \(/,
      /user and password/,
    ];
    await assertFault("https://nobody.invalid/", expected, { HTTPS_PROXY: proxy.url });
  } finally {
    await proxy.close();
  }
});

Deno.test("`networkFault()` names a server that breaks the connection off", async () => {
  const server = serveRawHttp(() => ({ kind: "close" }));
  try {
    await assertFault(server.url, ["broken", /^127\S+ broke the connection off \(/, undefined]);
  } finally {
    await server.close();
  }
});

Deno.test({
  ...needing(["openssl"], "`networkFault()` names a certificate that nobody here vouches for"),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      await using server = await serveTls(folder, new Map());
      await assertFault(server.url, [
        "certificate",
        /^the certificate of 127\S+ is of an unknown authority/,
        /DENO_CERT/,
      ]);
    }),
});

const TLS: readonly (readonly [reason: string, message: RegExp, hint: RegExp])[] = [
  ["UnknownIssuer", /is of an unknown authority \(UnknownIssuer\)$/, /DENO_CERT/],
  ["Expired", /is out of date \(Expired\)$/, /clock/],
  ['NotValidForNameContext { expected: "x" }', /is for another name \(NotValidForNameContext\)$/, /address/],
];
for (const [reason, message, hint] of TLS) {
  Deno.test(`\`networkFault()\` words the certificate problem ${reason.slice(0, 15)}`, () => {
    const cause = new Error(
      `error sending request for url (https://h/): client error (Connect): invalid peer certificate: ${reason}`,
    );
    const fault = networkFault(new TypeError("fetch failed", { cause }), "https://h/", {});
    assert.match(fault.message, message);
    assert.match(fault.hint ?? "", hint);
  });
}

Deno.test("`networkFault()` leaves the proxy out for hosts that are spared, and shows what it does not know", () => {
  const env = { HTTPS_PROXY: "proxy:3128", NO_PROXY: "other, .example.com" };
  const error = new TypeError("fetch failed", { cause: new Error("error sending request for url (x): odd") });
  assert.equal(networkFault(error, "https://api.example.com/", env).message, "api.example.com: odd");
  assert.equal(networkFault(error, "https://example.org/", env).message, "the proxy proxy:3128: odd");
  assert.equal(networkFault("text", "no url", env).message, "the server: text");
});

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

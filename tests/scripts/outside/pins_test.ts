import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Manifest, NOT_RECORDED } from "../../../scripts/outside/manifest.ts";
import { needing } from "../../fixtures/needing.ts";
import { serveRawHttp } from "../../fixtures/servers/raw_http_server.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const PROJECT = new URL("../../../", import.meta.url).pathname;
const INTEGRITY = `sha512-${new Uint8Array(64).fill(7).toBase64()}`;
const INDEX = '{"manifests": []}';
const DIGEST = `sha256:${sha256(INDEX)}`;

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** npm's registry, an image's registry with its tokens, and a download page, at one address. */
function serveOutside(): { url: string } & AsyncDisposable {
  const server = serveRawHttp(({ path, headers }) => {
    const answer = (body: string, status = 200, more = {}) =>
      ({ kind: "answer", status, headers: { "content-type": "application/json", ...more }, body }) as const;
    if (path.startsWith("/deno")) {
      const version = {
        name: "deno",
        version: "2.9.6",
        dist: { integrity: INTEGRITY, tarball: `${server.url}/t.tgz` },
      };
      return answer(
        JSON.stringify({ name: "deno", "dist-tags": { latest: "2.9.6" }, versions: { "2.9.6": version } }),
      );
    }
    if (path.startsWith("/token?service=test&scope=repository")) return answer('{"token": "anonymous"}');
    if (path === "/v2/base/manifests/1.2") {
      if (headers.get("authorization") === "Bearer anonymous") return answer(INDEX);
      const realm = `Bearer realm="${server.url}/token",service="test",scope="repository:base:pull"`;
      return answer("{}", 401, { "WWW-Authenticate": realm });
    }
    return path === "/runner-5.tgz" ? answer("runner") : answer("{}", 404);
  });
  return { url: server.url, [Symbol.asyncDispose]: () => server.close() };
}

/** A checkout in little, whose manifest points to the server. */
async function withCheckout(
  body: (
    place: {
      folder: string;
      manifest: () => Promise<Manifest>;
      run: (...command: string[]) => Promise<Ended>;
    },
  ) => Promise<void>,
): Promise<void> {
  await using server = serveOutside();
  const host = server.url.replace("http://", "");
  await withTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/scripts`);
    const file = `${folder}/scripts/outside.lock.json`;
    const manifest: Manifest = {
      deno: { npm: "deno", version: "2.9.6", hash: "sha512-old" },
      runner: { url: `${server.url}/runner-{version}.tgz`, version: "5", hash: NOT_RECORDED },
      gone: { url: `${server.url}/gone`, version: "6", hash: "stays" },
      base: { image: `${host}/base`, version: "1.2", hash: NOT_RECORDED, usedIn: ["Dockerfile"] },
    };
    await Deno.writeTextFile(file, JSON.stringify(manifest));
    await Deno.writeTextFile(`${folder}/Dockerfile`, `ARG BASE=${host}/base:1.2\n`);
    await body({
      folder,
      manifest: async () => JSON.parse(await Deno.readTextFile(file)),
      run: async (command = "", ...args) => {
        const env = { npm_config_registry: server.url, npm_config_cache: `${folder}/npm`, NO_COLOR: "1" };
        const { code, stdout, stderr } = await new Deno.Command(command, { args, env, cwd: PROJECT })
          .output();
        return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
      },
    });
  });
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

Deno.test({
  ...needing(
    ["npm"],
    "`deno task pins` records what npm, a registry and a server say, and shows what differs",
  ),
  fn: () =>
    withCheckout(async ({ folder, manifest, run }) => {
      const { code, stdout, stderr } = await run(
        Deno.execPath(),
        "run",
        "-q",
        "-A",
        "scripts/pins.ts",
        "--checkout",
        folder,
      );
      assert.equal(code, 1);
      assert.match(stderr, /^error: Cannot look at gone: see above\n$/);
      assert.equal(
        stdout,
        [
          `deno 2.9.6: CHANGED\n  - sha512-old\n  + ${INTEGRITY}`,
          `runner 5: RECORDED FOR THE FIRST TIME, nobody has compared it yet: ${sha256("runner")}`,
          "gone 6: CANNOT BE LOOKED AT, stays stays: it answered 404",
          `base 1.2: RECORDED FOR THE FIRST TIME, nobody has compared it yet: ${DIGEST}`,
          "",
        ].join("\n"),
      );
      const hashes = Object.values(await manifest()).map(({ hash }) => hash);
      assert.deepEqual(hashes, [INTEGRITY, sha256("runner"), "stays", DIGEST]);
      assert.match(
        await Deno.readTextFile(`${folder}/Dockerfile`),
        new RegExp(`^ARG BASE=127.*/base:1\\.2@${DIGEST}\n$`),
      );
    }),
});

Deno.test({
  ...needing(["npm", "node"], "check_deno.sh passes the Deno that is pinned, and no other"),
  fn: () =>
    withCheckout(async ({ folder, manifest, run }) => {
      const script = `${folder}/scripts/check_deno.sh`;
      await Deno.copyFile(`${PROJECT}scripts/check_deno.sh`, script);
      const refused = await run("sh", script);
      assert.equal(refused.code, 1);
      assert.equal(
        refused.stderr,
        `error: Cannot use deno@2.9.6: npm names ${INTEGRITY}, and scripts/outside.lock.json sha512-old\n`,
      );
      const pinned = await manifest();
      const deno = { npm: "deno", version: "2.9.6", hash: INTEGRITY };
      await Deno.writeTextFile(`${folder}/scripts/outside.lock.json`, JSON.stringify({ ...pinned, deno }));
      assert.deepEqual(await run("sh", script), { code: 0, stdout: "", stderr: "" });
    }),
});

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { type InstallSite, testInstaller } from "../fixtures/programs/installer_run.ts";
import { runnerArchive, serveRunner } from "../fixtures/servers/runner_maker.ts";
import { forgedLine, hostileWord } from "./hostile_text.ts";

const RUNS = 12;
const SAID =
  /^(error: |hint: |Attempt \d|Installed: |Already installed: |mv: |http:\S+ answered \d+, so http\S+ is tried$)/;

testInstaller("runs nothing of hostile options and variables, and forges no line", async (site) => {
  const options = fc.constantFrom("--dest", "--base-url", "--version", "--other");
  await fc.assert(
    fc.asyncProperty(options, hostileWord, hostileWord, async (option, value, other) => {
      site.env["MARK"] = `${site.folder}/mark`;
      site.env["RUNNER_RELEASE_URL"] = other;
      // Nothing is to be looked up, and nothing outside of the place made, by a test.
      site.env["http_proxy"] = site.env["https_proxy"] = site.server.url;
      const dest = option === "--dest" ? `${site.folder}/place/${value}` : site.dest;
      const args = option === "--dest" ? [] : [option, value];
      const { code, stdout, stderr } = await site.install("--dest", dest, ...args);
      const shown = JSON.stringify({ code, stdout, stderr });
      assert.ok([0, 1, 2].includes(code), shown);
      assert.equal(forgedLine(stderr, SAID), undefined, shown);
      assert.equal(forgedLine(stdout, SAID), undefined, shown);
      assertNothingElse(site.folder);
    }),
    { numRuns: RUNS },
  );
});

/** Serves a bundle that says something else of itself. */
async function serveWith(
  site: InstallSite,
  change: (manifest: Record<string, string>) => Record<string, string>,
) {
  await site.changeBundle((entry) => {
    if (entry.path !== "bundle.json") return entry;
    const manifest = JSON.parse(new TextDecoder().decode(entry.content));
    return {
      ...entry,
      content: new TextEncoder().encode(JSON.stringify({ ...manifest, ...change(manifest) })),
    };
  });
}

testInstaller("runs nothing of what a hostile bundle says of itself, and forges no line", async (site) => {
  const original = new Map(site.assets);
  const fields = fc.constantFrom("type", "version", "arch", "entries");
  await fc.assert(
    fc.asyncProperty(fields, hostileWord, fc.boolean(), async (field, value, existing) => {
      for (const [name, content] of original) site.assets.set(name, content);
      await serveWith(
        site,
        (manifest) => ({ [field]: field === "entries" ? `${manifest[field]} ${value}` : value }),
      );
      await Deno.remove(site.dest, { recursive: true }).catch(() => {});
      if (existing) await Deno.mkdir(site.dest, { recursive: true });
      const { code, stdout, stderr } = await site.install();
      const shown = JSON.stringify({ code, stdout, stderr });
      assert.equal(forgedLine(stderr, SAID), undefined, shown);
      assert.equal(forgedLine(stdout, SAID), undefined, shown);
      assertNothingElse(site.folder);
    }),
    { numRuns: RUNS },
  );
});

testInstaller("runs nothing of where a hostile bundle says that the runner is", async (site) => {
  // Nothing is to be looked up by a test.
  site.env["http_proxy"] = site.env["https_proxy"] = site.server.url;
  site.env["no_proxy"] = "127.0.0.1";
  site.env["MARK"] = `${site.folder}/mark`;
  const archive = await runnerArchive();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("url", "sha256"),
      hostileWord,
      fc.boolean(),
      async (field, value, led) => {
        const wanted = led && field === "url" ? `http://127.0.0.1:9/${value}` : value;
        await using _maker = await serveRunner(site, archive, { [field]: wanted });
        const { code, stdout, stderr } = await site.install();
        const shown = JSON.stringify({ code, stdout, stderr });
        assert.ok(code === 1 || (code === 0 && stdout.startsWith("Installed: ")), shown);
        assert.equal(forgedLine(stderr, SAID), undefined, shown);
        assert.equal(forgedLine(stdout, SAID), undefined, shown);
        assertNothingElse(site.folder);
        await Deno.remove(site.dest, { recursive: true }).catch(() => {});
      },
    ),
    { numRuns: RUNS },
  );
});

testInstaller(
  "takes no folder from elsewhere, nor removes one, that a bundle names as its own",
  async (site) => {
    const original = new Map(site.assets);
    for (const name of [1, 2, 3, 4, 5].map((depth) => `${"../".repeat(depth)}keep`)) {
      for (const [asset, content] of original) site.assets.set(asset, content);
      await serveWith(site, ({ entries }) => ({ entries: `${name} * ${entries}` }));
      await Deno.remove(site.dest, { recursive: true }).catch(() => {});
      await Deno.mkdir(`${site.folder}/keep`, { recursive: true });
      await Deno.mkdir(site.dest);
      const { code, stderr } = await site.install();
      assert.equal(code, 1);
      assert.match(stderr, /lists names that are not those of an installation/);
      assert.ok(existsSync(`${site.folder}/keep`), name);
    }
  },
);

/** The folder of a test holds what it has made itself. */
function assertNothingElse(folder: string): void {
  const found = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assert.deepEqual(found.sort(), ["atlassian.tar.gz", "place", "release", "stubs"]);
}

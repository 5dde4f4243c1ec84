import assert from "node:assert/strict";
import { addressOf, type Outside, readManifest } from "../scripts/outside/manifest.ts";
import { codeSpans, section, tableRows, withoutBlocks } from "./fixtures/markdown.ts";
import { sourceText } from "./fixtures/source_text.ts";

const PAGE = await Deno.readTextFile(new URL("../scripts/README.md", import.meta.url));
const ROWS = tableRows(section(PAGE, "hosts"));
const LISTED = ROWS.flatMap(([hosts = ""]) => codeSpans(hosts));
const SOURCE = await sourceText(["cli", "agent", "shared", "scripts/install.sh"]);
/** What builds download; the rest of the manifest is for making releases and images. */
const MANIFEST = await readManifest();
const AT_RUN_TIME = ["atlassian-runner", "atlassian-runner-image"].map((name) => pinned(name));

Deno.test("the allow lists have every https host that occurs in what is shipped", () => {
  const literal = SOURCE.matchAll(/https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)/g);
  const named = new Set([...literal].map((match) => match[1] ?? ""));
  assert.ok(named.has("api.bitbucket.org") && named.has("github.com"), [...named].join(" "));
  assert.deepEqual([...named].filter((host) => !LISTED.includes(host)), []);
});

Deno.test("the allow lists have every host that a build downloads from", () => {
  const hosts = AT_RUN_TIME.map((outside) =>
    "url" in outside ? new URL(outside.url).host : "image" in outside ? outside.image.split("/")[0] ?? "" : ""
  );
  assert.deepEqual(hosts.filter((host) => !LISTED.includes(host)), []);
});

Deno.test("the allow lists have the endpoint of every AWS service that the programs have a client of", () => {
  const services = [...SOURCE.matchAll(/@aws-sdk\/client-([a-z0-9-]+)/g)].map((match) => match[1] ?? "");
  const endpoints = new Set(services.map(endpoint));
  assert.ok(endpoints.size >= 4, [...endpoints].join(" "));
  assert.deepEqual([...endpoints].filter((host) => !LISTED.includes(host)), []);
});

Deno.test("the allow lists say of each host once who needs it, and for what", () => {
  assert.deepEqual(LISTED, [...new Set(LISTED)]);
  for (const [hosts = "", needed = "", purpose = ""] of ROWS) {
    assert.match(needed, /\b(step|build)\b/, hosts);
    assert.ok(purpose.length > 10, hosts);
  }
});

Deno.test("the page names the archive of Atlassian's runner as a mirror has to hold it", () => {
  const [runner] = AT_RUN_TIME;
  assert.ok(runner !== undefined && "url" in runner);
  const name = addressOf(runner).split("/").at(-1) ?? "";
  const named = codeSpans(withoutBlocks(PAGE)).filter((text) =>
    /^atlassian-bitbucket-pipelines-runner/.test(text)
  );
  assert.ok(named.length >= 2);
  assert.deepEqual([...new Set(named)], [name]);
});

function pinned(name: string): Outside {
  return MANIFEST[name] ?? assert.fail(`The manifest has no ${name}`);
}

/** Endpoints that are called otherwise than their service's client, or are not a region's. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "cloudwatch-logs": "logs.REGION.amazonaws.com",
  "iam": "iam.amazonaws.com",
  "secrets-manager": "secretsmanager.REGION.amazonaws.com",
  "service-quotas": "servicequotas.REGION.amazonaws.com",
};

function endpoint(service: string): string {
  return OTHERWISE[service] ?? `${service}.REGION.amazonaws.com`;
}

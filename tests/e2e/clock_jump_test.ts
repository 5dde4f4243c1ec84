import assert from "node:assert/strict";
import { createBitbucket } from "../../shared/bitbucket/bitbucket_client.ts";
import { removeLeftovers } from "../../shared/leftovers/leftovers.ts";
import { Logger } from "../../shared/output/log.ts";
import { Redactor } from "../../shared/output/redact.ts";
import type { LocalCloud } from "../../scripts/local_cloud/start_local_cloud.ts";
import { withLocalCloud } from "../fixtures/programs/local_cloud.ts";
import { quickHost } from "../fixtures/quick_host.ts";

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

/** Wall clocks that are off, or jump to and fro with every look at them. */
const CLOCKS: Readonly<Record<string, () => () => number>> = {
  "a day ahead": () => () => Date.now() + DAY_MS,
  "a day behind": () => () => Date.now() - DAY_MS,
  "jumping to and fro": () => {
    let jump = DAY_MS;
    return () => Date.now() + (jump = -jump);
  },
};

for (const [name, clock] of Object.entries(CLOCKS)) {
  Deno.test(`A wall clock ${name} makes nobody remove a runner that may be booting, or renew tokens`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const host = quickHost({ now: clock() });
      const bitbucket = clientOf(cloud, host);
      const booting = addRunner(cloud, "UNREGISTERED", 20 * MINUTE_MS);
      const restarting = addRunner(cloud, "OFFLINE", 5 * MINUTE_MS);
      addRunner(cloud, "UNREGISTERED", 31 * MINUTE_MS);
      addRunner(cloud, "OFFLINE", 11 * MINUTE_MS);
      const log = new Logger(host, "text", new Redactor());
      const { removed } = await removeLeftovers({
        bitbucket,
        project: "app",
        uncertain: "look twice",
        host,
        log,
      });
      assert.equal(removed.length, 2);
      assert.deepEqual(cloud.bitbucket.runners.all.map(({ uuid }) => uuid), [booting.uuid, restarting.uuid]);
      assert.equal(cloud.requests.count({ call: "OAuthToken" }), 1);
    });
  });
}

function clientOf(cloud: LocalCloud, host: ReturnType<typeof quickHost>) {
  const [consumer] = cloud.bitbucket.settings.consumers;
  return createBitbucket(host, {
    apiUrl: `${cloud.url}/2.0`,
    tokenUrl: `${cloud.url}/site/oauth2/access_token`,
    credentials: { kind: "oauth", clientId: consumer?.key ?? "", clientSecret: consumer?.secret ?? "" },
    workspaceUuid: "acme",
    repositoryUuid: "demo",
    apiTimeoutS: 5,
    log: new Logger(host, "text", new Redactor()),
  });
}

function addRunner({ bitbucket }: LocalCloud, connection: "UNREGISTERED" | "OFFLINE", ageMs: number) {
  const [repository] = bitbucket.settings.repositories;
  const name = `${crypto.randomUUID()}-app`;
  const runner = bitbucket.runners.create(repository?.uuid ?? "", name, ["somebody"]);
  const at = Date.now() - ageMs;
  return Object.assign(runner, { connection, createdAt: at, updatedAt: at, stateUpdatedAt: at });
}

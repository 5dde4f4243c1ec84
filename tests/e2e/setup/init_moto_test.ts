import assert from "node:assert/strict";
import { GetRoleCommand, GetRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { documentsOf } from "../../../scripts/setup/page_documents.ts";
import { SETUP } from "../../cli/setup/sample_setup.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { needing } from "../../fixtures/needing.ts";
import { runProcess } from "../../fixtures/programs/start_runner.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

/** Runs a body with moto, an emulator of AWS by others, which is gone afterwards. */
async function withMoto(body: (url: string) => Promise<void>): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const url = `http://127.0.0.1:${port}`;
  const moto = new Deno.Command("moto_server", {
    args: ["-H", "127.0.0.1", "-p", String(port)],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await eventually("moto answers", async () => {
      const response = await fetch(`${url}/moto-api/data.json`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.ok || undefined;
    });
    await body(url);
  } finally {
    moto.kill("SIGKILL");
    await moto.status;
  }
}

Deno.test(needing(["moto_server"], "In moto, init makes roles with the documents of the pages"), async () => {
  await withMoto(async (url) => {
    await withTemporaryFolder(async (folder) => {
      const env = { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
      const { code, stderr } = await runProcess(env, [
        ...[
          "init",
          "--apply",
          "--region",
          SETUP.region,
          "--project",
          SETUP.project,
          "--credentials",
          "runner",
        ],
        ...["--workspace", SETUP.workspace, "--workspace-uuid", SETUP.workspaceUuid],
        ...["--repositories", SETUP.repositories[0]?.uuid ?? "", "--pipeline", `${folder}/p.yml`],
      ]);
      assert.equal(code, 0, stderr);
      const expected = documentsOf({ ...SETUP, startRole: "ci-start", credentials: "runner" });
      assert.deepEqual({
        ...await documentsIn(url, "ci-start", "start-runner", "trust.json", "permissions.json"),
        ...await documentsIn(url, "ci-build", "build", "service-trust.json", "service-permissions.json"),
      }, JSON.parse(JSON.stringify(expected)));
    });
  });
});

async function documentsIn(
  url: string,
  RoleName: string,
  PolicyName: string,
  trust: string,
  permissions: string,
) {
  const iam = new IAMClient({
    endpoint: url,
    region: SETUP.region,
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    requestHandler: new FetchHttpHandler(),
  });
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
  const read = (text = "") => JSON.parse(decodeURIComponent(text));
  return { [trust]: read(Role?.AssumeRolePolicyDocument), [permissions]: read(PolicyDocument) };
}

import assert from "node:assert/strict";
import { needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const PROGRAM = new URL("../../../scripts/local_cloud.ts", import.meta.url).pathname;

Deno.test("`local-cloud --platform` refuses a profile with an unknown setting before anything starts", async () => {
  await withProfile({ showStep: true }, async (profile) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: args(profile) })
      .output();
    assert.equal(code, 1);
    assert.match(new TextDecoder().decode(stderr), /^error: Cannot use platform profile: unknown showStep/);
    assert.equal(stdout.length, 0);
  });
});

Deno.test(needing(["tar"], "`local-cloud --platform` plays the profile"), async () => {
  await withProfile({ addsSelfHosted: true }, async (profile) => {
    const child = new Deno.Command(Deno.execPath(), { args: args(profile), stdout: "piped" }).spawn();
    try {
      const url = await printedUrl(child.stdout);
      const response = await fetch(`${url}/repositories/acme/demo/pipelines-config/runners`, {
        method: "POST",
        headers: { authorization: "Bearer local-cloud-access-token" },
        body: JSON.stringify({ name: "n", labels: ["linux.shell"] }),
      });
      assert.deepEqual((await response.json()).labels, ["self.hosted", "linux.shell"]);
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
  });
});

function args(profile: string): string[] {
  return ["run", "-q", "-A", PROGRAM, "--port", "0", "--quiet", "--platform", profile];
}

async function withProfile(profile: object, body: (file: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/profile.json`, JSON.stringify(profile));
    await body(`${folder}/profile.json`);
  });
}

/** The address of Bitbucket's API, which the program prints among the variables to be set. */
async function printedUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const url = /BITBUCKET_API_URL=(\S+)\n/.exec(text)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`No address was printed: ${text}`);
}

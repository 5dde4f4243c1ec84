import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { ContainerRegistry } from "../../../scripts/publish/container_registry.ts";
import { imageFromArchive, imageIndex } from "../../../scripts/publish/image_archive.ts";
import {
  type ImageFamily,
  moveTags,
  pullAnonymously,
  pushArchitectures,
  pushVersion,
} from "../../../scripts/publish/publish_images.ts";
import { savedImage } from "../../../scripts/publish/rehearsal/sample_images.ts";
import { dockerOutput, makeTestImage, TEST_IMAGE, whyNoDocker } from "../../fixtures/docker_image.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const VERSION = "1.2.3";

/** The reference implementation of a registry, as Debian has it, on a free port and without accounts. */
async function withRegistry(run: (host: string, folder: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const host = `127.0.0.1:${port}`;
    const config = { version: 0.1, storage: { filesystem: { rootdirectory: folder } }, http: { addr: host } };
    await Deno.writeTextFile(`${folder}/config.yml`, JSON.stringify(config));
    const registry = new Deno.Command("docker-registry", {
      args: ["serve", `${folder}/config.yml`],
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await eventually(
        "the registry answers",
        () => fetch(`http://${host}/v2/`).then((response) => response.text(), () => undefined),
      );
      await run(host, folder);
    } finally {
      registry.kill("SIGKILL");
      await registry.status;
    }
  });
}

function familyAt(host: string, images: ImageFamily["images"]): ImageFamily {
  const url = `http://${host}/v2/acme/runner-shell`;
  const service = { url, headers: {}, timeoutMs: 10_000, pauseMs: 10 };
  return { name: `${host}/acme/runner-shell`, registry: new ContainerRegistry(service), images };
}

Deno.test({
  ...needing(
    ["docker-registry"],
    "a registry of others takes images, and leads to them by the names they are given",
  ),
  fn: () =>
    withRegistry(async (host) => {
      const family = familyAt(
        host,
        new Map([
          ["x86_64", await imageFromArchive(await savedImage("amd64", "one"))],
          ["arm64", await imageFromArchive(gzipSync(await savedImage("arm64", "two")))],
        ]),
      );
      const said: string[] = [];
      const say = (line: string) => void said.push(line);
      await pushArchitectures(family, VERSION, say);
      await pullAnonymously(family, VERSION, "architectures");
      assert.equal(await family.registry.digestOf(VERSION), undefined);
      await pushVersion(family, VERSION, say);
      await pullAnonymously(family, VERSION, "version");
      await moveTags(family, ["latest"], say);
      assert.equal(await family.registry.digestOf("latest"), imageIndex([...family.images.values()]).digest);
      const moves = said.length;
      await moveTags(family, ["latest"], say);
      assert.equal(said.length, moves, "a tag that leads there already is left alone");
      const other = new Map([["x86_64", await imageFromArchive(await savedImage("amd64", "other"))]]);
      await assert.rejects(
        pushArchitectures({ ...family, images: other }, VERSION, say),
        /publish a new version/,
      );
    }),
});

Deno.test({
  name: "what `docker save` writes is pushed so that Docker can pull and run it",
  ignore: needing(["docker-registry"], "").ignore || await whyNoDocker() !== undefined,
  fn: () =>
    withRegistry(async (host, folder) => {
      await makeTestImage();
      await dockerOutput("save", "--output", `${folder}/image.tar`, TEST_IMAGE);
      const image = await imageFromArchive(await Deno.readFile(`${folder}/image.tar`));
      await dockerOutput("image", "rm", TEST_IMAGE);
      const family = familyAt(host, new Map([["x86_64", image]]));
      await pushArchitectures(family, VERSION, () => {});
      await pushVersion(family, VERSION, () => {});
      const name = `${family.name}:${VERSION}`;
      try {
        const printed = await dockerOutput(
          "run",
          "--rm",
          "--entrypoint",
          "/bin/sh",
          name,
          "-c",
          "echo pulled",
        );
        assert.equal(printed, "pulled");
      } finally {
        await dockerOutput("image", "rm", "--force", name);
      }
    }),
});

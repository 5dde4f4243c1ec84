import assert from "node:assert/strict";
import { libraryPath } from "../../../agent/java/library_path.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

/** The variable, with HOME and OTHER for two Java homes, and whether Java would begin anew under it. */
const CASES: readonly (readonly [path: string | undefined, anew: boolean])[] = [
  [undefined, false],
  ["", false],
  ["/usr/lib:/opt/lib/server", false],
  ["OTHER/lib/server", true],
  ["/usr/lib:HOME/lib/server", true],
  ["HOME/lib/server:OTHER/lib/server", false],
  ["OTHER/lib", false],
];

for (const [path, anew] of CASES) {
  Deno.test(`\`libraryPath()\` ${anew ? "puts the Java's own before" : "leaves"} ${path ?? "an unset variable"}`, async () => {
    await withTemporaryFolder(async (folder) => {
      const [home, other] = [`${folder}/home`, `${folder}/other`];
      for (const one of [home, other]) await writeScript(`${one}/lib/server/libjvm.so`);
      const present = path?.replaceAll("HOME", home).replaceAll("OTHER", other);
      const env = present === undefined ? {} : { LD_LIBRARY_PATH: present };
      assert.equal(
        await libraryPath(env, { home }),
        anew ? `${home}/lib/server:${home}/lib:${home}/../lib:${present}` : undefined,
      );
      assert.equal(await libraryPath(env, { home: undefined }), undefined);
      assert.equal(await libraryPath(env, { home: `${folder}/without a server` }), undefined);
    });
  });
}

import assert from "node:assert/strict";
import { oldestJavaFor } from "../../../agent/java/runner_jar.ts";
import { classFile, jar } from "../../fixtures/class_jar.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const LONG_NAME = `com/${"long".repeat(20)}/Main`;
const LONG_LINE = `Main-Class: ${LONG_NAME.replaceAll("/", ".")}`;
const FOLDED = `${LONG_LINE.slice(0, 72)}\r\n ${LONG_LINE.slice(72)}\r\n`;

const TOLD: readonly {
  name: string;
  files: Record<string, string | Uint8Array<ArrayBuffer>>;
  java: number;
}[] = [
  {
    name: "goes by the main class",
    files: {
      "lib/Old.class": classFile(8),
      "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nMain-Class: a.b.Main\n",
      "a/b/Main.class": classFile(25),
    },
    java: 25,
  },
  {
    name: "reads a main class whose name goes on in the next line",
    files: {
      "Other.class": classFile(17),
      "META-INF/MANIFEST.MF": FOLDED,
      [`${LONG_NAME}.class`]: classFile(21),
    },
    java: 21,
  },
  {
    name: "goes by the application of Spring Boot rather than its loader",
    files: {
      "META-INF/MANIFEST.MF": "Main-Class: org.loader.JarLauncher\r\nStart-Class: a.Runner\r\n",
      "org/loader/JarLauncher.class": classFile(17),
      "BOOT-INF/classes/a/Runner.class": classFile(25),
    },
    java: 25,
  },
  {
    name: "takes the first class where the manifest names none, those for newer Javas left out",
    files: {
      "META-INF/versions/25/a/Main.class": classFile(25),
      "module-info.class": classFile(24),
      "a/module-info.class": classFile(23),
      "a/Main.class": classFile(17),
      "b/Other.class": classFile(21),
    },
    java: 17,
  },
  {
    name: "asks for Java 11 at least",
    files: { "META-INF/MANIFEST.MF": "Main-Class: Main\n", "Main.class": classFile(8) },
    java: 11,
  },
];

for (const { name, files, java } of TOLD) {
  Deno.test(`\`oldestJavaFor()\` ${name}`, async () => {
    await withTemporaryFolder(async (folder) => {
      const { log, text } = recordedLog();
      await Deno.writeFile(`${folder}/runner.jar`, jar(files));
      assert.equal(await oldestJavaFor(`${folder}/runner.jar`, log), java);
      assert.equal(text(), "");
    });
  });
}

const SILENT: readonly { name: string; bytes: Uint8Array | undefined; reason: RegExp }[] = [
  { name: "is not there", bytes: undefined, reason: /No such file/ },
  { name: "is a text", bytes: new TextEncoder().encode("no jar"), reason: /it is no ZIP archive$/ },
  { name: "holds no class", bytes: jar({ "a.txt": "a" }), reason: /there is no class in it$/ },
  { name: "holds something else", bytes: jar({ "a.class": "a" }), reason: /a\.class is no class$/ },
  {
    name: "cannot be unpacked",
    bytes: jar({ "a.class": classFile(17) }).map((byte, at) => at === 41 ? byte ^ 0xff : byte),
    reason: /looked for: ./,
  },
];

for (const { name, bytes, reason } of SILENT) {
  Deno.test(`\`oldestJavaFor()\` falls back to Java 11 and says so when the jar ${name}`, async () => {
    await withTemporaryFolder(async (folder) => {
      const { log, text } = recordedLog();
      const file = `${folder}/runner.jar`;
      if (bytes !== undefined) await Deno.writeFile(file, bytes);
      assert.equal(await oldestJavaFor(file, log), 11);
      assert.ok(text().includes(`Cannot tell which Java ${file} needs, so 11 or later is looked for: `));
      assert.match(text().trimEnd(), reason);
    });
  });
}

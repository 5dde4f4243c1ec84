import assert from "node:assert/strict";
import { findJava } from "../../../agent/java/java.ts";
import type { ProgramError } from "../../../shared/program/errors.ts";
import { makeJava, saysVersionPlainly, sayVersion } from "../../fixtures/programs/runner_home.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const JAR = "/runner/bin/runner.jar";

interface Case {
  readonly name: string;
  /** Java homes in the test's folder, and what their `java` does. */
  readonly javas: Readonly<Record<string, string[]>>;
  readonly javaHome?: string;
  readonly path?: string;
  readonly oldest?: number;
  /** Java home, version and where it was found. */
  readonly taken: readonly [home: string, version: number, foundBy: string];
  readonly takesArgumentFile?: false;
}

const CASES: readonly Case[] = [
  {
    name: "takes JAVA_HOME first",
    javas: {
      home: [sayVersion("17.0.15")],
      onpath: [sayVersion("21.0.2")],
      "jvm/java-11": [sayVersion("11.0.20")],
    },
    javaHome: "home",
    path: "onpath/bin",
    taken: ["home", 17, "JAVA_HOME"],
  },
  {
    name: "takes the PATH's when JAVA_HOME is too old",
    javas: { home: [sayVersion("1.8.0_402")], onpath: [sayVersion("21.0.2")] },
    javaHome: "home",
    path: "onpath/bin",
    taken: ["onpath", 21, "PATH"],
  },
  {
    name: "takes the first suitable installed one, by name",
    javas: {
      "jvm/java-8": [sayVersion("1.8.0_402")],
      "jvm/java-21": [sayVersion("21.0.2")],
      "jvm/java-17": [sayVersion("17.0.15")],
    },
    taken: ["jvm/java-17", 17, "JVM"],
  },
  {
    name: "passes over broken ones",
    javas: {
      home: ["exit 127"],
      onpath: ["echo 'Segmentation fault'; kill -SEGV $$"],
      "jvm/a": ["echo nothing of use"],
      "jvm/b": [sayVersion("25-ea")],
    },
    javaHome: "home",
    path: "onpath/bin",
    oldest: 25,
    taken: ["jvm/b", 25, "JVM"],
  },
  {
    name: "passes over a JAVA_HOME that does not exist, and relative folders on the PATH",
    javas: { "jvm/a": [sayVersion("11")] },
    javaHome: "missing",
    path: ".",
    taken: ["jvm/a", 11, "JVM"],
  },
  {
    name: "takes one that has no use for a file of arguments, and says so",
    javas: { home: [saysVersionPlainly("17.0.15")] },
    javaHome: "home",
    taken: ["home", 17, "JAVA_HOME"],
    takesArgumentFile: false,
  },
];

for (const { name, javas, javaHome, path, oldest, taken, takesArgumentFile = true } of CASES) {
  Deno.test(`\`findJava()\` ${name}`, async () => {
    await withTemporaryFolder(async (folder) => {
      for (const [home, script] of Object.entries(javas)) await makeJava(`${folder}/${home}`, ...script);
      const java = await findJava({
        env: {
          ...(javaHome === undefined ? {} : { JAVA_HOME: `${folder}/${javaHome}` }),
          PATH: path === undefined ? "" : path === "." ? path : `${folder}/${path}`,
        },
        oldestVersion: oldest ?? 11,
        neededBy: JAR,
        jvmFolder: `${folder}/jvm`,
      });
      const [home, majorVersion, foundBy] = taken;
      assert.deepEqual(java, {
        file: `${folder}/${home}/bin/java`,
        home: await Deno.realPath(`${folder}/${home}`),
        majorVersion,
        foundBy: foundBy === "JVM" ? `${folder}/jvm` : foundBy,
        takesArgumentFile,
      });
    });
  });
}

Deno.test("`findJava()` finds the home behind links", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = await makeJava(`${folder}/real`, sayVersion("17.0.15"));
    await Deno.mkdir(`${folder}/usr`);
    await Deno.symlink(file, `${folder}/usr/java`);
    const java = await findJava({
      env: { PATH: `${folder}/usr` },
      oldestVersion: 11,
      neededBy: JAR,
      jvmFolder: folder,
    });
    assert.equal(java.file, `${folder}/usr/java`);
    assert.equal(java.home, await Deno.realPath(`${folder}/real`));
  });
});

Deno.test("`findJava()` lists all it looked at when none is suitable", async () => {
  await withTemporaryFolder(async (folder) => {
    await makeJava(`${folder}/jvm/java-8`, sayVersion("1.8.0_402"));
    await makeJava(`${folder}/jvm/broken`, "exit 3");
    const search = {
      env: { JAVA_HOME: `${folder}/no`, PATH: "" },
      oldestVersion: 11,
      neededBy: JAR,
      jvmFolder: `${folder}/jvm`,
    };
    await assert.rejects(findJava(search), (error: ProgramError) => {
      assert.equal(
        error.message,
        `Cannot find Java 11 or later, which ${JAR} needs: ${folder}/no/bin/java from JAVA_HOME cannot be started (ENOENT); ` +
          `${folder}/jvm/broken/bin/java from ${folder}/jvm ended with 3 when asked for its version; ` +
          `${folder}/jvm/java-8/bin/java from ${folder}/jvm is Java 8`,
      );
      assert.match(error.hint ?? "", /JAVA_HOME/);
      return true;
    });
  });
});

Deno.test("`findJava()` says so when there is no Java at all", async () => {
  await withTemporaryFolder(async (folder) => {
    const search = { env: {}, oldestVersion: 25, neededBy: JAR, jvmFolder: `${folder}/jvm` };
    await assert.rejects(findJava(search), {
      message: `Cannot find Java 25 or later, which ${JAR} needs: there is none`,
    });
  });
});

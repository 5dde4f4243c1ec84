import assert from "node:assert/strict";
import { javaArguments } from "../../../agent/java/java_arguments.ts";
import { javaLauncher, PLACEHOLDER } from "../../../agent/shell/java_launcher.ts";
import { findTool, needing } from "../../fixtures/needing.ts";
import { SHELLS } from "../../fixtures/programs/installer_run.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

/** Shows what it was called with, what it reads, and its environment, for tests to take apart. */
const SHOW = ['printf "<%s>" "$@"; echo', "cat", 'echo; echo "end of stdin"', "env"];

const SECRETS = [
  "plain",
  "a'b\"c\\d",
  " # no comment ",
  "@file",
  "\\",
  '"',
  "ключ-鍵",
  "$(touch x) `touch x`",
  "*",
];
const AROUND = [
  "-jar",
  "-Da=",
  '-Dpath=/a b/it\'s "here"',
  "-Dlines=one\ntwo\r\\n",
  "-Dutf=é",
  "./runner.jar",
];

for (const [shell, ...shellArgs] of SHELLS) {
  Deno.test({
    ...needing(
      [shell],
      `\`javaLauncher()\` under ${shell} becomes Java, which reads its arguments with the secret`,
    ),
    fn: async () => {
      for (const secret of SECRETS) {
        const args = [...AROUND.slice(0, -1), `-Dsecret=${PLACEHOLDER}`, ...AROUND.slice(-1)];
        const { words, read } = await called([shell, ...shellArgs], { args, input: `${secret}\n` });
        assert.equal(words, "<@/dev/stdin>");
        const wanted = args.map((arg) => arg.replace(PLACEHOLDER, () => secret));
        assert.equal(read, javaArguments(wanted), secret);
      }
    },
  });

  Deno.test({
    ...needing(
      [shell],
      `\`javaLauncher()\` under ${shell} is no more than Java where no secret is asked for`,
    ),
    fn: async () => {
      const { words, read } = await called([shell, ...shellArgs], {
        args: ["-version", "a b"],
        input: "kept\n",
      });
      assert.deepEqual([words, read], ["<-version><a b>", "kept\n"]);
    },
  });

  Deno.test({
    ...needing(
      [shell],
      `\`javaLauncher()\` under ${shell} leaves Java the environment that it is to have, without the secret`,
    ),
    fn: async () => {
      const mine = "launcher_secret launcher_list launcher_word launcher_rest launcher_plain".split(" ");
      const env = { PATH: "/usr/bin:/bin:/it's", JAVA_HOME: "/jvm/a b", KEPT: " as it is " };
      const inherited = { ...Object.fromEntries(mine.map((name) => [name, "of the build"])), KEPT: env.KEPT };
      const call = { args: [`-Ds=${PLACEHOLDER}`], input: "the-secret\n", inherited };
      const full = await called([shell, ...shellArgs], { ...call, env });
      assert.match(full.environment, /^PATH=\/usr\/bin:\/bin:\/it's$/m);
      assert.match(full.environment, /^JAVA_HOME=\/jvm\/a b$/m);
      assert.match(full.environment, /^KEPT= as it is $/m);
      assert.doesNotMatch(full.environment, /the-secret/);
      const bare = await called([shell, ...shellArgs], { ...call, env: { PATH: env.PATH } });
      assert.doesNotMatch(bare.environment, /^JAVA_HOME=/m);
    },
  });

  Deno.test({
    ...needing(
      [shell],
      `\`javaLauncher()\` under ${shell} does not start Java with a placeholder for a secret`,
    ),
    fn: async () => {
      const { code, words, stderr } = await called([shell, ...shellArgs], {
        args: [`-Ds=${PLACEHOLDER}`],
        input: "",
      });
      assert.deepEqual([code, words], [1, ""]);
      assert.equal(stderr, "Cannot start the runner: its secret did not come\n");
    },
  });
}

interface Call {
  readonly args: readonly string[];
  readonly input: string;
  readonly env?: Record<string, string>;
  readonly inherited?: Record<string, string>;
}

async function called(shell: readonly string[], { args, input, env, inherited }: Call) {
  let answer = { code: 0, words: "", read: "", environment: "", stderr: "" };
  await withTemporaryFolder(async (folder) => {
    const java = await writeScript(`${folder}/real java's/java`, ...SHOW);
    const text = javaLauncher({ java, env: env ?? { PATH: "/usr/bin:/bin", JAVA_HOME: "/jvm" } });
    await Deno.writeTextFile(`${folder}/java`, text);
    const [program = "", ...options] = shell;
    const child = new Deno.Command(findTool(program) ?? program, {
      args: [...options, `${folder}/java`, ...args],
      clearEnv: true,
      env: { PATH: `${folder}:/usr/bin:/bin`, JAVA_HOME: folder, ...inherited },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input)).catch(() => {});
    await writer.close().catch(() => {});
    const { code, stdout, stderr } = await child.output();
    const [head = "", environment = ""] = new TextDecoder().decode(stdout).split("\nend of stdin\n");
    const cut = head.indexOf("\n");
    answer = {
      code,
      words: head.slice(0, Math.max(cut, 0)),
      read: head.slice(cut + 1),
      environment,
      stderr: new TextDecoder().decode(stderr),
    };
  });
  return answer;
}

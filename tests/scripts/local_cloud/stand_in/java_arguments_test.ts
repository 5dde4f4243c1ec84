import assert from "node:assert/strict";
import { argumentsIn, expandArguments } from "../../../../scripts/local_cloud/stand_in/java_arguments.ts";
import { compileJar } from "../../../fixtures/programs/java_jar.ts";
import { needing } from "../../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../../fixtures/temporary_folder.ts";

const TEXT = String.raw`one  two	three # comment "not one"
"four five" a"b c"d 'x y' 'it"s' "it's"
back\slash "back\\slash" "q\"q" 'q\'q' "\n\r\t\f"
"#in" 'x#y' @file @@file "unclosed
"con\
   tinued" out\
side "" '' "ü"
`;

const MEANT = [
  ...["one", "two", "three", "four five", "ab cd", "x y", 'it"s', "it's"],
  ...["back\\slash", "back\\slash", 'q"q', "q'q", "\n\r\t\f", "#in", "x#y", "@file", "@@file"],
  ...["unclosed", "continued", "out\\", "side", "", "", "ü"],
];

Deno.test("`argumentsIn()` takes quotations, backslashes and comments", () => {
  assert.deepEqual(argumentsIn(TEXT), MEANT);
});

Deno.test({
  ...needing(
    ["java", "javac", "jar"],
    "`argumentsIn()` reads a file of arguments as the Java of this machine does",
  ),
  fn: async () => {
    await withTemporaryFolder(async (folder) => {
      const jar = await compileJar(folder, "Show", SHOW);
      await Deno.writeTextFile(`${folder}/arguments`, `-Dfile.encoding=UTF-8 -jar ${jar}\n${TEXT}`);
      const { stdout } = await new Deno.Command("java", { args: [`@${folder}/arguments`] }).output();
      const shown = new TextDecoder().decode(stdout).split("\n").slice(0, -1);
      // What it makes of «ü» depends on the machine's locale.
      assert.deepEqual(shown.slice(0, -1), argumentsIn(TEXT).slice(0, -1).map(hex));
    });
  },
});

Deno.test("`expandArguments()` replaces files before the jar by what is in them", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, '-jar "-Dx=@y z"');
    assert.deepEqual(
      expandArguments(["-Dfirst", `@${folder}/a`, "@@kept", "./runner.jar", "@after"]),
      ["-Dfirst", "-jar", "-Dx=@y z", "@kept", "./runner.jar", "@after"],
    );
  });
});

const SHOW = `public class Show {
  public static void main(String[] arguments) {
    for (String argument : arguments) {
      StringBuilder line = new StringBuilder();
      for (char c : argument.toCharArray()) line.append(Integer.toHexString(c)).append(' ');
      System.out.println(line);
    }
  }
}`;

function hex(text: string): string {
  return [...text].map((char) => `${char.codePointAt(0)?.toString(16)} `).join("");
}

import process from "node:process";
import { Command, InvalidArgumentError } from "commander";
import { makeLocalRelease } from "./local_cloud/local_release.ts";
import { soak } from "./soak/soak.ts";

interface Flags {
  readonly seconds: number;
  readonly rounds: number;
  readonly parallel: number;
  readonly seed: number;
}

const command = new Command("deno task soak")
  .description(
    "Runs many whole flows side by side on local clouds, with random faults and interruptions, and checks that nothing " +
      "is left over, no step is lost and every pipeline gets its right result. Ends with 1 if not, and says how to replay it.",
  )
  .option("--seconds <number>", "how long new rounds are begun", wholeNumber, 60)
  .option("--rounds <number>", "the most rounds; 1 replays the round of a seed", wholeNumber, Infinity)
  .option("--parallel <number>", "rounds at a time", wholeNumber, 4)
  .option(
    "--seed <number>",
    "the first round's seed; the next ones follow it",
    wholeNumber,
    Date.now() % 1_000_000,
  )
  .action(run);

await command.parseAsync(Deno.args, { from: "user" });

async function run(flags: Flags): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "bitbucket-runner-soak-" });
  try {
    const release = await makeLocalRelease(folder, ["shell"]);
    const good = await soak({ ...flags, release, say: (line) => process.stdout.write(`${line}\n`) });
    if (!good) process.exitCode = 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

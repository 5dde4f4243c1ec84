import process from "node:process";
import { Command } from "commander";
import { type Figure, isMet } from "./bench/report/figure.ts";
import { reportJson, reportLines } from "./bench/report/report.ts";
import { machineClass } from "./bench/report/machine_class.ts";
import { FULL, measureAll, QUICK } from "./bench/measure_all.ts";
import { withFigures } from "./bench/report/readme_figures.ts";

interface Flags {
  readonly json?: string;
  readonly readme?: true;
  readonly quick?: true;
}

const README = new URL("../shared/README.md", import.meta.url);

const command = new Command("deno task bench")
  .description(
    "Measures what the project promises of its speed, its memory and its Bitbucket requests, on a local cloud. Figures " +
      "are for comparison, so it ends with 0 whether the budgets are kept or not. Best on a machine with nothing else to do.",
  )
  .option("--json <file>", "write all measurements to this file (default: a new file for temporary files)")
  .option("--readme", "replace the figures in shared/README.md")
  .option("--quick", "few repetitions and short flows: shows that everything works, not how fast it is")
  .action(bench);

try {
  await command.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function bench({ json, readme, quick }: Flags): Promise<void> {
  if (readme && quick) {
    throw new Error("Cannot combine --readme and --quick: shared/README.md shows full measurements");
  }
  const date = new Date().toISOString();
  const machine = await machineClass();
  const before = Deno.loadavg();
  const figures = await measureAll(quick ? QUICK : FULL, (line) => process.stderr.write(`${line}\n`));
  const report = { date, machine, load: { before, after: Deno.loadavg() }, figures };
  const lines = reportLines(report);
  process.stdout.write(`${lines.join("\n")}\n`);
  const file = json ?? await Deno.makeTempFile({ prefix: "bench-", suffix: ".json" });
  await Deno.writeTextFile(file, `${JSON.stringify(reportJson(report), null, 2)}\n`);
  process.stderr.write(`All measurements: ${file}\n`);
  if (readme) await Deno.writeTextFile(README, withFigures(await Deno.readTextFile(README), lines));
  sayMissed(figures);
}

function sayMissed(figures: readonly Figure[]): void {
  const missed = figures.filter((figure) => isMet(figure) === false).map(({ name }) => name);
  if (missed.length > 0) process.stderr.write(`Above budget: ${missed.join(", ")}\n`);
}

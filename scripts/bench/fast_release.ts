import { programAsset } from "../programs/asset_names.ts";
import { CHECKOUT, configFlags, mainModule } from "../programs/checkout.ts";
import { runDeno } from "../programs/run_deno.ts";
import { shellQuote } from "../programs/shell_quote.ts";
import { sourceWrappers } from "../programs/source_wrappers.ts";
import { type LocalRelease, makeLocalRelease } from "../local_cloud/local_release.ts";

const FAST_AGENT = `${CHECKOUT}/scripts/bench/agent_on_fast_clock.ts`;

/** A local release like any from source, but for the agent's clock; made in a folder that the caller removes. */
export async function makeFastRelease(parent: string): Promise<LocalRelease> {
  const programs = `${parent}/programs`;
  await Deno.mkdir(programs);
  await runDeno(["cache", "-q", ...configFlags(), FAST_AGENT]);
  const wrappers = await sourceWrappers();
  const main = shellQuote(mainModule("codebuild-agent"));
  const agent = new TextDecoder().decode(wrappers["codebuild-agent"]).replace(main, shellQuote(FAST_AGENT));
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x86_64";
  await Deno.writeTextFile(`${programs}/${programAsset("codebuild-agent", arch)}`, agent);
  await Deno.writeFile(`${programs}/${programAsset("start-runner", arch)}`, wrappers["start-runner"]);
  return await makeLocalRelease(parent, ["shell"], { form: "made before", folder: programs });
}

/**
 * A step's command that takes a time, in minutes, of which each second stands for `rate` seconds. `after` is the
 * rate that it leaves: 1 lets everything after the step take its real time.
 */
export function compressedStep(minutes: number, rate: number, after = 1): string {
  const file = '"$CODEBUILD_SRC_DIR/clock-rate"';
  const slow = after === 1 ? `rm -f ${file}; sleep 0.5` : `echo ${after} >${file}`;
  return `echo ${rate} >${file}; sleep ${(minutes * 60 / rate).toFixed(2)}; ${slow}`;
}

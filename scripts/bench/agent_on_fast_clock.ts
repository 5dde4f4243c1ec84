/**
 * The agent on a clock that the steps it serves may speed up, through the file clock-rate in CODEBUILD_SRC_DIR; only
 * for the benchmark, which puts it in the place of codebuild-agent.
 */
import { runAgent } from "../../agent/program.ts";
import { systemHost } from "../../shared/program/system_host.ts";
import { fastHost } from "./fast_clock.ts";

const host = systemHost();
const rateFile = `${host.env["CODEBUILD_SRC_DIR"]}/clock-rate`;
Deno.exit(await runAgent(fastHost(host, rateFile), Deno.args, new AbortController().signal));

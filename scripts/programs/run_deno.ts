import { CHECKOUT } from "./checkout.ts";

/**
 * Runs the Deno that runs this, in the checkout, and gives back its output. `env` replaces the environment. Throws
 * with Deno's messages when it fails.
 */
export async function runDeno(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: CHECKOUT,
    env: { ...env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    clearEnv: env !== undefined,
    stdin: "null",
  });
  const { success, stdout, stderr } = await command.output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(
    `Cannot run «deno ${args.join(" ")}»: ${withoutBacktrace(new TextDecoder().decode(stderr))}`,
  );
}

function withoutBacktrace(messages: string): string {
  return messages.replace(/\n+Stack backtrace:[^]*$/, "").trim();
}

/** Where Java reads its arguments: what stands on its stdin has no name that others could open, and lies on no disk. */
export const ARGUMENT_FILE = "@/dev/stdin";

/** Else HotSpot puts all its arguments into a file below /tmp (its «performance data», for `jps`). */
export const PRIVATE_OPTION = "-XX:-UsePerfData";

/**
 * Java's arguments as a file of them, with the one that keeps them off the disk first. Within double quotes only a
 * backslash, the quotes and line ends need one (Oracle's page on `java`, «java Command-Line Argument Files»).
 */
export function javaArguments(args: readonly string[]): string {
  return [PRIVATE_OPTION, ...args].map((arg) => `"${escaped(arg)}"\n`).join("");
}

function escaped(argument: string): string {
  return argument.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

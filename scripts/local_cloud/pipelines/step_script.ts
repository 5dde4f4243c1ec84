/** A step's commands as one shell script that shows each command and stops at the first that fails. */
export function stepScript(commands: readonly string[]): string {
  return ["set -e", ...commands.flatMap((command) => [`printf '+ %s\\n' ${quoted(command)}`, command]), ""]
    .join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

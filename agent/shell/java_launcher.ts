import { ARGUMENT_FILE, PRIVATE_OPTION } from "../java/java_arguments.ts";

/** Stands for the runner's secret wherever others can look: plain enough for any start script to hand on as it is. */
export const PLACEHOLDER = "the-secret-comes-by-stdin";

export interface JavaLauncher {
  /** The Java that it leads to. */
  readonly java: string;
  /** The environment that Java is to have; while start.sh runs, its PATH and JAVA_HOME lead to the launcher instead. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The text of a `java` for start.sh alone. Called with the placeholder among its arguments, it reads the secret from
 * stdin and becomes the real Java, which then finds all its arguments there; called otherwise, as with `-version`, it
 * becomes that Java as it is.
 */
export function javaLauncher({ java, env }: JavaLauncher): string {
  return `#!/bin/sh
# Made by codebuild-agent: the java of start.sh, which keeps the runner's secret off every command line. Builtins alone
# get to see it. Variables are unset first: one that came by the environment would go on into Java's.
${restored("PATH", env["PATH"])}
${restored("JAVA_HOME", env["JAVA_HOME"])}
case "$*" in
*${PLACEHOLDER}*) ;;
*) exec ${quoted(java)} "$@" ;;
esac
unset launcher_secret launcher_list launcher_word launcher_rest launcher_plain launcher_mark launcher_cr launcher_line
${LIST_ARGUMENTS}
exec ${quoted(java)} ${ARGUMENT_FILE} <<END
$launcher_list
END
`;
}

/** As `javaArguments()` does, for the arguments of the script itself. */
const LIST_ARGUMENTS = `launcher_cr=$(printf '\\r')
launcher_line='
'
if ! IFS= read -r launcher_secret && [ -z "$launcher_secret" ]; then
  echo "Cannot start the runner: its secret did not come" >&2
  exit 1
fi
launcher_list='"${PRIVATE_OPTION}"'
for launcher_word; do
  case $launcher_word in
  *${PLACEHOLDER}*)
    launcher_word=\${launcher_word%%${PLACEHOLDER}*}$launcher_secret\${launcher_word#*${PLACEHOLDER}} ;;
  esac
  launcher_rest=$launcher_word
  launcher_list=$launcher_list$launcher_line\\"
  while [ -n "$launcher_rest" ]; do
    launcher_plain=\${launcher_rest%%[\\\\\\"$launcher_line$launcher_cr]*}
    launcher_list=$launcher_list$launcher_plain
    launcher_rest=\${launcher_rest#"$launcher_plain"}
    launcher_mark=\${launcher_rest%"\${launcher_rest#?}"}
    case $launcher_mark in
    '') ;;
    "$launcher_line") launcher_list=$launcher_list\\\\n ;;
    "$launcher_cr") launcher_list=$launcher_list\\\\r ;;
    *) launcher_list=$launcher_list\\\\$launcher_mark ;;
    esac
    launcher_rest=\${launcher_rest#?}
  done
  launcher_list=$launcher_list\\"
done`;

function restored(name: string, value: string | undefined): string {
  return value === undefined ? `unset ${name}` : `export ${name}=${quoted(value)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

import { type CompletedCommand, type Flag, flagsOf, quoted } from "./completed_command.ts";

/** Completions for zsh, to be sourced or found in its `fpath`. */
export function zsh(commands: readonly CompletedCommand[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, options, words }) => {
    // The command itself is a word to `_arguments`, which stops at one that it does not expect.
    const operands = quoted(words.length === 0 ? "*:word: " : `*:word:(${words.join(" ")})`);
    const specs = [...flagsOf(options).flatMap(zshSpecs), operands];
    return `    ${name})\n      _arguments -s \\\n        ${specs.join(" \\\n        ")}\n      ;;`;
  });
  return `_start_runner() {
  local command=start word
  local -a commands
  commands=(
${list.join("\n")}
  )
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n \${(M)commands:#\${word}:*} ]]; then
      command=$word
      break
    fi
  done
  (( CURRENT == 2 )) && [[ $PREFIX != -* ]] && { _describe command commands; return }
  case $command in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = "_start_runner" ]; then
  _start_runner "$@"
else
  compdef _start_runner start-runner
fi
`;
}

function zshSpecs({ long, short, help, takes }: Flag): string[] {
  const value = { "nothing": "", "a value": ":value: ", "a file": ":file:_files" }[takes];
  const text = help.replaceAll(/[[\]\\:]/g, "\\$&");
  return [long, ...(short === undefined ? [] : [short])].map((flag) => quoted(`${flag}[${text}]${value}`));
}

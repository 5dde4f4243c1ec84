import { type CompletedCommand, flagsOf, followedBy } from "./completed_command.ts";

/** Completions for bash 3.2 and newer. */
export function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options, words }) =>
    `    ${name}) words='${[...words, ...flagsOf(options).map(({ long }) => long)].join(" ")}' ;;`
  );
  const names = commands.map(({ name }) => name);
  const files = followedBy(commands, "a file");
  return `_start_runner() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= words= word
  COMPREPLY=()
  case $previous in
${
    files.length === 0 ? "" : `    ${files.join(" | ")})
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
      return
      ;;
`
  }    ${followedBy(commands, "a value").join(" | ")}) return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case $word in
      ${names.join(" | ")})
        command=$word
        break
        ;;
    esac
  done
  case \${command:-start} in
${cases.join("\n")}
  esac
  [ -n "$command" ] || words="$words ${names.join(" ")}"
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
}
complete -F _start_runner start-runner
`;
}

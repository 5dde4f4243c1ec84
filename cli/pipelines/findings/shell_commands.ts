/** A command of a shell script, as far as it is plainly written: quotes are taken away, `$` is left as it is. */
export interface ShellCommand {
  /** What stands before the command, as in `NAME=value command`. */
  readonly assignments: readonly (readonly [string, string])[];
  readonly words: readonly string[];
}

/** Takes a script apart into its commands, whatever joins them; never throws, and takes time as the text is long. */
export function shellCommands(script: string): ShellCommand[] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  const endWord = () => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (let at = 0; at < script.length; at++) {
    const one = script.charAt(at);
    if (one === "\\") {
      const next = script.charAt(++at);
      if (next !== "\n") word = (word ?? "") + next;
    } else if (one === "'" || one === '"') {
      const end = closingQuote(script, at);
      word = (word ?? "") + unescaped(script.slice(at + 1, end), one);
      at = end;
    } else if (one === "#" && word === undefined) {
      const end = script.indexOf("\n", at);
      at = (end === -1 ? script.length : end) - 1;
    } else if (one === " " || one === "\t" || one === "\r") endWord();
    else if (";&|()\n`".includes(one)) {
      endWord();
      commands.push([]);
    } else word = (word ?? "") + one;
  }
  endWord();
  return commands.filter((words) => words.length > 0).map(withAssignments);
}

/** The name and the value of `NAME=value`; undefined for any other word. */
export function assignment(word: string): readonly [string, string] | undefined {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
  return name === undefined || value === undefined ? undefined : [name, value];
}

function closingQuote(script: string, start: number): number {
  const quote = script.charAt(start);
  for (let at = start + 1; at < script.length; at++) {
    if (script.charAt(at) === quote) return at;
    if (quote === '"' && script.charAt(at) === "\\") at++;
  }
  return script.length;
}

function unescaped(text: string, quote: string): string {
  return quote === '"' ? text.replace(/\\(["\\$`])/g, "$1").replaceAll("\\\n", "") : text;
}

function withAssignments(words: readonly string[]): ShellCommand {
  const first = words.findIndex((word) => assignment(word) === undefined);
  const count = first === -1 ? words.length : first;
  return {
    assignments: words.slice(0, count).flatMap((word) => {
      const found = assignment(word);
      return found === undefined ? [] : [found];
    }),
    words: words.slice(count),
  };
}

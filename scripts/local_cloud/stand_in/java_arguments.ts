/**
 * Arguments as Java gets to see them: an argument `@FILE` before the jar is replaced by those in the file, which is read
 * once. Source: Oracle's page on `java`, «java Command-Line Argument Files».
 */
export function expandArguments(args: readonly string[]): string[] {
  const jar = args.findIndex((argument) => !/^[-@]/.test(argument));
  return args.flatMap((argument, at) => {
    if (jar !== -1 && at >= jar || !argument.startsWith("@")) return [argument];
    if (argument.startsWith("@@")) return [argument.slice(1)];
    return argumentsIn(Deno.readTextFileSync(argument.slice(1)));
  });
}

/** The arguments in a file's text: parted by blanks and line ends, with quotations and comments. */
export function argumentsIn(text: string): string[] {
  return [...text.matchAll(COMMENT_OR_WORD)].map(([word]) => word)
    .filter((word) => !word.startsWith("#"))
    .map((word) =>
      word.replaceAll(QUOTATION, (_, double?: string, single?: string) => plain(double ?? single ?? ""))
    );
}

/** A quotation that is not closed ends with its line. */
const QUOTATION = /"((?:\\[^]|[^"\\\n\r])*)"?|'((?:\\[^]|[^'\\\n\r])*)'?/g;
const COMMENT_OR_WORD = new RegExp(`#[^\\n\\r]*|(?:${QUOTATION.source}|[^\\s"'#])+`, "g");
const NAMED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f" };

/** Within a quotation a backslash names a character, or keeps one, or lets the line go on after the next one's blanks. */
function plain(quotation: string): string {
  return quotation.replaceAll(
    /\\(?:\r?\n[ \t]*|([^]))/g,
    (_, char?: string) => NAMED[char ?? ""] ?? char ?? "",
  );
}

/**
 * Whether a name matches a pattern as bitbucket-pipelines.yml has them for branches, tags and files: `*` and `?` stay within a
 * folder, `**` does not. Source: «Use glob patterns on the Pipelines yaml file» of Atlassian's documentation.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  return new RegExp(`^${expression(pattern)}$`, "su").test(name);
}

const PARTS = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|\[!?[^\]/]+\]|\\.|./gsu;

function expression(pattern: string): string {
  return (pattern.match(PARTS) ?? []).map((part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.length > 1 && part.startsWith("{")) return alternatives(part.slice(1, -1));
    if (part.length > 2 && part.startsWith("[")) return letters(part.slice(1, -1));
    return escaped(part.length > 1 && part.startsWith("\\") ? part.slice(1) : part);
  }).join("");
}

function alternatives(list: string): string {
  return `(?:${list.split(",").map(expression).join("|")})`;
}

/** A hyphen goes on meaning a range. */
function letters(list: string): string {
  const negated = list.startsWith("!");
  return `[${negated ? "^/" : ""}${list.slice(negated ? 1 : 0).replace(/[\\\]^[&]/g, "\\$&")}]`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
}

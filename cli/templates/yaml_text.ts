/** As long as a line may be, as elsewhere in this project. */
const WIDTH = 110;
/** Nothing that YAML 1.1, which AWS reads, takes for something other than a text. */
const PLAIN = /^(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z/](?:[\w./:+-]*[\w./+-])?$/i;

/** A value as YAML for people: a block for each level, lists of plain words on one line, and texts of several lines as such. */
export function yamlText(value: unknown, indent = ""): string {
  if (Array.isArray(value)) return listText(value, indent);
  if (typeof value === "object" && value !== null) return mapText(Object.entries(value), indent);
  return `${scalarText(value, indent)}\n`;
}

function mapText(entries: readonly [string, unknown][], indent: string): string {
  if (entries.length === 0) return "{}\n";
  return entries.map(([key, value]) => `${indent}${scalarText(key)}:${behind(value, indent)}`).join("");
}

/** What follows a key: on its line where it has room there, else below it. */
function behind(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return ` ${scalarText(value, indent)}\n`;
  const flat = flatText(value);
  if (flat !== undefined && indent.length + flat.length < WIDTH / 2) return ` ${flat}\n`;
  return `\n${yamlText(value, `${indent}  `)}`;
}

function listText(items: readonly unknown[], indent: string): string {
  if (items.length === 0) return "[]\n";
  // What stands behind the hyphen begins where its lines below begin.
  return items.map((item) => `${indent}- ${yamlText(item, `${indent}  `).trimStart()}`).join("");
}

/** Lists of plain words; undefined for what wants lines of its own. */
function flatText(value: object): string | undefined {
  if (Object.keys(value).length === 0) return Array.isArray(value) ? "[]" : "{}";
  if (!Array.isArray(value) || value.some((item) => typeof item === "object")) return undefined;
  return `[${value.map((item) => scalarText(item)).join(", ")}]`;
}

/** A number, a word, a quoted text, or its lines below where it has several. */
function scalarText(value: unknown, indent?: string): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const lines = value.replace(/\n$/, "").split("\n");
  const asLines = indent !== undefined && lines.length > 1 && /^\S/.test(value) &&
    lines.every((line) => /^[\x20-\x7e]*$/.test(line) && line.length > 0);
  if (!asLines) return PLAIN.test(value) ? value : JSON.stringify(value);
  const end = value.endsWith("\n") ? "" : "-";
  return [`|${end}`, ...lines].join(`\n${indent}  `);
}

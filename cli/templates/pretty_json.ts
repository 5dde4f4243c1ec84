const WIDTH = 108;

/** JSON for readers: two blanks a level, and on one line whatever has room there. `before` is what its line begins with. */
export function prettyJson(value: unknown, indent = "", before = ""): string {
  const flat = onOneLine(value);
  if (typeof value !== "object" || value === null || indent.length + before.length + flat.length < WIDTH) {
    return flat;
  }
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const lines = Object.entries(value).map(([name, item]) => {
    const key = Array.isArray(value) ? "" : `${JSON.stringify(name)}: `;
    return `${inner}${key}${prettyJson(item, inner, key)}`;
  });
  return `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

function onOneLine(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(", ")}]`;
  const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${onOneLine(item)}`);
  return `{ ${entries.join(", ")} }`;
}

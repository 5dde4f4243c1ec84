/** An expression of HCL that stands as it is, such as a reference to another resource. */
export class Expression {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A block, as in `resource "TYPE" "NAME" { … }`; what of its body is a list of blocks comes last. */
export interface Block {
  readonly head: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly blocks?: readonly Block[];
}

/** As long as a line may be, as elsewhere in this project. */
const WIDTH = 110;

/** Blocks of HCL as `terraform fmt` leaves them. */
export function hclText(blocks: readonly Block[]): string {
  return blocks.map((block) => `${blockText(block, "")}\n`).join("\n");
}

/** The expression that gives a document as JSON text. */
export function jsonEncoded(document: unknown, indent = "  "): Expression {
  return new Expression(`jsonencode(${valueText(document, indent)})`);
}

function blockText({ head, body, blocks = [] }: Block, indent: string): string {
  const inner = `${indent}  `;
  const parts = blocks.map((block) => `\n${inner}${blockText(block, inner)}\n`);
  const attributes = attributesText(Object.entries(body), inner);
  const lines = attributes === "" ? parts.join("").replace(/^\n/, "") : attributes + parts.join("");
  return `${head} {\n${lines}${indent}}`;
}

/** One line for each, or more; lines that follow one another have their equals signs below one another. */
function attributesText(entries: readonly [string, unknown][], indent: string): string {
  const parts = entries.filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name: nameText(name), text: valueText(value, indent) }));
  const inOneLine = parts.map(({ text }) => !text.includes("\n"));
  return parts.map(({ name, text }, index) => {
    const from = inOneLine.lastIndexOf(false, index) + 1;
    const end = inOneLine.indexOf(false, index);
    const group = inOneLine[index] ? parts.slice(from, end === -1 ? undefined : end) : [];
    const width = Math.max(name.length, ...group.map((one) => one.name.length));
    return `${indent}${name.padEnd(width)} = ${text}\n`;
  }).join("");
}

function valueText(value: unknown, indent: string): string {
  if (value instanceof Expression) return value.text;
  if (Array.isArray(value)) return listText(value, indent);
  if (typeof value === "object" && value !== null) {
    return `{\n${attributesText(Object.entries(value), `${indent}  `)}${indent}}`;
  }
  return typeof value === "string" ? quoted(value) : JSON.stringify(value);
}

function listText(items: readonly unknown[], indent: string): string {
  const inner = `${indent}  `;
  const texts = items.map((item) => valueText(item, inner));
  const flat = `[${texts.join(", ")}]`;
  if (!flat.includes("\n") && indent.length + flat.length < WIDTH / 2) return flat;
  return `[\n${texts.map((text) => `${inner}${text},\n`).join("")}${indent}]`;
}

function nameText(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) ? name : quoted(name);
}

/** HCL's own escapes are JSON's, and two signs that begin an expression. Source: HCL's syntax, «Template expressions». */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, "$&$&");
}

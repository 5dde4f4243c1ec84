import type { Bar, Rows } from "./picture_rows.ts";

const WIDTH = 860;
const LEFT = 210;
const RIGHT = 70;
const ROW = 24;
const HEAD = 30;
const TOP = 34;

/** Both schemes have their own paper, since a page and the reader's system may differ in theirs. */
const STYLE = `
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.time { font-size: 11px; fill: #59636e }
.paper { fill: #ffffff }
.grid { stroke: #d1d9e0 }
.cloud { fill: #2f6fd0 }
.self-hosted { fill: #1a7f37 }
.build { fill: #b06000 }
.runner { fill: #8250df }
.failed { fill: #cf222e }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .time { fill: #9198a1 }
  .paper { fill: #0d1117 }
  .grid { stroke: #3d444d }
  .cloud { fill: #6cb0ff }
  .self-hosted { fill: #4ac26b }
  .build { fill: #f0a040 }
  .runner { fill: #c297ff }
  .failed { fill: #ff7b72 }
}`;

/** A timeline as SVG: a row for each bar, with its label in front and how long it lasted behind. */
export function timelinePicture(rows: readonly Rows[], title: string): string {
  const end = Math.max(1, ...rows.flatMap(({ bars }) => bars.map(({ to }) => to)));
  const x = (ms: number) => LEFT + ms / end * (WIDTH - LEFT - RIGHT);
  let y = TOP;
  const groups = rows.flatMap((group) => {
    const head = `<text class="title" x="12" y="${y + 20}">${escaped(group.title)}</text>`;
    y += HEAD;
    return [head, ...group.bars.flatMap((bar) => barLines(bar, x, (y += ROW) - ROW))];
  });
  const height = y + 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>`,
    ...ticks(end).flatMap((ms) => tickLines(ms, x(ms), height)),
    ...groups,
    "</svg>",
    "",
  ].join("\n");
}

function barLines({ label, from, to, kind }: Bar, x: (ms: number) => number, y: number): string[] {
  // What took no time is still to be seen.
  const width = Math.max(2, x(to) - x(from));
  return [
    `<text x="24" y="${y + 16}">${escaped(shortened(label))}</text>`,
    `<rect class="${kind}" x="${fixed(x(from))}" y="${y + 4}" width="${fixed(width)}" height="16" rx="2"/>`,
    `<text class="time" x="${fixed(x(from) + width + 5)}" y="${y + 16}">${seconds(to - from)} s</text>`,
  ];
}

function tickLines(ms: number, x: number, height: number): string[] {
  return [
    `<line class="grid" x1="${fixed(x)}" y1="${TOP - 6}" x2="${fixed(x)}" y2="${height - 8}"/>`,
    `<text class="time" x="${fixed(x)}" y="${TOP - 12}" text-anchor="middle">${ms / 1000} s</text>`,
  ];
}

/** At most eight even steps. */
function ticks(end: number): number[] {
  const step = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000]
    .find((candidate) => end / candidate <= 8) ?? Math.ceil(end / 8);
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function fixed(value: number): string {
  return value.toFixed(1);
}

/** As long as there is room in front of the bars. */
function shortened(label: string): string {
  const letters = [...label];
  return letters.length <= 26 ? label : `${letters.slice(0, 25).join("")}…`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text of XML, in which most control characters cannot even be spelled out. */
function escaped(text: string): string {
  return text.replace(/\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu, "�").replace(
    /[&<>"']/g,
    (letter) => ENTITIES[letter] ?? "",
  );
}

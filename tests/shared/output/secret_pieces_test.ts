import assert from "node:assert/strict";
import { SecretPieces } from "../../../shared/output/secret_pieces.ts";

const FORM = "Zm9vYmFyYmF6cXV4MTIzNDU2";

/** A text with what is to be hidden in brackets. */
const TEXTS: readonly string[] = [
  `x [${FORM}] y [${FORM}]`,
  // From twelve characters on a piece is known wherever it stands, below that not.
  "x [YmFyYmF6cXV4] y",
  "x YmFyYmF6cXV y",
  // What a line ends or begins with, from six characters on.
  "token: [Zm9vYm]",
  "token: [Zm9vYm] \t\nx",
  "token: Zm9vY",
  "token: Zm9vYm.",
  "token: m9vYmF",
  "[IzNDU2] is over",
  "x\r\n  [IzNDU2] is over",
  "zNDU2 is over",
  // A line that is all of it.
  "[vYmFyYmF]",
  "x\n\t[vYmFyYmF] \r\ny",
  "vYmFyYm",
  "x vYmFyYmF",
  // Line ends that are written out, as JSON and URLs do.
  "x\\n[vYmFyYmF]\\n[6cXV4MTI]\\\\r\\\\n[IzNDU2] y",
  "x%0A[vYmFyYmF]%0d%0a[6cXV4MTI]%0Ay",
];

for (const marked of TEXTS) {
  Deno.test(`\`SecretPieces\` finds in ${JSON.stringify(marked)} what is in brackets`, () => {
    const pieces = new SecretPieces();
    pieces.add(FORM);
    const text = marked.replaceAll(/[[\]]/g, "");
    let shown = "";
    let end = 0;
    for (const [from, to] of pieces.find(text)) {
      shown += `${text.slice(end, from)}[${text.slice(from, to)}]`;
      end = to;
    }
    assert.equal(shown + text.slice(end), marked);
  });
}

Deno.test("`SecretPieces` knows a short text as a whole, in the middle of a line too", () => {
  const pieces = new SecretPieces();
  for (const form of ["hunter2", "12345", "swordfish"]) pieces.add(form);
  assert.deepEqual(pieces.find("xhunter2x 12345 xswordfishhunter2x"), [[1, 8], [17, 26], [26, 33]]);
  assert.deepEqual(pieces.find("xhunter1x swordfis."), []);
});

Deno.test("`SecretPieces` takes no longer for texts that are all beginnings of what it knows", () => {
  const pieces = new SecretPieces();
  for (const form of ["a".repeat(4096), `${"ab".repeat(2048)}c`, " ".repeat(64)]) pieces.add(form);
  for (const unit of ["a", "ab", " ", "aaaaaaaaaaab", " \n", "aaaaaa \\", "b aaaaaa "]) {
    pieces.find(unit.repeat(500_000 / unit.length));
  }
});

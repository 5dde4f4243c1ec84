import type { Host, TextWriter } from "./host.ts";
import { valueOr } from "./value_or.ts";

export interface Terminal {
  readonly env: Host["env"];
  /** How many characters fit into a line; may throw where nobody knows. */
  readonly columns: () => number;
}

const COMMON_WIDTH = 80;
/** Back to the beginning of the line, and away with what stands there. */
const ERASE = "\r\x1b[K";

/** Writes to a terminal, which shows colours unless NO_COLOR is set (no-color.org), and a passing text in its last line. */
export function terminalWriter(writer: TextWriter, { env, columns }: Terminal): TextWriter {
  let shown = false;
  // A terminal that does not know its size may call it 0.
  const width = () => valueOr(0, columns) || COMMON_WIDTH;
  return {
    colour: !env["NO_COLOR"],
    write(text) {
      writer.write(shown ? `${ERASE}${text}` : text);
      shown = false;
    },
    passing(text) {
      if (!shown && text === "") return;
      // A text that goes on in a second line could not be taken back.
      const fitting = text.slice(0, width() - 1);
      writer.write(`${shown ? ERASE : ""}${fitting}`);
      shown = fitting !== "";
    },
  };
}

import { beyondBounds } from "../../shared/program/answer_bounds.ts";
import { boundedBody } from "../../shared/program/bounded_body.ts";

/** A hundred times what the installer and the phases write. */
const MOST_BYTES = 1024 * 1024;

/**
 * A JSON file that the installer or an earlier phase wrote, and that a step may have put anything in place of since. Rejects
 * with an Error where it is no file, too large or too deep, and with what Deno says where it cannot be read.
 */
export async function readSmallJson(path: string): Promise<unknown> {
  // Opening a pipe would wait for its other end.
  if (!(await Deno.stat(path)).isFile) throw new Error("it is no file");
  const file = await Deno.open(path);
  const text = await boundedBody(new Response(file.readable), MOST_BYTES).text();
  const excess = beyondBounds(text);
  if (excess !== undefined) throw new Error(`it ${excess}`);
  return JSON.parse(text);
}

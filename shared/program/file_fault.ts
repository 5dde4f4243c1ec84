import { messageOf } from "./errors.ts";

/** What the system says of a file that cannot be read or written, without the runtime's own words; the caller names the file. */
export function fileFault(error: unknown): string {
  const [said = ""] = messageOf(error).split(" (os error ");
  return said;
}

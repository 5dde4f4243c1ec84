/**
 * Asks for one line: undefined at the end of the input; rejects with the signal's reason. `ask` is called once the terminal
 * is ready for the answer, since what is typed before shows; `hidden` shows nothing of it.
 */
export type ReadLine = (
  ask: () => void,
  signal: AbortSignal,
  options?: { readonly hidden?: boolean },
) => Promise<string | undefined>;

/** The terminal's side of it. */
export interface LineSource {
  /** Up to the buffer's length; null at the end of the input. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Without echo and without the terminal's own editing, but with Ctrl-C as a signal. */
  setRaw(on: boolean): void;
}

/** Ctrl-D, where the terminal does not edit. */
const END_OF_INPUT = "\x04";

/** Reads lines that somebody types; standard input has to be a terminal. */
export function systemLineReader(): ReadLine {
  return lineReader({
    read: (buffer) => Deno.stdin.read(buffer),
    setRaw: (on) => Deno.stdin.setRaw(on, { cbreak: true }),
  });
}

/** Reads lines from a terminal; what comes after a line's end is kept for the next. */
export function lineReader(source: LineSource): ReadLine {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  let pending = "";

  async function line(): Promise<string | undefined> {
    let text = "";
    for (;;) {
      const end = lineEnd(pending);
      text += pending.slice(0, end);
      if (end !== undefined) {
        const ended = pending[end] === END_OF_INPUT && text === "";
        pending = pending.slice(end + 1);
        return ended ? undefined : edited(text);
      }
      const count = await source.read(buffer);
      if (count === null) {
        pending = "";
        return text === "" ? undefined : edited(text);
      }
      pending = decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  }

  return async (ask, signal, { hidden = false } = {}) => {
    signal.throwIfAborted();
    if (hidden) source.setRaw(true);
    try {
      ask();
      return await unlessAborted(line(), signal);
    } finally {
      if (hidden) source.setRaw(false);
    }
  };
}

function lineEnd(text: string): number | undefined {
  const places = ["\n", "\r", END_OF_INPUT].map((sign) => text.indexOf(sign)).filter((place) => place >= 0);
  return places.length === 0 ? undefined : Math.min(...places);
}

/** What is left of keys where the terminal does not edit: backspace, and Ctrl-U for the whole line. */
function edited(keys: string): string {
  const kept: string[] = [];
  for (const key of keys) {
    if (key === "\x15") kept.length = 0;
    else if (key === "\x7f" || key === "\b") kept.pop();
    else kept.push(key);
  }
  return kept.join("");
}

/** A read from a terminal cannot be taken back; whoever ends does not wait for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", abort));
}

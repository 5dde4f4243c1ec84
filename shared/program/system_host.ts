import type { Host, TextWriter } from "./host.ts";
import type { ReadLine } from "./line_reader.ts";
import { terminalWriter } from "./terminal_writer.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x86_64", aarch64: "arm64" };

/** The real machine. */
export function systemHost(): Host {
  const env = Deno.env.toObject();
  return {
    env,
    arch: ARCHITECTURES[Deno.build.arch] ?? Deno.build.arch,
    stdout: writerTo(Deno.stdout, env),
    stderr: writerTo(Deno.stderr, env),
    readLine: Deno.stdin.isTerminal() ? lazyReader() : undefined,
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => Math.random(),
    sleep,
  };
}

/** Loaded by whoever asks somebody; one for all questions, since it keeps what was typed ahead. */
function lazyReader(): ReadLine {
  let reader: Promise<ReadLine> | undefined;
  return async (...args) => {
    reader ??= import("./line_reader.ts").then(({ systemLineReader }) => systemLineReader());
    return await (await reader)(...args);
  };
}

type Stream = Pick<typeof Deno.stderr, "writeSync" | "isTerminal">;

function writerTo(stream: Stream, env: Host["env"]): TextWriter {
  const writer = syncWriter(stream);
  const capable = stream.isTerminal() && !["", "dumb"].includes(env["TERM"] ?? "");
  return capable ? terminalWriter(writer, { env, columns: () => Deno.consoleSize().columns }) : writer;
}

function syncWriter(stream: Pick<Stream, "writeSync">): TextWriter {
  const encoder = new TextEncoder();
  let gone = false;
  return {
    get gone() {
      return gone;
    },
    write(text) {
      let bytes = encoder.encode(text);
      try {
        while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
      } catch (error) {
        // A reader that went away, or a full disk behind a redirection, must not stop the clean-up.
        gone ||= error instanceof Deno.errors.BrokenPipe;
      }
    },
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    // A moment that has just passed is no negative time, of which a warning would be in the log.
    const timer = setTimeout(done, Math.max(ms, 0));
    signal?.addEventListener("abort", aborted, { once: true });
    function done() {
      signal?.removeEventListener("abort", aborted);
      resolve();
    }
    function aborted() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
  });
}

import type { Host, TextWriter } from "./host.ts";
import { type ReadLine, systemLineReader } from "./line_reader.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x86_64", aarch64: "arm64" };

/** The real machine. */
export function systemHost(): Host {
  let reader: ReadLine | undefined;
  return {
    env: Deno.env.toObject(),
    arch: ARCHITECTURES[Deno.build.arch] ?? Deno.build.arch,
    stdout: syncWriter(Deno.stdout),
    stderr: syncWriter(Deno.stderr),
    get readLine() {
      return reader ??= systemLineReader();
    },
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => Math.random(),
    sleep,
  };
}

function syncWriter(stream: { writeSync(bytes: Uint8Array): number }): TextWriter {
  const encoder = new TextEncoder();
  return {
    write(text) {
      let bytes = encoder.encode(text);
      try {
        while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
      } catch {
        // A reader that went away, or a full disk behind a redirection, must not stop the clean-up.
      }
    },
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(done, ms);
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

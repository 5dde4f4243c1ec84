/** An answer that goes on after the most that is read of one. */
export class EndlessAnswerError extends Error {
  constructor(mostBytes: number) {
    super(`more than ${mostBytes / MB} MB`);
    this.name = "EndlessAnswerError";
  }
}

const MB = 1024 * 1024;

/**
 * The same answer with a body that ends in `EndlessAnswerError` once it is longer than `mostBytes`, as it is after
 * decompression; the connection is closed then. Nothing is read before somebody reads it.
 */
export function boundedBody(response: Response, mostBytes: number): Response {
  if (response.body === null) return response;
  let bytes = 0;
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new EndlessAnswerError(mostBytes);
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counted), { status, statusText, headers });
}

/** What a function gives, or another value where it throws: for questions that the machine may leave unanswered. */
export function valueOr<T>(otherwise: T, ask: () => T): T {
  try {
    return ask();
  } catch {
    return otherwise;
  }
}

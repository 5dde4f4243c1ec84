/** A compute type as people write it: `large` for BUILD_GENERAL1_LARGE; of other series CodeBuild's own word. */
export function sizeWord(computeType: string): string {
  return computeType.replace(/^BUILD_GENERAL1_/, "").toLowerCase();
}

import { shellWord } from "./shell_word.ts";

/** A build that its agent keeps from ending, so that somebody can look into it. */
export interface HeldBuild {
  /** The agent's phase that has failed, as in `pre_build`, and the exit code that it ends with. */
  readonly phase: string;
  readonly exitCode: number;
  readonly minutes: number;
  /** When it goes on at the latest, in ISO's form, UTC. */
  readonly until: string;
  /** False where CodeBuild's command has come back at once: then CodeBuild may hold the build, or nobody does. */
  readonly sure: boolean;
}

/** What the builds' role must be allowed for a session. Source: CodeBuild user guide, «Debug builds with Session Manager». */
export const SESSION_ACTIONS = [
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
] as const;

/** What mends a build without a session. */
export const SESSION_REMEDY =
  `allow the project's service role ${
    SESSION_ACTIONS.join(", ")
  } (start-runner init --debug), and in an image of your ` +
  "own install the SSM agent";

/** The line by which the agent tells that its build is held; `readHeldBuild()` knows it again. */
export function heldLine({ sure, minutes, until, phase, exitCode }: HeldBuild): string {
  return `This build ${sure ? "is" : "may be"} held for up to ${minutes} min, until ${until}: ` +
    `${phase} ended with exit code ${exitCode}`;
}

const HELD =
  /This build (is|may be) held for up to (\d{1,4}) min, until ([\d:TZ.-]{20,24}): (\w{5,10}) ended with exit code (\d{1,3})/;

/** What a line of the build's log tells of its being held; undefined for every other line. */
export function readHeldBuild(line: string): HeldBuild | undefined {
  const [, sure, minutes, until, phase, exitCode] = HELD.exec(line) ?? [];
  if (until === undefined || phase === undefined) return undefined;
  return { sure: sure === "is", minutes: Number(minutes), until, phase, exitCode: Number(exitCode) };
}

/** The command that opens a session in the build. */
export function sessionCommand(target: string, region: string): string {
  return `aws ssm start-session --target ${shellWord(target)} --region ${shellWord(region)}`;
}

/** The command that tells the target of a build's session. */
export function targetCommand(buildId: string, region: string): string {
  return `aws codebuild batch-get-builds --ids ${shellWord(buildId)} --region ${shellWord(region)} ` +
    "--query 'builds[0].debugSession.sessionTarget' --output text";
}

/** How a held build goes on before its time. */
export function waysOn(buildId: string): string {
  return "It goes on at once after codebuild-resume in that session, and ends with: start-runner stop " +
    shellWord(buildId);
}

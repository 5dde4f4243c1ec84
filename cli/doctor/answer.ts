import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { ProgramError } from "../../shared/program/errors.ts";
import { awsFailure } from "../aws/hints.ts";
import type { DoctorConfig } from "./doctor_config.ts";
import { fail, type Finding, unknown } from "./finding.ts";

/** What came of a question: a check is made of either. */
export type Answer<T> = { readonly value: T } | { readonly error: ProgramError };

/** Asks, and takes a failure that the programs foresee for an answer; an abort rejects with the signal's reason. */
export async function ask<T>(signal: AbortSignal, question: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await question() };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProgramError) return { error };
    throw error;
  }
}

/** Whether AWS has said that this caller may not ask that. */
export function isDenied(error: ProgramError): boolean {
  return error instanceof AwsCallError && error.kind === "refused";
}

/** A question of doctor's alone that was not answered: what may not be asked is unknown, and a start needs no such right. */
export function unanswered(check: string, error: ProgramError, right: string, instead: string): Finding {
  return unknown(
    check,
    isDenied(error) ? `this caller has no right ${right}` : error.message,
    isDenied(error) ? `allow ${right}, or see for yourself: ${instead}` : instead,
  );
}

/** A question that a start asks too: what it comes to here, it would come to there. */
export function refused(check: string, error: ProgramError, config: DoctorConfig): Finding {
  if (!(error instanceof AwsCallError)) return fail(check, error.message, error.hint ?? "see the message");
  const { message, hint } = awsFailure(error, {
    ...config,
    project: config.project ?? "",
    region: config.region ?? "",
  });
  return fail(check, message, hint ?? "see the message");
}

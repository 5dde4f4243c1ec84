/** Tests that a request must pass: by operator, by condition key. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** A statement of a policy document, in IAM's own words. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Condition;
}

/** A statement of a document that only allows. */
export type Allowed = Omit<Statement, "Effect">;

/** A policy document, ready to be written as JSON. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** A document that allows what its statements name; whatever none of them names is denied by IAM's default. */
export function allowing(...statements: readonly Allowed[]): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ Sid, ...rest }) => ({ Sid, Effect: "Allow", ...rest })),
  };
}

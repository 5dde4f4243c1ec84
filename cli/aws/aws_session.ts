import type { AwsCredentials, AwsOptions } from "../../shared/aws/aws_client.ts";
import type { CodeBuild } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import type { SealContext } from "../../shared/aws/sealed_secrets.ts";
import type { LogPlace } from "../../shared/aws/aws_logs.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { ALWAYS_ALLOWED_S, isEnding, sessionName } from "./role_session.ts";
import type { StartConfig, WebIdentity } from "../options/start_config.ts";

/** What the parts of a start work with. */
export interface StartContext {
  readonly host: Host;
  readonly log: Logger;
  readonly config: StartConfig;
  readonly session: AwsSession;
  /** Aborts with `InterruptedError` when somebody wants the program to end. */
  readonly signal: AbortSignal;
}

/** What a session with AWS takes: how to reach it, and as whom. */
export type AwsAccess =
  & Pick<StartConfig, "region" | "apiTimeoutS" | "webIdentity">
  & Partial<Pick<StartConfig, "repository" | "buildNumber" | "pipelineUuid" | "stepUuid">>;

export interface AwsContext extends Pick<StartContext, "host" | "log"> {
  readonly config: AwsAccess;
}

interface Connection {
  readonly options: AwsOptions;
  readonly codebuild: CodeBuild;
}

/**
 * The program's access to AWS: assumes the role when it is first needed, and once more when AWS says that its
 * credentials have expired. The SDK's parts are loaded when they are needed, since loading them is what takes most
 * of the time before StartBuild.
 */
export class AwsSession {
  readonly #context: AwsContext;
  #connection: Promise<Connection> | undefined;
  /** Lowered once STS has said that the role does not allow more. */
  #durationS: number;
  /** When the credentials in use were asked for, on the monotonic clock. */
  #assumedMs = 0;

  /** `durationS` is how long the role's credentials are to last, in seconds: 900 to 43,200. */
  constructor(context: AwsContext, durationS = ALWAYS_ALLOWED_S) {
    this.#context = context;
    this.#durationS = durationS;
  }

  /** How long the role's credentials last that were got last, in seconds. */
  get durationS(): number {
    return this.#durationS;
  }

  /** Makes the connection ahead of the first call. Rejects as STS does. */
  async connect(signal: AbortSignal): Promise<void> {
    await this.#connect(signal);
  }

  /**
   * Replaces the role's credentials if they end soon. Rejects as STS does where it gives none; the present ones are good for
   * some minutes then.
   */
  async keepAlive(signal: AbortSignal): Promise<void> {
    const { host, config } = this.#context;
    const passedS = (host.monotonicMs() - this.#assumedMs) / 1000;
    if (config.webIdentity === undefined || this.#connection === undefined) return;
    if (!isEnding(this.#durationS, passedS)) return;
    const next = this.#makeConnection(signal);
    await next;
    this.#connection = next;
  }

  /** Runs calls to CodeBuild; with new credentials once more if the present ones have expired. */
  call<T>(run: (codebuild: CodeBuild) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#renewing((connection) => run(connection.codebuild), signal);
  }

  /** Runs calls to any service of AWS, as `call()` does. */
  use<T>(run: (options: AwsOptions) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#renewing(({ options }) => run(options), signal);
  }

  /** The last lines of the build's log. */
  lastLogLines(place: LogPlace, limit: number, signal?: AbortSignal): Promise<string[]> {
    return this.#renewing(async ({ options }) => {
      const { lastLogLines } = await import("../../shared/aws/aws_logs.ts");
      return await lastLogLines(options, place, limit, signal);
    }, signal);
  }

  /** Seals secrets of the build with a key of KMS, as text. */
  seal(
    secrets: Readonly<Record<string, string>>,
    by: { readonly keyId: string; readonly context: SealContext },
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#renewing(async ({ options }) => {
      const { seal } = await import("../../shared/aws/sealed_secrets.ts");
      return await seal(options, secrets, by, signal);
    }, signal);
  }

  async #renewing<T>(run: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const used = this.#connect(signal);
    const connection = await used;
    try {
      return await run(connection);
    } catch (error) {
      if (!(error instanceof AwsCallError) || error.kind !== "expired") throw error;
      this.#context.log.info(`${error.message}; getting new credentials`);
      this.#forget(used);
      return await run(await this.#connect(signal));
    }
  }

  #connect(signal?: AbortSignal): Promise<Connection> {
    if (this.#connection === undefined) {
      const connection = this.#makeConnection(signal);
      this.#connection = connection;
      connection.catch(() => this.#forget(connection));
    }
    return this.#connection;
  }

  /** Calls that run side by side may find the same credentials expired; the first of them gets new ones. */
  #forget(connection: Promise<Connection>): void {
    if (this.#connection === connection) this.#connection = undefined;
  }

  async #makeConnection(signal?: AbortSignal): Promise<Connection> {
    const { host, config: { region, apiTimeoutS, webIdentity } } = this.#context;
    const options: AwsOptions = { host, region, timeoutMs: apiTimeoutS * 1000 };
    const [credentials, { createCodeBuild }] = await Promise.all([
      webIdentity === undefined ? undefined : this.#assumeRole(options, webIdentity, signal),
      import("../../shared/aws/aws_codebuild.ts"),
    ]);
    const complete = { ...options, credentials };
    return { options: complete, codebuild: createCodeBuild(complete) };
  }

  async #assumeRole(
    options: AwsOptions,
    { roleArn, token }: WebIdentity,
    signal?: AbortSignal,
  ): Promise<AwsCredentials> {
    const { log, config } = this.#context;
    const { assumeRole } = await import("../../shared/aws/aws_sts.ts");
    const request = { roleArn, webIdentityToken: token, sessionName: sessionName(config) };
    const assume = () => assumeRole(options, { ...request, durationS: this.#durationS }, signal);
    const askedMs = this.#context.host.monotonicMs();
    const credentials = await assume().catch((error) => {
      if (!this.#mayBeTooLong(error)) throw error;
      log.warning(
        `${error.message}; trying with ${ALWAYS_ALLOWED_S} s: raise the role's maximum session duration ` +
          "if the waits of --capacity-timeout, --queued-timeout and --startup-timeout are to last longer",
      );
      this.#durationS = ALWAYS_ALLOWED_S;
      return assume();
    });
    this.#assumedMs = askedMs;
    for (const secret of Object.values(credentials)) log.redactor.add(secret);
    return credentials;
  }

  /** A duration above the role's maximum is a `ValidationError`, as other wrong parameters are. */
  #mayBeTooLong(error: unknown): error is AwsCallError {
    const invalid = error instanceof AwsCallError && error.code.startsWith("ValidationError");
    return invalid && this.#durationS > ALWAYS_ALLOWED_S;
  }
}

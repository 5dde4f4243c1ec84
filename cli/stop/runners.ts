import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { runnerName } from "../../shared/leftovers/runner_name.ts";
import type { AwsSession } from "../aws/aws_session.ts";
import type { StartConfig } from "../options/start_config.ts";

export interface RunnersAccess {
  readonly host: Host;
  readonly log: Logger;
  readonly config: StartConfig;
  readonly session: AwsSession;
}

/** A runner whose registration was under way when its build died shows up within this many milliseconds. */
const LATE_REGISTRATION_MS = 2_000;
/** CodeBuild takes this many ids at once. */
const MOST_IDS = 100;

/**
 * What start-runner does with Bitbucket's runners: it removes the one its build left behind, and those of earlier
 * builds. Neither is what the program is for, so failures are reported and never end it; and without Bitbucket
 * credentials both are left to the agent.
 */
export class Runners {
  readonly #access: RunnersAccess;
  #bitbucket: Promise<Bitbucket> | undefined;

  constructor(access: RunnersAccess) {
    this.#access = access;
  }

  /** Removes the runners that dead builds of the project have left; the signal ends it at any moment. */
  async removeLeftovers(ownBuildId: string, signal: AbortSignal): Promise<void> {
    const { host, log, config, session } = this.#access;
    const connecting = this.#connect();
    if (connecting === undefined) return;
    try {
      const { removeLeftovers } = await import("../../shared/leftovers/leftovers.ts");
      const bitbucket = await connecting;
      await removeLeftovers({
        bitbucket,
        project: config.project,
        ownRunnerName: runnerName(ownBuildId),
        buildsEnded: (ids, signal) => buildsEnded(session, ids, signal),
        askAboutOnline: true,
        host,
        log,
        signal,
      });
    } catch (error) {
      if (!signal.aborted) log.warning(`Cannot remove leftover runners: ${messageOf(error)}`);
    }
  }

  /**
   * Removes the runner of a build that has ended or is ending. Looks twice, as its registration may have been under
   * way; while the build is not known to have ended, a runner with a step is left to it.
   */
  async removeOf(buildId: string, build: "ended" | "stopping"): Promise<void> {
    const { host, log } = this.#access;
    const name = runnerName(buildId);
    const connecting = this.#connect();
    if (connecting === undefined) {
      log.info(
        `If runner ${name} is registered, the next agent of this project removes it: ` +
          "start-runner has no Bitbucket credentials",
      );
      return;
    }
    try {
      const bitbucket = await connecting;
      const remove = async () => {
        const runners = (await bitbucket.listRunners()).filter((runner) => runner.name === name);
        const idle = runners.filter((runner) => build === "ended" || !runner.state.step);
        for (const { uuid } of idle) {
          await bitbucket.deleteRunner(uuid);
          log.info(`Removed runner ${name}`);
        }
        return runners.length;
      };
      if (await remove() > 0) return;
      await host.sleep(LATE_REGISTRATION_MS);
      if (await remove() === 0) log.info(`Runner ${name} is not registered`);
    } catch (error) {
      log.warning(
        `Cannot remove runner ${name}: ${messageOf(error)}; ` +
          "the next start-runner or agent of this project removes it",
      );
    }
  }

  /** Says how many requests Bitbucket has had, if any. */
  async reportRequests(): Promise<void> {
    const bitbucket = await this.#bitbucket?.catch(() => undefined);
    if (bitbucket?.requests) this.#access.log.info(`Bitbucket requests: ${bitbucket.requests}`);
  }

  #connect(): Promise<Bitbucket> | undefined {
    const { host, log, config } = this.#access;
    const { credentials } = config;
    if (credentials === undefined) return undefined;
    this.#bitbucket ??= import("../../shared/bitbucket/bitbucket_client.ts").then(({ createBitbucket }) =>
      createBitbucket(host, {
        apiUrl: config.apiUrl,
        tokenUrl: config.tokenUrl,
        credentials,
        workspace: config.workspaceUuid,
        repository: config.repositoryUuid,
        timeoutMs: config.apiTimeoutS * 1000,
        log,
      })
    );
    return this.#bitbucket;
  }
}

/** Which builds have ended; one that CodeBuild no longer knows stays out, since nothing is known of it. */
async function buildsEnded(
  session: AwsSession,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, boolean>> {
  const builds = await session.call(
    (codebuild) => codebuild.getBuilds(ids.slice(0, MOST_IDS), signal),
    signal,
  );
  return new Map(builds.map((build) => [build.id, build.buildComplete === true]));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

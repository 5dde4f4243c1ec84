import type { CredentialsMode } from "../../cli/options/credentials_mode.ts";
import type { LocalRelease } from "../local_cloud/local_release.ts";
import { startLocalCloud } from "../local_cloud/start_local_cloud.ts";
import { flowEnded, startFlow } from "../soak/flow.ts";
import type { Figure } from "./report/figure.ts";
import { MemoryWatch } from "./memory_watch.ts";
import type { Role } from "./role_of_process.ts";

const LIMIT_MB = 90;
const ROLES: readonly Role[] = ["start-runner", "agent pre_build", "agent build", "agent post_build"];
/** What start-runner loads depends on it; the one that takes most comes first. */
const MODES: readonly CredentialsMode[] = ["runner", "project", "secret", "token"];
const HOW =
  "VmHWM of the processes themselves, read every 10 ms through whole flows, in one mode of --credentials " +
  "after the other";

/** The peaks of each program and phase; bundled without a budget, for what Deno adds to them. */
export async function memoryFigures(
  releases: { readonly source: LocalRelease; readonly bundled: LocalRelease },
  flows: number,
): Promise<Figure[]> {
  const source = await memoryPeaks(releases.source, flows);
  const bundled = await memoryPeaks(releases.bundled, flows);
  const budget = { limit: LIMIT_MB, judged: "highest" } as const;
  const unbudgeted =
    `${HOW}; each flow with empty caches, so that Deno itself takes the file apart each time, ` +
    "which has been done for compiled programs when they are compiled";
  const figure = (role: Role, form: string, peaks: Peaks) => {
    return { name: `Peak memory, ${role}, ${form}`, unit: "MB", values: peaks.get(role) ?? [] } as const;
  };
  return [
    ...ROLES.map((role) => ({ ...figure(role, "from source", source), budget, how: HOW })),
    ...ROLES.map((role) => ({ ...figure(role, "bundled", bundled), budget: undefined, how: unbudgeted })),
  ];
}

type Peaks = ReadonlyMap<Role, readonly number[]>;

/** Peaks of resident memory in megabytes, one for each flow. */
async function memoryPeaks(release: LocalRelease, flows: number): Promise<Peaks> {
  const BENCH_FLOW = crypto.randomUUID();
  const cloud = await startLocalCloud({
    releaseFolder: release.folder,
    codeBuild: { machineEnv: { BENCH_FLOW } },
  });
  const peaks = new Map<Role, number[]>(ROLES.map((role) => [role, []]));
  try {
    for (let flow = 0; flow < flows; flow++) {
      const watch = new MemoryWatch(`BENCH_FLOW=${BENCH_FLOW}`);
      const mode = MODES[flow % MODES.length] ?? "project";
      await flowEnded(
        cloud,
        startFlow(cloud, release.bin, {
          steps: ["sleep 2"],
          variables: { BENCH_FLOW, RUNNER_CREDENTIALS: mode },
        }),
      );
      const seen = watch.stop();
      for (const role of ROLES) {
        // A process that a program is about to start is a copy of it for a moment, hence the highest.
        const most = Math.max(...seen.filter((peak) => peak.role === role).map(({ mb }) => mb));
        if (most > 0) peaks.get(role)?.push(most);
      }
    }
    return peaks;
  } finally {
    await cloud.close();
  }
}

import assert from "node:assert/strict";
import { prepareDocker } from "../../../agent/daemon/docker_daemon.ts";
import { findDockerService } from "../../../agent/daemon/docker_service.ts";
import { findDockerd, stopDockerd } from "../../../agent/daemon/dockerd_process.ts";
import { requirePrivileged } from "../../../agent/daemon/privileged.ts";
import type { Host } from "../../../shared/program/host.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

const unprivileged = await requirePrivileged().then(() => false, () => true);

interface Machine {
  readonly host: Host;
  readonly folder: string;
  readonly log: ReturnType<typeof recordedLog>;
  readonly prepare: (containerd: boolean) => Promise<void>;
  readonly events: () => Promise<string[]>;
}

/** A machine with stand-ins for systemctl, docker and dockerd: the daemon runs as long as its state file says so. */
async function withMachine(
  start: readonly string[],
  body: (machine: Machine) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const env = {
      PATH: `${folder}/bin:${Deno.env.get("PATH")}`,
      DOCKER_HOST: `unix://${folder}/docker.sock`,
      STATE: folder,
      CODEBUILD_BUILD_IMAGE: "aws/codebuild/ami/amazonlinux-x86_64-base:latest",
    };
    const host: Host = { ...systemHost(), env };
    const log = recordedLog();
    await writeScript(
      `${folder}/bin/docker`,
      '[ -e "$STATE/store" ] || exit 1',
      'driver=none; [ "$(cat "$STATE/store")" = containerd ] && driver=io.containerd.snapshotter.v1',
      `printf '{"ServerVersion":"28.5.2","DriverStatus":[["driver-type","%s"]]}\\n' $driver`,
    );
    await writeScript(
      `${folder}/bin/dockerd`,
      'case "$1" in --help) echo "--feature map"; exit ;; esac',
      'echo "dockerd $*" >> "$STATE/events"',
      `trap 'rm -f "$STATE/store"; echo "dockerd ends" >> "$STATE/events"; exit' TERM`,
      'case "$*" in *snapshotter=true*) echo containerd > "$STATE/store" ;; *) echo classic > "$STATE/store" ;; esac',
      "while :; do sleep 0.05; done",
    );
    await writeScript(
      `${folder}/bin/systemctl`,
      'case "$1" in is-active) [ -e "$STATE/service" ]; exit ;; esac',
      'echo "systemctl $*" >> "$STATE/events"',
      `[ "$1" = start ] && { ${start.join("; ")}; }`,
      'if [ "$1" = stop ]; then kill "$(cat "$STATE/service")"; rm -f "$STATE/service"; sleep 0.3; fi',
      "exit 0",
    );
    const events = async () =>
      (await Deno.readTextFile(`${folder}/events`).catch(() => "")).split("\n").slice(0, -1);
    const prepare = (containerd: boolean) =>
      prepareDocker(host, {
        containerd,
        log: log.log,
        dockerdLog: `${folder}/dockerd.log`,
        systemdFolder: folder,
      });
    try {
      await body({ host, folder, log, prepare, events });
    } finally {
      const left = await findDockerd(host);
      if (left !== undefined) await stopDockerd(host, left);
    }
  });
}

/** As the unit of distributions has it: the socket is systemd's. */
const STARTS = [
  'setsid "${0%/*}/dockerd" -H fd:// -H "$DOCKER_HOST" >/dev/null 2>&1 & echo $! > "$STATE/service"',
];

Deno.test("`prepareDocker()` has systemd start the Docker of a machine", async () => {
  await withMachine(STARTS, async ({ prepare, events, log, host, folder }) => {
    await prepare(false);
    assert.equal((await events())[0], "systemctl start docker.service");
    assert.match(log.text(), /Starting Docker by systemd\n.*Using Docker 28\.5\.2/);
    const service = await findDockerService(host, { systemdFolder: folder });
    assert.equal(await service?.isActive(), true);
    assert.equal(await service?.stop(), true);
  });
});

Deno.test({
  name: "`prepareDocker()` ends the service for the containerd image store, which systemd would start anew",
  ignore: unprivileged,
  fn: () =>
    withMachine(STARTS, async ({ prepare, events, log, host }) => {
      await prepare(true);
      assert.deepEqual(await events(), [
        "systemctl start docker.service",
        `dockerd -H fd:// -H ${host.env["DOCKER_HOST"]}`,
        "systemctl stop docker.socket docker.service",
        "dockerd ends",
        `dockerd --host=${host.env["DOCKER_HOST"]} --feature containerd-snapshotter=true`,
      ]);
      assert.match(log.text(), /is ready with the containerd image store/);
    }),
});

Deno.test({
  name: "`prepareDocker()` starts dockerd itself where systemd knows no such service",
  ignore: unprivileged,
  fn: () =>
    withMachine(
      ["echo Unit docker.service not found. >&2", "exit 5"],
      async ({ prepare, events, log, host }) => {
        await prepare(false);
        assert.deepEqual((await events()).slice(1), [`dockerd --host=${host.env["DOCKER_HOST"]}`]);
        assert.match(log.text(), /no service that systemd can start: Unit docker\.service not found\./);
      },
    ),
});

Deno.test("`findDockerService()` finds none where systemd does not run, or has no systemctl", async () => {
  await withMachine(STARTS, async ({ host, folder }) => {
    assert.equal(await findDockerService(host, { systemdFolder: `${folder}/nothing` }), undefined);
    const without = { ...host, env: { PATH: `${folder}/nothing` } };
    assert.equal(await findDockerService(without, { systemdFolder: folder }), undefined);
  });
});

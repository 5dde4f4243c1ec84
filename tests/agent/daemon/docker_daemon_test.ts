import assert from "node:assert/strict";
import { prepareDocker } from "../../../agent/daemon/docker_daemon.ts";
import { findDockerd, stopDockerd } from "../../../agent/daemon/dockerd_process.ts";
import { findProgram } from "../../../agent/process/find_program.ts";
import { launchDetached } from "../../../agent/process/launch_detached.ts";
import { requirePrivileged } from "../../../agent/daemon/privileged.ts";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import type { ProgramError } from "../../../shared/program/errors.ts";
import type { Host } from "../../../shared/program/host.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { whyNoDocker } from "../../fixtures/docker_image.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

const SYSTEM_PATH = Deno.env.get("PATH") ?? "";
const noDocker = await whyNoDocker();
const realDockerd = await findProgram("dockerd", SYSTEM_PATH);
const noDockerd = await lacks("dockerd");
const unprivileged = await requirePrivileged().then(
  () => undefined,
  () => "no privileges to start a daemon with",
);

/** Why a test cannot run that needs a program. */
async function lacks(program: string): Promise<string | undefined> {
  return await findProgram(program, SYSTEM_PATH) === undefined ? `no ${program}` : undefined;
}

/** A test that is skipped, and says why, when something speaks against it. */
function testNeeding(against: (string | undefined)[], name: string, fn: () => Promise<void>): void {
  const reasons = against.filter((reason) => reason !== undefined);
  const ignore = reasons.length > 0;
  Deno.test({ name: ignore ? `${name} (skipped: ${reasons.join(", ")})` : name, ignore, fn });
}

interface Scene {
  readonly folder: string;
  readonly host: Host;
  readonly log: ReturnType<typeof recordedLog>;
  readonly dockerdLog: string;
  /** What the stand-ins did, one a line. */
  readonly events: () => Promise<string[]>;
}

/** Runs a body with a daemon address of its own; a daemon that is left there is ended. */
async function withScene(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const env = {
      PATH: `${folder}/bin:${SYSTEM_PATH}`,
      DOCKER_HOST: `unix://${folder}/docker.sock`,
      STATE: folder,
    };
    const scene: Scene = {
      folder,
      host: { ...systemHost(), env },
      log: recordedLog(),
      dockerdLog: `${folder}/dockerd.log`,
      events: async () =>
        (await Deno.readTextFile(`${folder}/events`).catch(() => "")).split("\n").slice(0, -1),
    };
    try {
      await body(scene);
    } finally {
      const left = await findDockerd(scene.host);
      if (left !== undefined) await stopDockerd(scene.host, left);
    }
  });
}

const HELP = { withFlag: "--feature map  Enable feature", without: "--experimental" };

/** Stand-ins for docker and dockerd of a version: dockerd keeps its state in files, where docker reads it. */
async function addStandIns(
  scene: Scene,
  version: string,
  help: string,
  dockerd: string[] = [],
): Promise<void> {
  const driver = '[["driver-type","io.containerd.snapshotter.v1"]]';
  await writeScript(
    `${scene.folder}/bin/docker`,
    '[ -e "$STATE/store" ] || { echo "Cannot connect to the Docker daemon" >&2; exit 1; }',
    `status='[["Backing Filesystem","extfs"]]'`,
    `[ "$(cat "$STATE/store")" = containerd ] && status='${driver}'`,
    `printf '{"ServerVersion":"%s","DriverStatus":%s}\\n' ${version} "$status"`,
  );
  await writeScript(
    `${scene.folder}/bin/dockerd`,
    `case "$1" in --help) echo '${help}'; exit ;; --version) echo 'Docker version ${version}, build 1'; exit ;; esac`,
    'echo "start $*" >> "$STATE/events"',
    '[ -e "$STATE/running" ] && { echo "two daemons at once" >> "$STATE/events"; exit 1; }',
    'touch "$STATE/running"',
    ...dockerd,
    // An orderly end takes its time, which the agent has to wait for.
    `trap 'rm -f "$STATE/store"; sleep 0.3; rm -f "$STATE/running"; echo end >> "$STATE/events"; exit' TERM`,
    'for config; do case "$config" in --config-file=*) set -- "$@" "$(cat "\${config#*=}")" ;; esac; done',
    `case "$*" in *containerd-snapshotter*true*) store=containerd ;; *) store=classic ;; esac`,
    'sleep 0.2; echo $store > "$STATE/store"',
    "while :; do sleep 0.05; done",
  );
}

async function startAsImage(scene: Scene, ...args: string[]): Promise<void> {
  await launchDetached(`${scene.folder}/bin/dockerd`, args, {
    env: runnerEnvironment(scene.host.env),
    cwd: "/",
    outputFile: scene.dockerdLog,
  });
}

function prepare({ host, log, dockerdLog }: Scene, containerd: boolean): Promise<void> {
  // The machine of the test may have a systemd of its own.
  return prepareDocker(host, { containerd, log: log.log, dockerdLog, systemdFolder: "/nowhere" });
}

Deno.test("`prepareDocker()` names a build image when there is no docker client", async () => {
  await withScene(async (scene) => {
    const host = { ...scene.host, env: { PATH: scene.folder } };
    await assert.rejects(prepare({ ...scene, host }, false), (error: ProgramError) => {
      assert.equal(error.message, "Cannot use Docker: there is no docker client on the PATH");
      assert.match(error.hint ?? "", /aws\/codebuild\/standard/);
      return true;
    });
  });
});

const MACHINE = { CODEBUILD_BUILD_IMAGE: "aws/codebuild/ami/amazonlinux-x86_64-base:latest" };

Deno.test("`prepareDocker()` says what to install on a machine without docker", async () => {
  await withScene(async (scene) => {
    const host = { ...scene.host, env: { ...scene.host.env, ...MACHINE, PATH: scene.folder } };
    await assert.rejects(prepare({ ...scene, host }, false), (error: ProgramError) => {
      assert.match(
        error.hint ?? "",
        /^The machine that boots from \S+ lacks it: install Docker \(package docker\)/,
      );
      return true;
    });
    await writeScript(`${scene.folder}/docker`, "exit 1");
    await assert.rejects(prepare({ ...scene, host }, false), (error: ProgramError) => {
      assert.equal(
        error.message,
        "Cannot start Docker: no daemon answers, and there is no dockerd on the PATH",
      );
      assert.match(error.hint ?? "", /lacks it: install Docker's daemon/);
      return true;
    });
  });
});

Deno.test("`prepareDocker()` waits for a daemon that the image is just starting", async () => {
  await withScene(async (scene) => {
    await addStandIns(scene, "28.5.2", HELP.withFlag);
    await startAsImage(scene, `--host=${scene.host.env.DOCKER_HOST}`);
    await eventually("daemon process", () => findDockerd(scene.host));
    await prepare(scene, false);
    assert.deepEqual(await scene.events(), [`start --host=${scene.host.env.DOCKER_HOST}`]);
    assert.match(scene.log.text(), /Using Docker 28\.5\.2/);
  });
});

testNeeding([unprivileged], "`prepareDocker()` starts a daemon that is not running", async () => {
  await withScene(async (scene) => {
    await addStandIns(scene, "28.5.2", HELP.withFlag);
    await prepare(scene, false);
    assert.deepEqual(await scene.events(), [`start --host=${scene.host.env.DOCKER_HOST}`]);
    assert.match(scene.log.text(), /Docker 28\.5\.2 is ready/);
  });
});

testNeeding(
  [unprivileged],
  "`prepareDocker()` shows a daemon's last words when it does not start",
  async () => {
    await withScene(async (scene) => {
      await addStandIns(scene, "28.5.2", HELP.withFlag, ["echo 'iptables: no such module' >&2; exit 1"]);
      await Deno.writeTextFile(scene.dockerdLog, "from an earlier start\n");
      await assert.rejects(prepare(scene, false), {
        message: "Cannot start Docker: dockerd ended; its last lines: iptables: no such module",
      });
    });
  },
);

testNeeding(
  [unprivileged],
  "`prepareDocker()` restarts the daemon of AWS's images with the containerd image store",
  async () => {
    await withScene(async (scene) => {
      await addStandIns(scene, "28.5.2", HELP.withFlag);
      const hosts = [`--host=${scene.host.env.DOCKER_HOST}`, "--host=tcp://127.0.0.1:2375"];
      await startAsImage(scene, ...hosts, "--storage-driver=overlay2");
      await prepare(scene, true);
      await prepare(scene, true);
      assert.deepEqual(await scene.events(), [
        `start ${hosts.join(" ")} --storage-driver=overlay2`,
        "end",
        `start ${hosts.join(" ")} --feature containerd-snapshotter=true`,
      ]);
      assert.match(scene.log.text(), /Docker 28\.5\.2 is ready with the containerd image store/);
    });
  },
);

testNeeding(
  [unprivileged],
  "`prepareDocker()` sets the store in a configuration file where dockerd has no flag for it",
  async () => {
    await withScene(async (scene) => {
      await addStandIns(scene, "27.3.1", HELP.without);
      const host = `--host=${scene.host.env.DOCKER_HOST}`;
      const config = `${scene.folder}/daemon.json`;
      await Deno.writeTextFile(config, '{"debug":true}');
      await startAsImage(scene, host, `--config-file=${config}`);
      await prepare(scene, true);
      const restarted = (await scene.events()).at(-1) ?? "";
      const file = /^start (\S+) --config-file=(\S+)$/.exec(restarted);
      assert.equal(file?.[1], host);
      const written = JSON.parse(await Deno.readTextFile(file[2] ?? ""));
      assert.deepEqual(written, { debug: true, features: { "containerd-snapshotter": true } });
      assert.equal(await Deno.readTextFile(config), '{"debug":true}');
      await Deno.remove(file[2] ?? "");
    });
  },
);

testNeeding(
  [unprivileged],
  "`prepareDocker()` starts a daemon with the containerd image store at once",
  async () => {
    await withScene(async (scene) => {
      await addStandIns(scene, "28.5.2", HELP.withFlag);
      await prepare(scene, true);
      const address = scene.host.env.DOCKER_HOST;
      assert.deepEqual(await scene.events(), [
        `start --host=${address} --feature containerd-snapshotter=true`,
      ]);
    });
  },
);

testNeeding(
  [noDocker],
  "`prepareDocker()` leaves a Docker alone that has no containerd image store",
  async () => {
    await withScene(async (scene) => {
      const real: Host = { ...scene.host, env: { PATH: SYSTEM_PATH } };
      const before = await findDockerd(real);
      // Newer daemons than Debian's are not restarted for a test; the stand-ins serve for them.
      const old = { ...scene, host: real };
      if (before === undefined || !/version (1|20|23)/i.test(await versionOf(before.program))) return;
      await assert.rejects(prepare(old, true), (error: ProgramError) => {
        assert.match(
          error.message,
          /^Cannot switch Docker to the containerd image store: this is Docker 2\d\..* has none$/,
        );
        assert.match(error.hint ?? "", /Docker Engine 24 or later/);
        return true;
      });
      assert.deepEqual(await findDockerd(real), before);
      await prepare(old, false);
    });
  },
);

testNeeding(
  [unprivileged, noDockerd, await lacks("unshare")],
  "`prepareDocker()` starts a real daemon, and takes it over the next time",
  async () => {
    await withScene(async (scene) => {
      const own = ["data-root", "exec-root"].map((name) => `--${name}=${scene.folder}/${name}`);
      const apart = [...own, `--pidfile=${scene.folder}/pid`, "--bridge=none", "--iptables=false"];
      // A network of its own, since a second daemon would take the first one's bridge away.
      const command = `unshare --net ${realDockerd} "$@" ${apart.join(" ")}`;
      await writeScript(`${scene.folder}/bin/dockerd`, `exec ${command}`);
      await prepare(scene, false);
      const started = await findDockerd(scene.host);
      assert.equal(started?.args.includes(`--data-root=${scene.folder}/data-root`), true);
      assert.match(scene.log.text(), /Starting Docker\n.*Docker \d+\.\S+ is ready/);
      await prepare(scene, false);
      assert.deepEqual(await findDockerd(scene.host), started);
    });
  },
);

testNeeding(
  [unprivileged, await lacks("setpriv")],
  "`prepareDocker()` names privileged mode where the build lacks it",
  async () => {
    await withScene(async (scene) => {
      await addStandIns(scene, "28.5.2", HELP.withFlag);
      const program = new URL("../../fixtures/programs/prepare_docker.ts", import.meta.url).pathname;
      const config = new URL("../../../deno.json", import.meta.url).pathname;
      const deno = [Deno.execPath(), "run", "--quiet", "--cached-only", "--config", config];
      const { stdout } = await new Deno.Command("setpriv", {
        args: ["--bounding-set=-sys_admin", "--inh-caps=-sys_admin", ...deno, "--allow-all", program],
        env: runnerEnvironment(scene.host.env),
      }).output();
      assert.equal(
        new TextDecoder().decode(stdout),
        "error: Cannot start Docker: the build does not run in privileged mode\n" +
          "hint: Enable «Privileged» in the CodeBuild project's environment (privilegedMode: true)\n",
      );
      assert.deepEqual(await scene.events(), []);
    });
  },
);

async function versionOf(program: string): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args: ["--version"] }).output();
  return new TextDecoder().decode(stdout);
}

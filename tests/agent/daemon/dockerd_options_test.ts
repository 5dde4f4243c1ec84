import assert from "node:assert/strict";
import {
  type DockerdOptions,
  freshOptions,
  servesAddress,
  withContainerdStore,
} from "../../../agent/daemon/dockerd_options.ts";

const DEFAULT = "unix:///var/run/docker.sock";
const FLAG = ["--feature", "containerd-snapshotter=true"];
const FEATURES = { "containerd-snapshotter": true };

interface StoreCase extends DockerdOptions {
  readonly name: string;
  readonly featureFlag: boolean;
  readonly then: ReturnType<typeof withContainerdStore>;
}

const STORE_CASES: readonly StoreCase[] = [
  {
    name: "by flag, without the storage driver",
    args: [`--host=${DEFAULT}`, "--host=tcp://127.0.0.1:2375", "--storage-driver=overlay2"],
    config: undefined,
    featureFlag: true,
    then: {
      args: [`--host=${DEFAULT}`, "--host=tcp://127.0.0.1:2375", ...FLAG],
      config: {},
      configChanged: false,
    },
  },
  {
    name: "by flag, whichever way the storage driver and its options were written",
    args: ["-s", "overlay2", "--storage-opt", "overlay2.size=1G", "-D", "--storage-driver", "overlay2"],
    config: { debug: true },
    featureFlag: true,
    then: { args: ["-D", ...FLAG], config: { debug: true }, configChanged: false },
  },
  {
    name: "in the file where features are set in it, since both would stop dockerd",
    args: ["-D"],
    config: { features: { buildkit: true } },
    featureFlag: true,
    then: { args: ["-D"], config: { features: { buildkit: true, ...FEATURES } }, configChanged: true },
  },
  {
    name: "in the file where dockerd has no flag for it",
    args: [],
    config: undefined,
    featureFlag: false,
    then: { args: [], config: { features: FEATURES }, configChanged: true },
  },
  {
    name: "by flag with a file of its own where the file names a storage driver",
    args: [],
    config: { "storage-driver": "overlay2", "storage-opts": ["x"], mtu: 1400 },
    featureFlag: true,
    then: { args: FLAG, config: { mtu: 1400 }, configChanged: true },
  },
];

for (const { name, args, config, featureFlag, then } of STORE_CASES) {
  Deno.test(`\`withContainerdStore()\` switches the store on ${name}`, () => {
    assert.deepEqual(withContainerdStore({ args, config }, featureFlag), then);
  });
}

Deno.test("`freshOptions()` names the address that the client uses, unless the file names addresses", () => {
  assert.deepEqual(freshOptions(undefined, undefined).args, [`--host=${DEFAULT}`]);
  assert.deepEqual(freshOptions("", { debug: true }).args, [`--host=${DEFAULT}`]);
  assert.deepEqual(freshOptions("unix:///x", undefined).args, ["--host=unix:///x"]);
  assert.deepEqual(freshOptions("unix:///x", { hosts: ["unix:///x"] }).args, []);
});

const ADDRESSES: readonly [
  args: string[],
  hosts: string[] | undefined,
  dockerHost: string | undefined,
  serves: boolean,
][] = [
  [[], undefined, undefined, true],
  [[], undefined, "", true],
  [["-D"], undefined, "unix:///run/docker.sock", true],
  [["-H", "fd://", "--containerd=/run/containerd/containerd.sock"], undefined, undefined, true],
  [["--host=tcp://127.0.0.1:2375"], undefined, undefined, false],
  [["--host", "unix:///x", "-H=unix:///y"], undefined, "unix:///y", true],
  [["--host=unix:///x"], undefined, "unix:///y", false],
  [[], ["unix:///x"], "unix:///x", true],
  [[], ["unix:///x"], undefined, false],
];

for (const [args, hosts, dockerHost, serves] of ADDRESSES) {
  const daemon = [...args, ...hosts ?? []].join(" ") || "nothing";
  Deno.test(`\`servesAddress()\` says ${serves} to a daemon with ${daemon} and DOCKER_HOST «${dockerHost}»`, () => {
    assert.equal(servesAddress({ args, config: hosts && { hosts } }, dockerHost), serves);
  });
}

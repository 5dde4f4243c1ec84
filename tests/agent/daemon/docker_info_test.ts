import assert from "node:assert/strict";
import { parseDockerInfo } from "../../../agent/daemon/docker_info.ts";

Deno.test("`parseDockerInfo()` reads version and image store", () => {
  const classic = {
    ServerVersion: "28.5.2",
    Driver: "overlay2",
    DriverStatus: [["Backing Filesystem", "extfs"]],
  };
  assert.deepEqual(parseDockerInfo(JSON.stringify(classic)), { version: "28.5.2", containerdStore: false });
  const store = {
    ...classic,
    Driver: "overlayfs",
    DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]],
  };
  assert.deepEqual(parseDockerInfo(JSON.stringify(store)), { version: "28.5.2", containerdStore: true });
});

Deno.test("`parseDockerInfo()` finds no daemon in what the client says alone", () => {
  const texts = [
    '{"ServerVersion":"","DriverStatus":null,"ServerErrors":["Cannot connect"]}',
    "{}",
    "",
    "Cannot connect",
  ];
  for (const text of texts) assert.equal(parseDockerInfo(text), undefined);
});

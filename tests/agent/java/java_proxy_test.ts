import assert from "node:assert/strict";
import { javaToolOptions } from "../../../agent/java/java_proxy.ts";

const LOCAL = "localhost|127.*|[::1]";

const CASES: readonly { name: string; env: Record<string, string>; options: string | undefined }[] = [
  { name: "sets nothing without a proxy", env: { NO_PROXY: "a.example" }, options: undefined },
  { name: "keeps what is set without a proxy", env: { JAVA_TOOL_OPTIONS: "-Xmx1g" }, options: "-Xmx1g" },
  {
    name: "sets host and port of both proxies, after what is set",
    env: {
      JAVA_TOOL_OPTIONS: "-Xmx1g",
      HTTPS_PROXY: "http://proxy.corp:3128",
      http_proxy: "http://other.corp",
    },
    options: "-Xmx1g -Dhttps.proxyHost=proxy.corp -Dhttps.proxyPort=3128 " +
      `-Dhttp.proxyHost=other.corp -Dhttp.proxyPort=80 -Dhttp.nonProxyHosts=${LOCAL}`,
  },
  {
    name: "takes a proxy without a scheme, and leaves its password out",
    env: { HTTPS_PROXY: "user:password@proxy.corp:3128" },
    options: `-Dhttps.proxyHost=proxy.corp -Dhttps.proxyPort=3128 -Dhttp.nonProxyHosts=${LOCAL}`,
  },
  {
    name: "names the hosts without a proxy in Java's way",
    env: {
      HTTPS_PROXY: "https://p",
      NO_PROXY: "example.com, .corp:8080,169.254.170.2,10.0.0.0/8,10.1.2.0/23 *.x",
    },
    options: "-Dhttps.proxyHost=p -Dhttps.proxyPort=443 -Dhttp.nonProxyHosts=" +
      `${LOCAL}|example.com|*.example.com|corp|*.corp|169.254.170.2|10.*|x|*.x`,
  },
  {
    name: "leaves alone what is set already",
    env: { HTTPS_PROXY: "http://p:1", JAVA_TOOL_OPTIONS: "-Dhttps.proxyHost=mine -Dhttp.nonProxyHosts=x" },
    options: "-Dhttps.proxyHost=mine -Dhttp.nonProxyHosts=x -Dhttps.proxyPort=1",
  },
  { name: "passes over a proxy that is no URL", env: { HTTP_PROXY: "http://" }, options: undefined },
];

for (const { name, env, options } of CASES) {
  Deno.test(`\`javaToolOptions()\` ${name}`, () => assert.equal(javaToolOptions(env), options));
}

import assert from "node:assert/strict";
import { fastHost } from "../../scripts/bench/fast_clock.ts";
import { compressedStep, makeFastRelease } from "../../scripts/bench/fast_release.ts";
import { CPU_PERCENT, limitFor, MEMORY_MB } from "../../scripts/bench/agent_figures.ts";
import { measureBurden } from "../../scripts/bench/agent_load.ts";
import {
  type Budget,
  budgetText,
  type Figure,
  isMet,
  measuredText,
} from "../../scripts/bench/report/figure.ts";
import { CpuWatch } from "../../scripts/bench/cpu_watch.ts";
import { cpuModel, machineClass } from "../../scripts/bench/report/machine_class.ts";
import { MemoryWatch, peakMb } from "../../scripts/bench/memory_watch.ts";
import { percentile } from "../../scripts/bench/report/percentile.ts";
import { withFigures } from "../../scripts/bench/report/readme_figures.ts";
import { reportJson, reportLines } from "../../scripts/bench/report/report.ts";
import { roleOf } from "../../scripts/bench/role_of_process.ts";
import { startUpTimes } from "../../scripts/bench/start_up.ts";
import { sourceText } from "../fixtures/source_text.ts";
import { quickHost } from "../fixtures/quick_host.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";

const TEN = [10, 1, 9, 2, 8, 3, 7, 4, 6, 5];

for (const [percent, expected] of [[0, 1], [10, 1], [50, 5], [51, 6], [95, 10], [100, 10]] as const) {
  Deno.test(`\`percentile()\` ${percent} of 1 to 10 is ${expected}`, () => {
    assert.equal(percentile(TEN, percent), expected);
  });
}

Deno.test("`percentile()` of nothing is no number", () => assert.ok(Number.isNaN(percentile([], 50))));

const VERDICTS: readonly (readonly [values: readonly number[], budget: Budget | undefined, met?: boolean])[] =
  [
    [TEN, undefined],
    [TEN, { limit: 10, judged: "p95" }, true],
    [TEN, { limit: 9, judged: "p95" }, false],
    [[...Array(30).fill(1), 100], { limit: 9, judged: "p95" }, true],
    [[...Array(30).fill(1), 100], { limit: 9, judged: "highest" }, false],
    [TEN, { limit: 10, judged: "highest" }, true],
    [[50], { limit: 50, judged: "lowest" }, true],
    [[49], { limit: 50, judged: "lowest" }, false],
    [[], { limit: 1, judged: "highest" }, false],
  ];
for (const [values, budget, met] of VERDICTS) {
  Deno.test(`\`isMet()\` says ${met} of ${values.length} values and ${JSON.stringify(budget)}`, () => {
    assert.equal(isMet({ values, budget }), met);
  });
}

const TEXTS:
  readonly (readonly [Pick<Figure, "unit" | "values" | "budget">, measured: string, budget: string])[] = [
    [
      { unit: "s", values: TEN, budget: { limit: 1, judged: "p95" } },
      "p50 5.00 s, p95 10.00 s, 10 times",
      "≤ 1 s",
    ],
    [
      { unit: "MB", values: [81.2, 89.6], budget: { limit: 90, judged: "highest" } },
      "81 to 90 MB",
      "≤ 90 MB",
    ],
    [
      { unit: "% of a core", values: [0.123], budget: { limit: 0.3, judged: "highest" } },
      "0.12 % of a core",
      "≤ 0.3 % of a core",
    ],
    [{ unit: "builds", values: [50], budget: { limit: 50, judged: "lowest" } }, "50 builds", "≥ 50 builds"],
    [{ unit: "requests", values: [], budget: undefined }, "not measured", ""],
  ];
for (const [figure, measured, budget] of TEXTS) {
  Deno.test(`a figure is told as «${measured}»`, () => {
    assert.deepEqual([measuredText(figure), budgetText(figure)], [measured, budget]);
  });
}

const REPORT = {
  date: "2026-01-02T03:04:05.678Z",
  machine: { cpu: "Some CPU", cores: 2, memoryGb: 8, deno: "2.0.0" },
  load: { before: [0.25, 1, 1], after: [3, 2, 1] },
  figures: [
    {
      name: "A",
      unit: "s",
      values: [0.5],
      budget: { limit: 1, judged: "p95" },
      how: "so",
      shellTool: "10 s",
    },
    { name: "Longer", unit: "requests", values: [41], budget: { limit: 40, judged: "highest" }, how: "so" },
    { name: "C", unit: "MB", values: [7], budget: undefined, how: "otherwise" },
  ] satisfies Figure[],
};

Deno.test("`reportLines()` names the day and the class of machine, and aligns its table", () => {
  const lines = reportLines(REPORT);
  assert.match(lines[0] ?? "", /2026-01-02 .* Some CPU, 2 cores, 8 GB, Deno 2\.0\.0;$/);
  assert.match(lines[1] ?? "", /load average was 0\.3 /);
  const start = lines.findIndex((line) => line.startsWith("|"));
  assert.deepEqual(lines.slice(start, start + 5), [
    "| Figure | Measured                     | Budget        | Met | Shell tool |",
    "| ------ | ---------------------------- | ------------- | --- | ---------- |",
    "| A      | p50 0.50 s, p95 0.50 s, once | ≤ 1 s         | yes | 10 s       |",
    "| Longer | 41 requests                  | ≤ 40 requests | no  |            |",
    "| C      | 7 MB                         |               |     |            |",
  ]);
});

Deno.test("`reportLines()` says once how figures were measured together", () => {
  const lines = reportLines(REPORT).filter((line) => line.startsWith("- "));
  assert.deepEqual(lines, ["- A; Longer: so", "- C: otherwise"]);
});

Deno.test("`reportJson()` keeps every measurement and says whether the budget is kept", () => {
  const { figures } = JSON.parse(JSON.stringify(reportJson(REPORT)));
  assert.deepEqual(
    figures.map((figure: Record<string, unknown>) => [figure["values"], figure["met"], figure["p95"]]),
    [[[0.5], true, 0.5], [[41], false, 41], [[7], undefined, 7]],
  );
});

Deno.test("`withFigures()` replaces what stands between the marks and nothing else, however often", () => {
  const readme = "# Title\n\n<!-- bench:start -->\n\nold\n\n<!-- bench:end -->\n\nEnd\n";
  const expected = "# Title\n\n<!-- bench:start -->\n\na\nb\n\n<!-- bench:end -->\n\nEnd\n";
  assert.equal(withFigures(readme, ["a", "b"]), expected);
  assert.equal(withFigures(withFigures(readme, ["x"]), ["a", "b"]), expected);
});

for (const readme of ["", "<!-- bench:start -->", "<!-- bench:end --> <!-- bench:start -->"]) {
  Deno.test(`\`withFigures()\` refuses a README with «${readme}»`, () => {
    assert.throws(() => withFigures(readme, []), {
      message: /^Cannot write figures: shared\/README\.md has no /,
    });
  });
}

Deno.test("`CpuWatch` adds up what a process and its children take, and counts the children it starts", async () => {
  const child = 'sh -c "i=0; while [ \\$i -lt 60000 ]; do i=\\$((i+1)); done"';
  const script = `echo ready; read go; for child in 1 2; do ${child}; done; echo done; read go`;
  const shell = new Deno.Command("sh", { args: ["-c", script], stdin: "piped", stdout: "piped" }).spawn();
  const [orders, answers] = [shell.stdin.getWriter(), shell.stdout.getReader()];
  try {
    await answers.read();
    const idle = new CpuWatch([shell.pid]);
    assert.deepEqual(idle.stop(), { percent: 0, processesStarted: 0 });
    const busy = new CpuWatch([shell.pid]);
    await orders.write(new TextEncoder().encode("\n"));
    await answers.read();
    const { percent, processesStarted } = busy.stop();
    assert.equal(processesStarted, 2);
    assert.ok(percent > 1 && percent <= 150, `${percent}`);
  } finally {
    await orders.close();
    await shell.status;
    await answers.cancel();
  }
});

for (const [runners, percent, mb] of [[1, 0.3, 90], [4, 0.6, 96], [16, 1.8, 120]] as const) {
  Deno.test(`\`limitFor()\` lets the agent of ${runners} runners take ${percent} % of a core and ${mb} MB`, () => {
    assert.deepEqual([limitFor({ runners }, CPU_PERCENT), limitFor({ runners }, MEMORY_MB)], [percent, mb]);
  });
}

Deno.test("`measureBurden()` tells what the agent of several runners takes", async () => {
  await withTemporaryFolder(async (folder) => {
    const { taken, peaks } = await measureBurden(folder, { type: "shell", runners: 2, steps: 1, seconds: 5 });
    assert.ok(taken.percent >= 0 && taken.percent < 100, `${taken.percent}`);
    for (const role of ["agent pre_build", "agent build"]) {
      assert.ok(peaks.some((peak) => peak.role === role && peak.mb > 20), role);
    }
  });
});

Deno.test("shared/README.md has the marks that `withFigures()` looks for", async () => {
  assert.ok(withFigures(await sourceText(["shared/README.md"]), ["the figures"]).includes("the figures"));
});

const ROLES: readonly (readonly [args: string, role: string | undefined])[] = [
  ["/opt/deno run -q -P=start-runner /checkout/cli/main.ts --multi-step", "start-runner"],
  ["deno run --ext=js /tmp/bin/start-runner", "start-runner"],
  ["/usr/local/bin/start-runner", "start-runner"],
  ["deno run /checkout/agent/main.ts pre_build", "agent pre_build"],
  ["deno run --ext=js /runner/codebuild-agent build", "agent build"],
  ["/runner/codebuild-agent post_build", "agent post_build"],
  ["/runner/codebuild-agent --version", undefined],
  ["/bin/sh /runner/codebuild-agent build", undefined],
  ["/bin/sh /runner/build.sh", undefined],
  ["deno run /checkout/scripts/local_cloud/stand_in/stand_in_runner.ts --runtime linux-shell", undefined],
  ["deno check agent/main.ts build", undefined],
  ["", undefined],
];
for (const [args, role] of ROLES) {
  Deno.test(`\`roleOf()\` takes «${args}» for ${role ?? "nothing of ours"}`, () => {
    assert.equal(roleOf(args === "" ? [] : args.split(" ")), role);
  });
}

Deno.test("`peakMb()` reads the peak in megabytes, and none of a process that has ended", () => {
  assert.equal(peakMb("Name:\tdeno\nVmPeak:\t  999999 kB\nVmHWM:\t   50000 kB\nVmRSS:\t   40000 kB\n"), 51.2);
  assert.equal(peakMb("Name:\tdeno\nState:\tZ (zombie)\n"), undefined);
});

Deno.test("`MemoryWatch` sees a program of ours that carries the mark, and no other", async () => {
  await withTemporaryFolder(async (folder) => {
    const program = `${folder}/start-runner`;
    await Deno.symlink("/bin/sleep", program);
    const run = (mark: string) =>
      new Deno.Command(program, { args: ["60"], env: { BENCH_TEST: mark } }).spawn();
    const watch = new MemoryWatch("BENCH_TEST=mine");
    const children = [run("mine"), run("another's")];
    try {
      while (watch.peaks.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      for (const child of children) child.kill();
      await Promise.all(children.map((child) => child.status));
    }
    const [peak, ...others] = watch.stop();
    assert.deepEqual([peak?.role, others], ["start-runner", []]);
    assert.ok((peak?.mb ?? 0) > 0.1);
  });
});

Deno.test("`cpuModel()` reads the model, and is undefined where there is none", () => {
  assert.equal(
    cpuModel("processor\t: 0\nmodel name\t: Some  CPU @ 1 GHz\nflags\t: fpu\n"),
    "Some CPU @ 1 GHz",
  );
  assert.equal(cpuModel("processor\t: 0\nBogoMIPS\t: 50\n"), undefined);
});

Deno.test("`machineClass()` tells the class and nothing else", async () => {
  assert.deepEqual(Object.keys(await machineClass()).sort(), ["cores", "cpu", "deno", "memoryGb"]);
});

Deno.test("`fastHost()` has time pass as fast as the file says, from the moment it says so", async () => {
  await withTemporaryFolder(async (folder) => {
    let realMs = 0;
    const host = fastHost(
      quickHost({ now: () => 1e12 + realMs, monotonicMs: () => realMs }),
      `${folder}/rate`,
    );
    const after = (ms: number) => {
      realMs += ms;
      return [host.monotonicMs(), host.now()];
    };
    assert.deepEqual(after(100), [100, 1e12 + 100]);
    await Deno.writeTextFile(`${folder}/rate`, "60\n");
    after(10);
    assert.deepEqual(after(100), [110 + 6000, 1e12 + 110 + 6000]);
    await Deno.remove(`${folder}/rate`);
    after(10);
    assert.equal(after(100)[0], 110 + 6600 + 100);
  });
});

Deno.test("`fastHost()` sleeps a share of the time, in short pauses, and passes an abort on", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/rate`, "100");
    let realMs = 0;
    const pauses: number[] = [];
    const sleep = (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      pauses.push(ms);
      realMs += ms;
      return Promise.resolve();
    };
    const host = fastHost(quickHost({ monotonicMs: () => realMs, sleep }), `${folder}/rate`);
    realMs = 1;
    host.monotonicMs();
    await host.sleep(10_000);
    assert.equal(realMs, 101);
    assert.ok(pauses.every((ms) => ms <= 20));
    const reason = new Error("enough");
    await assert.rejects(async () => await host.sleep(1000, AbortSignal.abort(reason)), reason);
  });
});

Deno.test("`compressedStep()` sleeps its share and leaves the clock as told", () => {
  assert.equal(
    compressedStep(30, 60),
    'echo 60 >"$CODEBUILD_SRC_DIR/clock-rate"; sleep 30.00; rm -f "$CODEBUILD_SRC_DIR/clock-rate"; sleep 0.5',
  );
  assert.equal(
    compressedStep(1, 60, 10),
    'echo 60 >"$CODEBUILD_SRC_DIR/clock-rate"; sleep 1.00; echo 10 >"$CODEBUILD_SRC_DIR/clock-rate"',
  );
});

Deno.test("`startUpTimes()` times the start of a release's start-runner", async () => {
  await withTemporaryFolder(async (folder) => {
    const { bin } = await makeFastRelease(folder);
    const [seconds = NaN, ...others] = await startUpTimes(bin, 1);
    assert.ok(seconds > 0);
    assert.deepEqual(others, []);
  });
});

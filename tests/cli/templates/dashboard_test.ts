import assert from "node:assert/strict";
import { dashboardBody } from "../../../cli/templates/dashboard.ts";

interface Body {
  readonly widgets: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly properties: {
      readonly region: string;
      readonly metrics: readonly [{ readonly expression: string }][];
    };
  }[];
}

Deno.test("`dashboardBody()` shows every metric of every repository, in CloudWatch's syntax of searches", () => {
  const { widgets } = dashboardBody({ region: "eu-west-1" }) as Body;
  const expressions = widgets.flatMap(({ properties }) =>
    properties.metrics.flatMap(([{ expression }]) => expression)
  );
  const search =
    /^SEARCH\('\{BitbucketRunner,Repository\} MetricName="(\w+)"', '(?:Average|Maximum)', 3600\)$/;
  const names = expressions.map((expression) => search.exec(expression)?.[1]);
  assert.deepEqual([...new Set(names)], [
    "QueueSeconds",
    "ProvisioningSeconds",
    "OnlineSeconds",
    "IdleSeconds",
    "StepSeconds",
  ]);
  assert.equal(names.length, 10);
});

Deno.test("`dashboardBody()` lets no widget lie on another, nor beyond CloudWatch's 24 columns", () => {
  const { widgets } = dashboardBody({ region: "eu-west-1" }) as Body;
  const cells = widgets.flatMap(({ x, y, width, height }) =>
    Array.from({ length: width * height }, (_, cell) => `${x + cell % width},${y + Math.floor(cell / width)}`)
  );
  assert.equal(new Set(cells).size, cells.length);
  assert.ok(widgets.every(({ x, width }) => x + width <= 24));
});

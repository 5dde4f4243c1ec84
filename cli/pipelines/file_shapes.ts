import type { MapShape, Shape } from "./shape.ts";

/**
 * The keys of a bitbucket-pipelines.yml. Source: Bitbucket's own JSON schema of June 2026, and its documentation for
 * what that lacks: `bookmarks`, `output-variables`, `on-fail`, `oidc` with audiences, `platform`, steps under `definitions`.
 */
const ANYTHING: Shape = {};
const TEXT: Shape = { scalar: { is: "text" } };
const FLAG: Shape = { scalar: { is: "flag" } };
const NUMBER: Shape = { scalar: { is: "number" } };
const TEXTS = list(TEXT);
const TEXT_OR_TEXTS = { ...TEXT, ...TEXTS };
const FREE_TEXTS: Shape = { map: { keys: {}, others: ANYTHING } };

const TRIGGER = words("automatic", "manual");
const SIZE = words("1x", "2x", "4x", "8x", "16x", "32x");
const RUNS_ON: Shape = { ...TEXT, ...list(TEXT, 10) };

const AWS_LOGIN = map({ "access-key": TEXT, "secret-key": TEXT, "oidc-role": TEXT });
const IMAGE: Shape = {
  ...TEXT,
  ...map({
    name: TEXT,
    username: TEXT,
    password: TEXT,
    email: TEXT,
    "run-as-user": ANYTHING,
    aws: AWS_LOGIN,
  }, { needs: { keys: ["name"], otherwise: "«image» has no name" } }),
};

const CLONE = map({
  enabled: FLAG,
  depth: ANYTHING,
  lfs: FLAG,
  "skip-ssl-verify": FLAG,
  strategy: TEXT,
  submodules: ANYTHING,
  "sparse-checkout": ANYTHING,
});

const RUNTIME = map({
  cloud: map({
    version: TEXT,
    arch: words("x86", "arm"),
    platform: TEXT,
    "instance-type": TEXT,
    "atlassian-ip-ranges": FLAG,
  }),
  "self-hosted": map({ cpu: ANYTHING, memory: ANYTHING, volumes: TEXTS, storage: ANYTHING }),
});

const CONDITION = map({
  changesets: map({ includePaths: TEXT_OR_TEXTS, excludePaths: TEXT_OR_TEXTS }),
  state: TEXT,
});

const SCRIPT = list({
  ...TEXT,
  ...map({
    pipe: TEXT,
    variables: FREE_TEXTS,
    name: TEXT,
    agent: TEXT,
    prompt: TEXT,
    provider: TEXT,
    config: ANYTHING,
    permissions: ANYTHING,
  }, {
    needs: {
      keys: ["pipe", "agent"],
      otherwise:
        "A script's entry is a mapping, but no pipe: a colon with a blank behind it makes it one, so put " +
        "the command in quotes",
    },
  }),
});

const UPLOAD = {
  ...TEXT,
  ...map({
    name: TEXT,
    paths: TEXT_OR_TEXTS,
    type: words("shared", "scoped", "test-reports"),
    "capture-on": words("success", "failed", "always"),
    depth: NUMBER,
    "ignore-paths": TEXT_OR_TEXTS,
  }),
};
const ARTIFACTS: Shape = {
  ...TEXTS,
  ...map({ paths: TEXTS, download: { scalar: { is: "flag" }, ...TEXTS }, upload: list(UPLOAD) }),
};

const STEP = map({
  name: TEXT,
  script: SCRIPT,
  "after-script": SCRIPT,
  artifacts: ARTIFACTS,
  auth: ANYTHING,
  caches: TEXTS,
  clone: CLONE,
  "concurrency-group": TEXT,
  condition: CONDITION,
  custom: TEXT,
  deployment: TEXT,
  environment: TEXT,
  "fail-fast": FLAG,
  image: IMAGE,
  "input-variables": FREE_TEXTS,
  "max-time": NUMBER,
  oidc: { scalar: { is: "flag" }, ...map({ audiences: TEXT_OR_TEXTS }) },
  "on-fail": ANYTHING,
  "output-variables": ANYTHING,
  "runs-on": RUNS_ON,
  runtime: RUNTIME,
  services: list(TEXT, 5),
  size: SIZE,
  trigger: TRIGGER,
  type: words("inline", "pipeline"),
}, { needs: { keys: ["script", "type", "custom"], otherwise: "The step has no script" } });

const ITEM_KINDS = ["step", "parallel", "stage", "final", "variables"];

/** What else makes an item elsewhere is a warning here: nothing says that Bitbucket will never take it. */
const STEPS = list(item({ step: STEP }));

const VARIABLES = list(
  map({ name: TEXT, default: ANYTHING, description: ANYTHING, "allowed-values": TEXTS }, {
    needs: { keys: ["name"], otherwise: "The variable has no name" },
  }),
);

const ITEMS = list(item({
  step: STEP,
  parallel: {
    ...STEPS,
    ...map({ steps: STEPS, "fail-fast": FLAG }, {
      needs: { keys: ["steps"], otherwise: "«parallel» has no steps" },
    }),
  },
  stage: map({
    name: TEXT,
    steps: STEPS,
    deployment: TEXT,
    environment: TEXT,
    trigger: TRIGGER,
    condition: CONDITION,
    "fail-fast": FLAG,
  }, { needs: { keys: ["steps"], otherwise: "«stage» has no steps" } }),
  final: STEP,
  variables: VARIABLES,
}));

const PIPELINE: Shape = {
  ...ITEMS,
  ...map({ import: TEXT, variables: VARIABLES }, {
    needs: {
      keys: ["import"],
      otherwise: "The pipeline is a mapping, but takes a list of steps, each with «- » before it",
    },
  }),
};
const PIPELINES_BY_NAME: Shape = { map: { keys: {}, others: PIPELINE } };

const SERVICE = map({ image: IMAGE, memory: NUMBER, type: TEXT, variables: FREE_TEXTS });
const CACHE: Shape = {
  ...TEXT,
  ...map({ path: TEXT, key: map({ files: TEXT_OR_TEXTS }) }, {
    needs: { keys: ["path"], otherwise: "The cache has no path" },
  }),
};

/** The whole file. */
export const FILE_SHAPE: Shape = map({
  image: IMAGE,
  options: map({
    docker: FLAG,
    "max-time": NUMBER,
    "runs-on": RUNS_ON,
    runtime: RUNTIME,
    size: SIZE,
  }),
  clone: CLONE,
  // Names are free here: whatever stands under others is only the place of an anchor.
  definitions: map({
    agents: ANYTHING,
    caches: { map: { keys: {}, others: CACHE } },
    imports: ANYTHING,
    pipelines: PIPELINES_BY_NAME,
    services: { map: { keys: {}, others: SERVICE } },
  }, { others: ANYTHING }),
  export: FLAG,
  labels: ANYTHING,
  triggers: ANYTHING,
  pipelines: map({
    default: PIPELINE,
    branches: PIPELINES_BY_NAME,
    tags: PIPELINES_BY_NAME,
    bookmarks: PIPELINES_BY_NAME,
    "pull-requests": PIPELINES_BY_NAME,
    custom: PIPELINES_BY_NAME,
  }),
}, {
  needs: {
    keys: ["pipelines", "definitions"],
    otherwise: "There is no «pipelines» in the file",
  },
});

function list(of: Shape, most?: number): Shape {
  return { list: most === undefined ? { of } : { of, most } };
}

function map(keys: MapShape["keys"], more: Omit<MapShape, "keys"> = {}): Shape {
  return { map: { keys, ...more } };
}

function item(keys: MapShape["keys"]): Shape {
  return map(keys, {
    needs: { keys: ITEM_KINDS, otherwise: `The entry is none of: ${ITEM_KINDS.join(", ")}` },
  });
}

function words(...known: string[]): Shape {
  return { scalar: { is: "text", words: known } };
}

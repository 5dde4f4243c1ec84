import assert from "node:assert/strict";
import { bitbucketUrls } from "../../../shared/bitbucket/bitbucket_urls.ts";

const PLACE = { workspace: "{w}", repository: "{r}" };
const RUNNERS = "repositories/%7Bw%7D/%7Br%7D/pipelines-config/runners";

Deno.test("`bitbucketUrls()` keeps the braces of identifiers, percent-encoded", () => {
  const urls = bitbucketUrls({ apiUrl: "https://api.bitbucket.org/2.0", ...PLACE });
  assert.equal(urls.runners(), `https://api.bitbucket.org/2.0/${RUNNERS}`);
  assert.equal(urls.runners("{u}"), `https://api.bitbucket.org/2.0/${RUNNERS}/%7Bu%7D`);
  assert.equal(
    urls.steps("{p}"),
    "https://api.bitbucket.org/2.0/repositories/%7Bw%7D/%7Br%7D/pipelines/%7Bp%7D/steps",
  );
});

for (
  const [apiUrl, base] of [
    ["https://api.bitbucket.org/2.0", "https://api.bitbucket.org/internal"],
    ["http://127.0.0.1:1/bitbucket/2.0", "http://127.0.0.1:1/bitbucket/internal"],
    ["http://127.0.0.1:1/api", "http://127.0.0.1:1/api/internal"],
  ] as const
) {
  Deno.test(`\`bitbucketUrls()\` finds the older state address beside ${apiUrl}`, () => {
    assert.equal(bitbucketUrls({ apiUrl, ...PLACE }).runnerState("{u}"), `${base}/${RUNNERS}/%7Bu%7D/state`);
  });
}

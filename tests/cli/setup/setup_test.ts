import assert from "node:assert/strict";
import { accountArn, logGroupArn, projectArn, secretArn } from "../../../cli/setup/setup.ts";
import { LOG_GROUP, PROJECT, SETUP } from "./sample_setup.ts";

Deno.test("ARNs name the account, the region and the region's partition", () => {
  assert.equal(projectArn(SETUP), PROJECT);
  assert.equal(logGroupArn(SETUP), LOG_GROUP);
  assert.equal(
    secretArn(SETUP),
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:bitbucket-runner-??????",
  );
  assert.equal(
    accountArn({ ...SETUP, region: "us-gov-east-1" }, "root"),
    "arn:aws-us-gov:iam::123456789012:root",
  );
  assert.equal(accountArn({ ...SETUP, region: "cn-north-1" }, "root"), "arn:aws-cn:iam::123456789012:root");
});

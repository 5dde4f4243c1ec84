/** What helps where a limit does not pass in time. */
export const CAPACITY_HINT =
  "raise --capacity-timeout, the project's concurrent build limit, or the account's quota for this compute type " +
  "(Service Quotas, AWS CodeBuild, «Concurrently running builds»)";

/** What helps where CodeBuild goes on throttling. */
export const THROTTLED_HINT =
  "raise --capacity-timeout; CodeBuild counts an account's calls together: see in CloudTrail who makes many of them";

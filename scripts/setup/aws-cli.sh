#!/bin/sh
# Ephemeral Bitbucket runners, started by start-runner: makes everything once, and stops at what is there already.
# Made by `deno task policies --write`; `start-runner init --print` fills it in for you.
# Set what is asked for below as variables.
set -eu
: "${ACCOUNT:?AWS account, 12 digits}"
: "${REGION:?AWS region}"
: "${WORKSPACE:?Slug of the Bitbucket workspace}"
: "${WORKSPACE_UUID:?UUID of the workspace, without braces}"
: "${REPOSITORY_UUID:?UUID of the repository, without braces}"
# Name of the CodeBuild project, and of secret and log group
: "${PROJECT_NAME:=bitbucket-runner}"
# Name of the role that start-runner assumes
: "${START_ROLE_NAME:=start-runner}"

AWS_REGION="${REGION}"
AWS_DEFAULT_REGION=$AWS_REGION
export AWS_REGION AWS_DEFAULT_REGION

documents=$(mktemp -d)
trap 'rm -rf "$documents"' EXIT

aws iam create-open-id-connect-provider \
  --url "https://api.bitbucket.org/2.0/workspaces/${WORKSPACE}/pipelines-config/identity/oidc" \
  --client-id-list "ari:cloud:bitbucket::workspace/${WORKSPACE_UUID}"
cat >"$documents/trust.json" <<END
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "StepsOfTheseRepositories",
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:aws:iam::${ACCOUNT}:oidc-provider/api.bitbucket.org/2.0/workspaces/${WORKSPACE}/pipelines-config/identity/oidc"
      },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "api.bitbucket.org/2.0/workspaces/${WORKSPACE}/pipelines-config/identity/oidc:aud": "ari:cloud:bitbucket::workspace/${WORKSPACE_UUID}"
        },
        "StringLike": {
          "api.bitbucket.org/2.0/workspaces/${WORKSPACE}/pipelines-config/identity/oidc:sub": [
            "{${REPOSITORY_UUID}}:*"
          ]
        }
      }
    }
  ]
}
END
cat >"$documents/permissions.json" <<END
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "StartWithKnownOverrides",
      "Effect": "Allow",
      "Action": "codebuild:StartBuild",
      "Resource": "arn:aws:codebuild:${REGION}:${ACCOUNT}:project/${PROJECT_NAME}",
      "Condition": {
        "Null": {
          "codebuild:artifacts": "true",
          "codebuild:artifacts.location": "true",
          "codebuild:source.buildStatusConfig.context": "true",
          "codebuild:source.buildStatusConfig.targetUrl": "true",
          "codebuild:cache": "true",
          "codebuild:cache.type": "true",
          "codebuild:environment.certificate": "true",
          "codebuild:encryptionKey": "true",
          "codebuild:source.insecureSsl": "true",
          "codebuild:logsConfig": "true",
          "codebuild:logsConfig.s3Logs": "true",
          "codebuild:environment.registryCredential": "true",
          "codebuild:environment.registryCredential.credential": "true",
          "codebuild:secondaryArtifacts": "true",
          "codebuild:secondaryArtifacts.artifactIdentifier": "true",
          "codebuild:secondarySources": "true",
          "codebuild:secondarySources.sourceIdentifier": "true",
          "codebuild:serviceRole": "true",
          "codebuild:source.auth.resource": "true",
          "codebuild:source.auth.type": "true",
          "codebuild:source.location": "true",
          "codebuild:environment.fleet.fleetArn": "true"
        },
        "ForAllValues:StringEquals": {
          "codebuild:environment.environmentVariables.name": [
            "WORKSPACE_UUID",
            "REPO_UUID",
            "PIPELINE_UUID",
            "LAUNCHER_STEP_UUID",
            "LAUNCHER_MACHINE",
            "RUNNER_REPOSITORY",
            "RUNNER_PIPELINE_NUMBER",
            "RUNNER_TYPE",
            "RUNNER_LABEL",
            "MULTI_STEP",
            "RUNNER_COUNT",
            "RUNNER_OWN_PIPELINE_ONLY",
            "RUNNER_LINGER",
            "DOCKER_CONTAINERD",
            "RUNNER_RELEASE_URL",
            "RUNNER_DEBUG",
            "RUNNER_METRICS",
            "RUNNER_VERBOSE",
            "LOG_FORMAT",
            "BITBUCKET_POLL_INTERVAL",
            "RUNNER_IDLE_TIMEOUT",
            "API_TIMEOUT"
          ],
          "codebuild:environment.environmentVariables/WORKSPACE_UUID.value": ["{${WORKSPACE_UUID}}"],
          "codebuild:environment.environmentVariables/REPO_UUID.value": ["{${REPOSITORY_UUID}}"],
          "codebuild:environment.environmentVariables/RUNNER_TYPE.value": ["shell", "docker"]
        },
        "ForAllValues:StringNotLike": {
          "codebuild:environment.environmentVariables.value": [
            "${PROJECT_NAME}",
            "${PROJECT_NAME}:*",
            "arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${PROJECT_NAME}*"
          ]
        },
        "StringEqualsIfExists": {
          "codebuild:environment.type": [
            "LINUX_CONTAINER",
            "ARM_CONTAINER",
            "LINUX_GPU_CONTAINER",
            "LINUX_EC2",
            "ARM_EC2"
          ],
          "codebuild:environment.imagePullCredentialsType": ["CODEBUILD", "SERVICE_ROLE"]
        },
        "StringLikeIfExists": { "codebuild:environment.computeType": ["BUILD_GENERAL1_*"] },
        "BoolIfExists": { "codebuild:environment.privilegedMode": ["true"] },
        "NumericEqualsIfExists": { "codebuild:autoRetryLimit": "0" }
      }
    },
    {
      "Sid": "FollowAndStop",
      "Effect": "Allow",
      "Action": ["codebuild:BatchGetBuilds", "codebuild:StopBuild", "codebuild:ListBuildsForProject"],
      "Resource": "arn:aws:codebuild:${REGION}:${ACCOUNT}:project/${PROJECT_NAME}"
    },
    {
      "Sid": "ReadTheEndOfTheLog",
      "Effect": "Allow",
      "Action": "logs:GetLogEvents",
      "Resource": "arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/codebuild/${PROJECT_NAME}:log-stream:*"
    }
  ]
}
END
aws iam create-role \
  --role-name "${START_ROLE_NAME}" \
  --max-session-duration 3600 \
  --assume-role-policy-document "file://$documents/trust.json"
aws iam put-role-policy \
  --role-name "${START_ROLE_NAME}" \
  --policy-name start-runner \
  --policy-document "file://$documents/permissions.json"
cat >"$documents/service-trust.json" <<END
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "BuildsOfThisProject",
      "Effect": "Allow",
      "Principal": { "Service": "codebuild.amazonaws.com" },
      "Action": "sts:AssumeRole",
      "Condition": {
        "StringEquals": {
          "aws:SourceArn": "arn:aws:codebuild:${REGION}:${ACCOUNT}:project/${PROJECT_NAME}",
          "aws:SourceAccount": "${ACCOUNT}"
        }
      }
    }
  ]
}
END
cat >"$documents/service-permissions.json" <<END
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "WriteTheLog",
      "Effect": "Allow",
      "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      "Resource": [
        "arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/codebuild/${PROJECT_NAME}",
        "arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/codebuild/${PROJECT_NAME}:*"
      ]
    },
    {
      "Sid": "ReadTheCredential",
      "Effect": "Allow",
      "Action": "secretsmanager:GetSecretValue",
      "Resource": "arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${PROJECT_NAME}-??????"
    },
    {
      "Sid": "KnowDeadBuilds",
      "Effect": "Allow",
      "Action": "codebuild:BatchGetBuilds",
      "Resource": "arn:aws:codebuild:${REGION}:${ACCOUNT}:project/${PROJECT_NAME}"
    }
  ]
}
END
aws iam create-role \
  --role-name "${PROJECT_NAME}-build" \
  --assume-role-policy-document "file://$documents/service-trust.json"
aws iam put-role-policy \
  --role-name "${PROJECT_NAME}-build" \
  --policy-name build \
  --policy-document "file://$documents/service-permissions.json"
aws logs create-log-group \
  --log-group-name "/aws/codebuild/${PROJECT_NAME}"
aws logs put-retention-policy \
  --log-group-name "/aws/codebuild/${PROJECT_NAME}" \
  --retention-in-days 30
aws secretsmanager create-secret \
  --name "${PROJECT_NAME}" \
  --description 'What may manage Bitbucket'\''s runners; set its value by hand'
cat >"$documents/project.json" <<END
{
  "name": "${PROJECT_NAME}",
  "description": "Ephemeral Bitbucket runners, started by start-runner",
  "source": {
    "type": "NO_SOURCE",
    "buildspec": "version: 0.2\nphases:\n  build:\n    commands:\n      - echo 'Builds of this project are started by start-runner' && exit 1\n"
  },
  "artifacts": { "type": "NO_ARTIFACTS" },
  "environment": {
    "type": "LINUX_CONTAINER",
    "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
    "computeType": "BUILD_GENERAL1_MEDIUM",
    "privilegedMode": true,
    "environmentVariables": [
      { "name": "BITBUCKET_ACCESS_TOKEN", "type": "SECRETS_MANAGER", "value": "${PROJECT_NAME}:token" }
    ]
  },
  "serviceRole": "arn:aws:iam::${ACCOUNT}:role/${PROJECT_NAME}-build",
  "logsConfig": { "cloudWatchLogs": { "status": "ENABLED", "groupName": "/aws/codebuild/${PROJECT_NAME}" } },
  "timeoutInMinutes": 120,
  "queuedTimeoutInMinutes": 30,
  "autoRetryLimit": 0
}
END
tries=0
until aws codebuild create-project --cli-input-json "file://$documents/project.json" 2>"$documents/refusal"; do
  cat "$documents/refusal" >&2
  grep -q 'not authorized to perform: sts:AssumeRole' "$documents/refusal" || exit 1
  tries=$((tries + 1))
  if [ "$tries" -ge 20 ]; then exit 1; fi
  sleep 3
done
cat >"$documents/dashboard.json" <<END
{
  "widgets": [
    {
      "type": "metric",
      "x": 0,
      "y": 0,
      "width": 12,
      "height": 6,
      "properties": {
        "title": "Waiting in AWS's queue (s)",
        "region": "${REGION}",
        "view": "timeSeries",
        "metrics": [
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"QueueSeconds\"', 'Average', 3600)"
            }
          ],
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"QueueSeconds\"', 'Maximum', 3600)"
            }
          ]
        ]
      }
    },
    {
      "type": "metric",
      "x": 12,
      "y": 0,
      "width": 12,
      "height": 6,
      "properties": {
        "title": "Provisioning (s)",
        "region": "${REGION}",
        "view": "timeSeries",
        "metrics": [
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"ProvisioningSeconds\"', 'Average', 3600)"
            }
          ],
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"ProvisioningSeconds\"', 'Maximum', 3600)"
            }
          ]
        ]
      }
    },
    {
      "type": "metric",
      "x": 0,
      "y": 6,
      "width": 12,
      "height": 6,
      "properties": {
        "title": "Until the runner is online (s)",
        "region": "${REGION}",
        "view": "timeSeries",
        "metrics": [
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"OnlineSeconds\"', 'Average', 3600)"
            }
          ],
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"OnlineSeconds\"', 'Maximum', 3600)"
            }
          ]
        ]
      }
    },
    {
      "type": "metric",
      "x": 12,
      "y": 6,
      "width": 12,
      "height": 6,
      "properties": {
        "title": "Idle before the step (s)",
        "region": "${REGION}",
        "view": "timeSeries",
        "metrics": [
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"IdleSeconds\"', 'Average', 3600)"
            }
          ],
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"IdleSeconds\"', 'Maximum', 3600)"
            }
          ]
        ]
      }
    },
    {
      "type": "metric",
      "x": 0,
      "y": 12,
      "width": 12,
      "height": 6,
      "properties": {
        "title": "Steps (s)",
        "region": "${REGION}",
        "view": "timeSeries",
        "metrics": [
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"StepSeconds\"', 'Average', 3600)"
            }
          ],
          [
            {
              "expression": "SEARCH('{BitbucketRunner,Repository} MetricName=\"StepSeconds\"', 'Maximum', 3600)"
            }
          ]
        ]
      }
    }
  ]
}
END
aws cloudwatch put-dashboard \
  --dashboard-name "${PROJECT_NAME}" \
  --dashboard-body "file://$documents/dashboard.json"

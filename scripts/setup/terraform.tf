# Made by `deno task policies --write`; `start-runner init --print` fills it in for you.
variable "account" {
  description = "AWS account, 12 digits"
  type        = string
}

variable "region" {
  description = "AWS region"
  type        = string
}

variable "workspace" {
  description = "Slug of the Bitbucket workspace"
  type        = string
}

variable "workspace_uuid" {
  description = "UUID of the workspace, without braces"
  type        = string
}

variable "repository_uuid" {
  description = "UUID of the repository, without braces"
  type        = string
}

variable "project_name" {
  description = "Name of the CodeBuild project, and of secret and log group"
  type        = string
  default     = "bitbucket-runner"
}

variable "start_role_name" {
  description = "Name of the role that start-runner assumes"
  type        = string
  default     = "start-runner"
}

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.90"
    }
  }
}

provider "aws" {
  region = var.region
}

resource "aws_iam_openid_connect_provider" "bitbucket" {
  url            = "https://api.bitbucket.org/2.0/workspaces/${var.workspace}/pipelines-config/identity/oidc"
  client_id_list = ["ari:cloud:bitbucket::workspace/${var.workspace_uuid}"]
}

resource "aws_iam_role" "start" {
  name                 = var.start_role_name
  description          = "For start-runner in pipelines"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "StepsOfTheseRepositories"
        Effect = "Allow"
        Principal = {
          Federated = "arn:aws:iam::${var.account}:oidc-provider/api.bitbucket.org/2.0/workspaces/${var.workspace}/pipelines-config/identity/oidc"
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "api.bitbucket.org/2.0/workspaces/${var.workspace}/pipelines-config/identity/oidc:aud" = "ari:cloud:bitbucket::workspace/${var.workspace_uuid}"
          }
          StringLike = {
            "api.bitbucket.org/2.0/workspaces/${var.workspace}/pipelines-config/identity/oidc:sub" = ["{${var.repository_uuid}}:*"]
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "start" {
  name = "start-runner"
  role = aws_iam_role.start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "StartWithKnownOverrides"
        Effect   = "Allow"
        Action   = "codebuild:StartBuild"
        Resource = "arn:aws:codebuild:${var.region}:${var.account}:project/${var.project_name}"
        Condition = {
          Null = {
            "codebuild:artifacts"                                 = "true"
            "codebuild:artifacts.location"                        = "true"
            "codebuild:source.buildStatusConfig.context"          = "true"
            "codebuild:source.buildStatusConfig.targetUrl"        = "true"
            "codebuild:cache"                                     = "true"
            "codebuild:cache.type"                                = "true"
            "codebuild:environment.certificate"                   = "true"
            "codebuild:encryptionKey"                             = "true"
            "codebuild:source.insecureSsl"                        = "true"
            "codebuild:logsConfig"                                = "true"
            "codebuild:logsConfig.s3Logs"                         = "true"
            "codebuild:environment.registryCredential"            = "true"
            "codebuild:environment.registryCredential.credential" = "true"
            "codebuild:secondaryArtifacts"                        = "true"
            "codebuild:secondaryArtifacts.artifactIdentifier"     = "true"
            "codebuild:secondarySources"                          = "true"
            "codebuild:secondarySources.sourceIdentifier"         = "true"
            "codebuild:serviceRole"                               = "true"
            "codebuild:source.auth.resource"                      = "true"
            "codebuild:source.auth.type"                          = "true"
            "codebuild:source.location"                           = "true"
            "codebuild:environment.fleet.fleetArn"                = "true"
          }
          "ForAllValues:StringEquals" = {
            "codebuild:environment.environmentVariables.name" = [
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
              "API_TIMEOUT",
            ]
            "codebuild:environment.environmentVariables/WORKSPACE_UUID.value" = ["{${var.workspace_uuid}}"]
            "codebuild:environment.environmentVariables/REPO_UUID.value"      = ["{${var.repository_uuid}}"]
            "codebuild:environment.environmentVariables/RUNNER_TYPE.value"    = ["shell", "docker"]
          }
          "ForAllValues:StringNotLike" = {
            "codebuild:environment.environmentVariables.value" = [
              var.project_name,
              "${var.project_name}:*",
              "arn:aws:secretsmanager:${var.region}:${var.account}:secret:${var.project_name}*",
            ]
          }
          StringEqualsIfExists = {
            "codebuild:environment.type" = [
              "LINUX_CONTAINER",
              "ARM_CONTAINER",
              "LINUX_GPU_CONTAINER",
              "LINUX_EC2",
              "ARM_EC2",
            ]
            "codebuild:environment.imagePullCredentialsType" = ["CODEBUILD", "SERVICE_ROLE"]
          }
          StringLikeIfExists = {
            "codebuild:environment.computeType" = ["BUILD_GENERAL1_*"]
          }
          BoolIfExists = {
            "codebuild:environment.privilegedMode" = ["true"]
          }
          NumericEqualsIfExists = {
            "codebuild:autoRetryLimit" = "0"
          }
        }
      },
      {
        Sid    = "FollowAndStop"
        Effect = "Allow"
        Action = [
          "codebuild:BatchGetBuilds",
          "codebuild:StopBuild",
          "codebuild:ListBuildsForProject",
        ]
        Resource = "arn:aws:codebuild:${var.region}:${var.account}:project/${var.project_name}"
      },
      {
        Sid      = "ReadTheEndOfTheLog"
        Effect   = "Allow"
        Action   = "logs:GetLogEvents"
        Resource = "arn:aws:logs:${var.region}:${var.account}:log-group:/aws/codebuild/${var.project_name}:log-stream:*"
      },
    ]
  })
}

resource "aws_iam_role" "build" {
  name        = "${var.project_name}-build"
  description = "What builds may do, and every step on a shell runner with them"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "BuildsOfThisProject"
        Effect = "Allow"
        Principal = {
          Service = "codebuild.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceArn"     = "arn:aws:codebuild:${var.region}:${var.account}:project/${var.project_name}"
            "aws:SourceAccount" = var.account
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "build" {
  name = "build"
  role = aws_iam_role.build.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "WriteTheLog"
        Effect = "Allow"
        Action = [
          "logs:CreateLogGroup",
          "logs:CreateLogStream",
          "logs:PutLogEvents",
        ]
        Resource = [
          "arn:aws:logs:${var.region}:${var.account}:log-group:/aws/codebuild/${var.project_name}",
          "arn:aws:logs:${var.region}:${var.account}:log-group:/aws/codebuild/${var.project_name}:*",
        ]
      },
      {
        Sid      = "ReadTheCredential"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = "arn:aws:secretsmanager:${var.region}:${var.account}:secret:${var.project_name}-??????"
      },
      {
        Sid      = "KnowDeadBuilds"
        Effect   = "Allow"
        Action   = "codebuild:BatchGetBuilds"
        Resource = "arn:aws:codebuild:${var.region}:${var.account}:project/${var.project_name}"
      },
    ]
  })
}

resource "aws_cloudwatch_log_group" "build" {
  name              = "/aws/codebuild/${var.project_name}"
  retention_in_days = 30
}

resource "aws_secretsmanager_secret" "bitbucket" {
  name        = var.project_name
  description = "What may manage Bitbucket's runners; set its value by hand"
}

resource "aws_codebuild_project" "runner" {
  name             = var.project_name
  description      = "Ephemeral Bitbucket runners, started by start-runner"
  service_role     = aws_iam_role.build.arn
  build_timeout    = 120
  queued_timeout   = 30
  auto_retry_limit = 0
  depends_on       = [aws_iam_role_policy.build]

  source {
    type      = "NO_SOURCE"
    buildspec = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo 'Builds of this project are started by start-runner' && exit 1\n"
  }

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type            = "LINUX_CONTAINER"
    image           = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
    compute_type    = "BUILD_GENERAL1_MEDIUM"
    privileged_mode = true

    environment_variable {
      name  = "BITBUCKET_ACCESS_TOKEN"
      type  = "SECRETS_MANAGER"
      value = "${var.project_name}:token"
    }
  }

  logs_config {
    cloudwatch_logs {
      status     = "ENABLED"
      group_name = aws_cloudwatch_log_group.build.name
    }
  }
}

resource "aws_cloudwatch_dashboard" "runner" {
  dashboard_name = var.project_name
  dashboard_body = jsonencode({
    widgets = [
      {
        type   = "metric"
        x      = 0
        y      = 0
        width  = 12
        height = 6
        properties = {
          title  = "Waiting in AWS's queue (s)"
          region = var.region
          view   = "timeSeries"
          metrics = [
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"QueueSeconds\"', 'Average', 3600)"
              },
            ],
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"QueueSeconds\"', 'Maximum', 3600)"
              },
            ],
          ]
        }
      },
      {
        type   = "metric"
        x      = 12
        y      = 0
        width  = 12
        height = 6
        properties = {
          title  = "Provisioning (s)"
          region = var.region
          view   = "timeSeries"
          metrics = [
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"ProvisioningSeconds\"', 'Average', 3600)"
              },
            ],
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"ProvisioningSeconds\"', 'Maximum', 3600)"
              },
            ],
          ]
        }
      },
      {
        type   = "metric"
        x      = 0
        y      = 6
        width  = 12
        height = 6
        properties = {
          title  = "Until the runner is online (s)"
          region = var.region
          view   = "timeSeries"
          metrics = [
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"OnlineSeconds\"', 'Average', 3600)"
              },
            ],
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"OnlineSeconds\"', 'Maximum', 3600)"
              },
            ],
          ]
        }
      },
      {
        type   = "metric"
        x      = 12
        y      = 6
        width  = 12
        height = 6
        properties = {
          title  = "Idle before the step (s)"
          region = var.region
          view   = "timeSeries"
          metrics = [
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"IdleSeconds\"', 'Average', 3600)"
              },
            ],
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"IdleSeconds\"', 'Maximum', 3600)"
              },
            ],
          ]
        }
      },
      {
        type   = "metric"
        x      = 0
        y      = 12
        width  = 12
        height = 6
        properties = {
          title  = "Steps (s)"
          region = var.region
          view   = "timeSeries"
          metrics = [
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"StepSeconds\"', 'Average', 3600)"
              },
            ],
            [
              {
                expression = "SEARCH('{BitbucketRunner,Repository} MetricName=\"StepSeconds\"', 'Maximum', 3600)"
              },
            ],
          ]
        }
      },
    ]
  })
}

output "start_role_arn" {
  value = aws_iam_role.start.arn
}

#!/bin/sh
# CodeBuild's post_build phase: drains, stops and unregisters the runner; safe to run again.
self=$(readlink -f "$0")
home=$(dirname "$self")
export RUNNER_HOME="${RUNNER_HOME:-$home}"
exec "$home/codebuild-agent" post_build

#!/bin/sh
# CodeBuild's build phase: watches the runner until its work is done.
self=$(readlink -f "$0")
home=$(dirname "$self")
export RUNNER_HOME="${RUNNER_HOME:-$home}"
exec "$home/codebuild-agent" build

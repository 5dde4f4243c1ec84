#!/bin/sh
# CodeBuild's pre_build phase: brings the runner online. CodeBuild skips post_build when pre_build fails, so this
# script cleans up after a failure itself, even when the agent was killed.
self=$(readlink -f "$0")
home=$(dirname "$self")
export RUNNER_HOME="${RUNNER_HOME:-$home}"

# Passes signals on and waits for the agent's own answer to them: a trap makes `wait` return early, so it is
# repeated; 127 means that an earlier `wait` had the answer already.
run_agent() {
  status=127
  "$home/codebuild-agent" "$1" &
  child=$!
  while :; do
    signalled=""
    wait "$child"
    answer=$?
    [ "$answer" -eq 127 ] || status=$answer
    [ -n "$signalled" ] || return "$status"
  done
}

# shellcheck disable=SC2317,SC2329 # Called by the traps below.
pass_on() {
  signalled=yes
  kill -s "$1" "$child" 2>/dev/null
}

trap 'pass_on TERM' TERM
# On a terminal Ctrl-C reaches the agent without help, and a second SIGINT would end it without clean-up.
if [ -t 0 ]; then trap 'signalled=yes' INT; else trap 'pass_on INT' INT; fi

run_agent pre_build
result=$?
if [ "$result" -ne 0 ]; then
  # start-runner takes what stands before this line for the reason, and not what the cleaning up may say after it.
  echo "codebuild-agent pre_build ended with exit code $result: cleaning up after it" >&2
  run_agent post_build
fi
exit "$result"

# A build image for CodeBuild with the runner installed, so that a build downloads nothing: the installer finds its own
# version in place. Push it to ECR and name it with --image; start-runner must be of the same version.
#
#   docker build -f scripts/docker/prebaked.Dockerfile --build-arg VERSION=1.0.0 -t REPOSITORY/runner:1.0.0 .
#
# For arm64: BASE=public.ecr.aws/codebuild/amazonlinux-aarch64-standard:3.0
ARG BASE=public.ecr.aws/codebuild/amazonlinux-x86_64-standard:5.0
FROM ${BASE}
ARG VERSION
ARG RUNNER_TYPE=shell
ARG RELEASE_URL=https://github.com/westito/aws-bitbucket-runner/releases/download/v${VERSION}
RUN curl -fsSL --retry 5 -o /tmp/install.sh "${RELEASE_URL}/install-${RUNNER_TYPE}.sh" && \
    sh /tmp/install.sh --dest /runner --base-url "${RELEASE_URL}" && \
    rm /tmp/install.sh

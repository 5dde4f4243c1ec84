# A build image for CodeBuild with the runner installed, so that a build downloads nothing: the installer finds its own
# version in place. Push it to ECR and name it with --image; start-runner must be of the same version.
#
#   docker build -f scripts/docker/prebaked.Dockerfile --build-arg VERSION=1.0.0 -t REPOSITORY/runner:1.0.0 .
#
# INSTALLER_SHA256 is what the installer must hash to; «start-runner buildspec» of its release shows it.
#
# For arm64: BASE=public.ecr.aws/codebuild/amazonlinux-aarch64-standard:3.0
ARG BASE=public.ecr.aws/codebuild/amazonlinux-x86_64-standard:5.0
FROM ${BASE}
ARG VERSION
ARG RUNNER_TYPE=shell
ARG RELEASE_URL=https://github.com/westito/aws-bitbucket-runner/releases/download/v${VERSION}
ARG INSTALLER_SHA256=
RUN curl -fsSL --proto '=https' --proto-redir '=https' --tlsv1.2 --retry 5 -o /tmp/install.sh \
      "${RELEASE_URL}/install-${RUNNER_TYPE}.sh" && \
    if [ -n "${INSTALLER_SHA256}" ]; then echo "${INSTALLER_SHA256}  /tmp/install.sh" | sha256sum -c -; fi && \
    sh /tmp/install.sh --dest /runner --base-url "${RELEASE_URL}" && \
    rm /tmp/install.sh

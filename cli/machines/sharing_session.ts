import type { CodeBuild } from "../../shared/aws/aws_codebuild.ts";
import { type AwsContext, AwsSession } from "../aws/aws_session.ts";
import { SharedLooks } from "./shared_looks.ts";

/** A session whose looks at single builds go along with each other. */
export class SharingSession extends AwsSession {
  readonly looks: SharedLooks;

  constructor(context: AwsContext, durationS: number) {
    super(context, durationS);
    this.looks = new SharedLooks({ ...context, session: this });
  }

  override call<T>(run: (codebuild: CodeBuild) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const lookAt: CodeBuild["lookAt"] = (buildId, signal) => this.looks.soon(buildId, signal);
    return super.call((codebuild) => run({ ...codebuild, lookAt }), signal);
  }
}

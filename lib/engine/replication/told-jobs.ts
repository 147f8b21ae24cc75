import { CHILD_JOBS_PER_WORD, type ChildJob } from "./peer-schemas";

/**
 * Source: the parts of a run that the target is told of: those that go on and the newest that ended. In memory only: what was said
 * stays on the target, and a run that is taken over begins the part that was interrupted again, under the same id.
 */
export class ToldJobs {
  private readonly jobs = new Map<string, ChildJob>();

  constructor(private readonly now: () => Date) {}

  /** Runs `work` as a part of the run, and keeps how it ended. */
  async during<T>(part: Pick<ChildJob, "id" | "kind" | "summary">, work: () => Promise<T>): Promise<T> {
    const job: ChildJob = {
      ...part,
      status: "Running",
      startTime: this.now().toISOString(),
      endTime: null,
      failureReason: null,
    };
    this.keep(job);
    try {
      const result = await work();
      this.keep({ ...job, status: "Succeeded", endTime: this.now().toISOString() });
      return result;
    } catch (thrown) {
      // What stops the run stops its parts: the word about the run says it for them.
      this.keep({ ...job, status: "Waiting" });
      throw thrown;
    }
  }

  /** A part that failed alone, while the run goes on. */
  failed(id: string, message: string, detail: string): void {
    const job = this.jobs.get(id);
    const failureReason = { message: message.slice(0, 2000), detail };
    if (job) this.keep({ ...job, status: "Failed", endTime: this.now().toISOString(), failureReason });
  }

  list(): ChildJob[] {
    return [...this.jobs.values()];
  }

  private keep(job: ChildJob): void {
    this.jobs.delete(job.id);
    this.jobs.set(job.id, job);
    for (const id of this.jobs.keys()) {
      if (this.jobs.size <= CHILD_JOBS_PER_WORD) return;
      this.jobs.delete(id);
    }
  }
}

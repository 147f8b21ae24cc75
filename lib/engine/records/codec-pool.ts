import "server-only";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { TwincoreError } from "@/lib/errors";
import { log } from "@/lib/log";
import { type CodecAnswer, type CodecRequest, codecWorker } from "./codec-worker";

/** More threads than this only wait for memory bandwidth. */
const THREADS_MAX = 8;
/** The only one that keeps up with the disk; level 3 saves but a tenth more. */
export const ZSTD_LEVEL = 1;

interface Job {
  request: CodecRequest;
  resolve: (answer: CodecAnswer) => void;
  reject: (error: unknown) => void;
}

/** The threads that hash, compress and unpack for everyone in this process. Started on first use; they keep no process alive. */
export class CodecPool {
  private readonly idle: CodecThread[] = [];
  private readonly queue: Job[] = [];
  private threads = 0;

  constructor(
    private readonly zstdPath: string,
    private readonly threadsMax: number,
  ) {}

  run(request: CodecRequest): Promise<CodecAnswer> {
    return new Promise((resolve, reject) => {
      this.queue.push({ request, resolve, reject });
      this.dispatch();
    });
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const thread = this.idle.pop() ?? this.start();
      const job = thread && this.queue.shift();
      if (!thread || !job) return;
      thread.take(job);
    }
  }

  private start(): CodecThread | null {
    if (this.threads >= this.threadsMax) return null;
    this.threads++;
    return new CodecThread(this.zstdPath, {
      idle: (thread) => {
        this.idle.push(thread);
        this.dispatch();
      },
      ended: (thread) => {
        this.threads--;
        const at = this.idle.indexOf(thread);
        if (at >= 0) this.idle.splice(at, 1);
        this.dispatch();
      },
    });
  }
}

class CodecThread {
  private readonly worker: Worker;
  private job: Job | null = null;

  constructor(zstdPath: string, pool: { idle: (thread: CodecThread) => void; ended: (thread: CodecThread) => void }) {
    this.worker = new Worker(`(${codecWorker.toString()})(require)`, {
      eval: true,
      workerData: { zstdPath, level: ZSTD_LEVEL },
    });
    this.worker.unref();
    this.worker.on("message", (answer: CodecAnswer) => {
      this.finish()?.resolve(answer);
      pool.idle(this);
    });
    let reason: unknown;
    this.worker.on("error", (error) => {
      reason = error;
    });
    this.worker.on("exit", () => {
      this.finish()?.reject(new TwincoreError("internal", "A codec thread ended unexpectedly.", { cause: reason }));
      pool.ended(this);
    });
  }

  take(job: Job): void {
    this.job = job;
    // A process must not end while somebody waits for an answer.
    this.worker.ref();
    this.worker.postMessage(job.request);
  }

  private finish(): Job | null {
    const job = this.job;
    this.job = null;
    this.worker.unref();
    return job;
  }
}

let pool: CodecPool | null | undefined;

/** The threads of this process, or null where the compression library is not to be found from here: then it is done without them. */
export function codecPool(): CodecPool | null {
  if (pool === undefined) {
    const zstdPath = findZstd();
    if (!zstdPath) log.warn("no codec threads: the compression library cannot be located");
    pool = zstdPath ? new CodecPool(zstdPath, Math.min(THREADS_MAX, availableParallelism())) : null;
  }
  return pool;
}

/** From this file's place, from the folder the process was started in, and from the script it was started with. */
function findZstd(): string | null {
  // In parts, so that no bundler takes it for an import to be resolved at build time.
  const name = ["@toondepauw", "node-zstd"].join("/");
  const places = [import.meta.url, path.join(process.cwd(), "index.js"), process.argv[1]];
  for (const place of places) {
    try {
      if (place) return createRequire(place).resolve(name);
    } catch {
      // The next place may know it.
    }
  }
  return null;
}

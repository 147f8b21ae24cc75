import type { Server, ServerResponse } from "node:http";

/** Knows what is in flight on one server, so that a stop can wait for it. */
export class Drain {
  private readonly open = new Set<ServerResponse>();
  private stopping = false;

  track(response: ServerResponse): void {
    if (this.stopping) response.setHeader("connection", "close");
    this.open.add(response);
    response.once("close", () => this.open.delete(response));
  }

  /** Refuses new connections, waits for requests in flight, and cuts what is left when `signal` is aborted. */
  async stop(server: Server, signal: AbortSignal): Promise<void> {
    this.stopping = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    signal.addEventListener("abort", () => server.closeAllConnections(), { once: true });
    for (const response of this.open) {
      if (!response.headersSent) response.setHeader("connection", "close");
      // Endless by design: their readers connect again and go on where they were.
      else if (String(response.getHeader("content-type")).startsWith("text/event-stream")) response.destroy();
    }
    server.closeIdleConnections();
    // A connection becomes idle only after its answer; ask again until none is left or the time is over.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    await closed;
    clearInterval(sweep);
  }
}

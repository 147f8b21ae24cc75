import { serveListener } from "@/lib/runtime/listeners/serve";
import { runRole } from "@/lib/runtime/run-role";

/** The role web: dashboard and native API for browsers and scripts. */
runRole((context) =>
  serveListener(context, {
    name: "web",
    tls: { minVersion: "TLSv1.2" },
    connectionsMax: 2_000,
    guard: () => false,
  }),
);

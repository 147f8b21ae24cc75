import type { Server } from "node:https";
import { type ListenerCertificate, type ListenerInput, loadListenerCertificate } from "@/lib/engine/trust";
import type { RoleContext } from "@/lib/runtime/run-role";

// Certificates live for weeks and renew themselves long before their end: this only has to be frequent beside that.
const LOOK_AGAIN_MS = 10 * 60_000;

/** The listener's certificate; `follow` gives a running server each later one without a restart. */
export async function openCertificate(context: RoleContext, name: ListenerInput["name"]) {
  const load = () =>
    loadListenerCertificate(context.db, context.env.secret, { name, hosts: context.settings.hostNames });
  const first = await load();
  const follow = (server: Server) => {
    let current: ListenerCertificate = first;
    const look = async () => {
      const next = await load();
      if (next.cert === current.cert) return;
      server.setSecureContext(next);
      current = next;
      context.log.info({ listener: name, notAfter: next.notAfter }, "the listener took its renewed certificate");
    };
    const failed = (error: Error) =>
      context.log.warn({ listener: name, error: error.message }, "the certificate could not be looked up");
    setInterval(() => void look().catch(failed), LOOK_AGAIN_MS).unref();
  };
  return { first, follow };
}

import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { MailAttachment } from "@/lib/engine/mail";
import type { Delivery as DeliveryRow } from "@/prisma/generated/client";
import type { DeliveryPurpose } from "./schemas";

/** A message as both kinds of channel want it. */
export interface RenderedMessage {
  readonly mail: {
    readonly subject: string;
    readonly text: string;
    readonly html?: string;
    readonly attachments?: readonly MailAttachment[];
  };
  /** Body of a webhook, as Standard Webhooks has it; absent: this purpose goes by e-mail only. */
  readonly webhook?: { readonly type: string; readonly timestamp: string; readonly data: object };
}

export interface Rendered {
  /** null: nothing is left to be said. */
  readonly message: RenderedMessage | null;
  /** Deliveries of the group that are not needed any more, and why. */
  readonly skipped: ReadonlyMap<string, string>;
}

/**
 * Makes one message of deliveries that go out together: several only where GROUPED says so, and by e-mail. What it throws counts as a
 * failed attempt of these deliveries, not of their channel; not_found gives them up.
 */
export interface Renderer {
  render(ctx: EngineContext, deliveries: readonly DeliveryRow[]): Promise<Rendered>;
}

/** What each purpose says. Loaded when it is first needed, because renderers know nouns that queue messages themselves. */
export const RENDERERS: Readonly<Partial<Record<DeliveryPurpose, () => Promise<Renderer>>>> = {
  alert: async () => (await import("@/lib/engine/alerts/render")).alertRenderer,
  statement: async () => (await import("@/lib/engine/statement-mail/render")).statementRenderer,
};

/** The purposes whose deliveries go out together by e-mail. */
export const GROUPED: readonly DeliveryPurpose[] = ["alert"];

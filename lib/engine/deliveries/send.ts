import "server-only";
import { createHash } from "node:crypto";
import { secretsOf, shownTargets } from "@/lib/engine/channels/convert";
import { postMessage } from "@/lib/engine/channels/post";
import { signatureHeaders } from "@/lib/engine/channels/sign";
import type { EngineContext } from "@/lib/engine/context";
import { sendMail } from "@/lib/engine/mail";
import { toTwincoreError } from "@/lib/errors";
import type { Channel, Delivery } from "@/prisma/generated/client";
import type { RenderedMessage } from "./render";

/** What came of one attempt. */
export interface Attempt {
  readonly ok: boolean;
  /** In the words of the receiver, or of whoever could not reach it. */
  readonly words: string;
  readonly status: number | null;
  /** It need not be tried again. */
  readonly isFinal: boolean;
  /** The receiver says that it is gone for good. */
  readonly isGone: boolean;
  readonly targets: readonly string[];
}

const GONE = 410;

/** Sends a message to a channel, or to the addresses that the deliveries themselves have. Never throws. */
export function sendMessage(
  ctx: EngineContext,
  channel: Channel | null,
  deliveries: readonly Delivery[],
  message: RenderedMessage,
): Promise<Attempt> {
  return channel?.kind === "webhook"
    ? post(ctx, channel, deliveries, message)
    : mail(ctx, channel?.targets ?? deliveries[0]?.targets ?? [], deliveries, message);
}

async function post(
  ctx: EngineContext,
  channel: Channel,
  deliveries: readonly Delivery[],
  { webhook }: RenderedMessage,
): Promise<Attempt> {
  const targets = shownTargets(channel);
  const [url] = channel.targets;
  const id = deliveries[0]?.id;
  if (!webhook || !url || !id)
    return {
      ok: false,
      words: "Messages of this kind go by e-mail only.",
      status: null,
      isFinal: true,
      isGone: false,
      targets,
    };
  const body = JSON.stringify(webhook);
  const headers = signatureHeaders({ id, at: ctx.now(), body }, secretsOf(ctx, channel));
  const outcome = await postMessage(
    { url, isInside: channel.isInside, authorityPem: channel.authorityPem },
    body,
    headers,
  );
  return { ...outcome, isFinal: outcome.status === GONE, isGone: outcome.status === GONE, targets };
}

async function mail(
  ctx: EngineContext,
  targets: readonly string[],
  deliveries: readonly Delivery[],
  message: RenderedMessage,
): Promise<Attempt> {
  try {
    const { response, refused } = await sendMail(ctx, {
      to: targets,
      ...message.mail,
      messageId: messageId(deliveries),
    });
    const words = refused.length > 0 ? `${response}; refused for ${refused.join(", ")}` : response;
    return { ok: true, words, status: null, isFinal: false, isGone: false, targets };
  } catch (thrown) {
    const error = toTwincoreError(thrown);
    if (error.code === "internal") ctx.log.error({ err: thrown }, "a mail could not be sent");
    return {
      ok: false,
      words: error.message,
      status: null,
      isFinal: error.code === "invalid_input",
      isGone: false,
      targets,
    };
  }
}

/** The same group has the same id however often it is sent, and another group has another one: mailboxes drop what they know. */
function messageId(deliveries: readonly Delivery[]): string {
  const digest = createHash("sha256").update(deliveries.map(({ id }) => id).join(" "));
  return `<${digest.digest("hex").slice(0, 40)}@twincore>`;
}

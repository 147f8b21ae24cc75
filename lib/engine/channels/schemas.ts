import { z } from "zod";
import { AuthorityPem, EmailAddress } from "@/lib/engine/mail/schemas";
import { Id, Instant } from "@/lib/engine/schemas";

export const ChannelKind = z.enum(["email", "webhook"]);
export type ChannelKind = z.infer<typeof ChannelKind>;

const Name = z.string().trim().min(1, "Give the channel a name.").max(100);
const Addresses = z.array(EmailAddress).min(1, "Give one address at least.").max(20);
const ReceiverUrl = z.url({ protocol: /^https?$/, error: "Give an address that begins with https://." }).max(2_000);

/** Where alerts go beside the dashboard. */
export const Channel = z.object({
  id: Id,
  name: z.string(),
  kind: ChannelKind,
  /** E-mail: addresses. Webhook: its one URL. */
  targets: z.array(z.string()),
  /** Webhook: its receiver is inside this network. */
  isInside: z.boolean(),
  authorityPem: z.string(),
  enabled: z.boolean(),
  /** Since when nothing could be delivered; null: the last one arrived, or nothing was sent yet. */
  failingSince: Instant.nullable(),
  lastError: z.string(),
  /** When its receiver said that it is gone for good, which switched it off. */
  goneAt: Instant.nullable(),
  lastDeliveredAt: Instant.nullable(),
  /** Until when it signs with the secret before this one as well. */
  previousSecretUntil: Instant.nullable(),
  createdAt: Instant,
});
export type Channel = z.infer<typeof Channel>;

export const ChannelList = z.object({ items: z.array(Channel) });

export const CreateChannelInput = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("email"), name: Name, addresses: Addresses }),
  z.object({
    kind: z.literal("webhook"),
    name: Name,
    url: ReceiverUrl,
    /** Only then may it have a private address, or speak plain HTTP. */
    isInside: z.boolean().default(false),
    authorityPem: AuthorityPem.default(""),
  }),
]);
export type CreateChannelInput = z.output<typeof CreateChannelInput>;

/** What is absent stays as it is. */
export const UpdateChannelInput = z.object({
  id: Id,
  name: Name.optional(),
  addresses: Addresses.optional(),
  url: ReceiverUrl.optional(),
  isInside: z.boolean().optional(),
  authorityPem: AuthorityPem.optional(),
  enabled: z.boolean().optional(),
});
export type UpdateChannelInput = z.infer<typeof UpdateChannelInput>;

/** A channel as it was just made, or given a new secret: the secret is shown this once. null: e-mail has none. */
export const MadeChannel = Channel.extend({ secret: z.string().nullable() });
export type MadeChannel = z.infer<typeof MadeChannel>;

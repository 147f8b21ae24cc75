import { z } from "zod";
import { CbrId } from "../values";

const Named = z.object({ id: z.string().max(255).optional(), name: z.string().max(255).optional() });

const Scope = z
  .object({
    project: z.object({ id: CbrId.optional(), name: z.string().max(255).optional() }).optional(),
    domain: Named.optional(),
  })
  .optional();

/** Keystone's form: a name and a password, or a token. Users may be named by their id, which here is their e-mail address as well. */
export const CreateTokenInput = z.object({
  body: z.object({
    auth: z.object({
      identity: z.object({
        methods: z.array(z.string().max(64)).min(1).max(4),
        password: z
          .object({
            user: z.object({
              id: z.string().max(254).optional(),
              name: z.string().max(254).optional(),
              password: z.string().min(1).max(1024),
              domain: Named.optional(),
            }),
          })
          .optional(),
        token: z.object({ id: z.string().min(1).max(1024) }).optional(),
      }),
      scope: Scope,
    }),
  }),
});

const Token = z.looseObject({ methods: z.array(z.string()), issued_at: z.string(), expires_at: z.string() });
export const TokenOutput = z.object({ token: Token });

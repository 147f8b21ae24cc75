import "server-only";
import { field, many, one, type Resource, sql } from "../define";
import { isLinkDownSql } from "./session";

/** This installation: one row. */
export const core: Resource = {
  from: sql("core c"),
  id: sql("c.id"),
  fields: {
    id: field("id", "c.id"),
    name: field("name", "c.name"),
    createdAt: field("instant", `c."createdAt"`),
  },
  relations: {},
};

export const tenant: Resource = {
  from: sql("tenant t"),
  id: sql("t.id"),
  tenant: sql("t.id"),
  fields: {
    id: field("id", "t.id"),
    name: field("name", "t.name"),
    createdAt: field("instant", "t.created_at"),
  },
  relations: {
    agents: many("agent", "select tenant_id as near, id as far from agent"),
  },
};

/** The trust with another core, whatever its state. */
export const pairing: Resource = {
  from: sql("pairing p"),
  id: sql("p.id"),
  tenant: sql("p.tenant_id"),
  fields: {
    id: field("id", "p.id"),
    name: field("name", "p.peer_name"),
    side: field("word", "p.side::text"),
    state: field("word", "p.state::text"),
    way: field("word", "p.way::text"),
    peerCoreId: field("id", "p.peer_core_id"),
    peerUrl: field("text", "p.peer_url"),
    peerAddress: field("text", "p.peer_address"),
    /** Host of the other core: of its URL, or where its request came from. */
    host: field(
      "name",
      String.raw`coalesce(substring(p.peer_url from '^[a-z]+://(\[[^\]]*\]|[^/:]*)'), p.peer_address)`,
    ),
    peerVersion: field("text", "p.peer_version"),
    description: field("text", "p.description"),
    contactEmail: field("text", "p.contact_email"),
    customerId: field("text", "p.customer_id"),
    tenantId: field("id", "p.tenant_id"),
    message: field("text", "p.message"),
    /** The other core did not answer when it was spoken to last, about any session. */
    isLinkDown: field(
      "boolean",
      `exists (select 1 from replication_session s where s.pairing_id = p.id and ${isLinkDownSql("s")})`,
    ),
    lastContactAt: field("instant", "p.last_contact_at"),
    certificateNotAfter: field("instant", "p.certificate_not_after"),
    requestedAt: field("instant", "p.requested_at"),
    decidedAt: field("instant", "p.decided_at"),
    updatedAt: field("instant", "p.updated_at"),
  },
  relations: {
    tenant: one("tenant", "select id as near, tenant_id as far from pairing"),
    agents: many("agent", "select pairing_id as near, id as far from agent"),
    sessions: many("session", "select pairing_id as near, id as far from replication_session"),
    replicationRules: many("replicationRule", "select pairing_id as near, id as far from replication_rule"),
  },
};

/** Changes that came through a vendor's door, those that their client polls and all others. */
export const vendorJob: Resource = {
  from: sql("vendor_job j left join account k on k.id = j.account_id"),
  id: sql("j.id"),
  fields: {
    id: field("id", "j.id"),
    door: field("word", "j.door"),
    accountId: field("id", "j.account_id"),
    accountEmail: field("name", "k.email"),
    action: field("word", "j.action"),
    resourceType: field("word", "j.resource_type"),
    resourceId: field("word", "j.resource_id"),
    resourceName: field("name", "j.resource_name"),
    state: field("word", "j.state::text"),
    responseStatus: field("integer", "j.response_status"),
    responseBody: field("json", "j.response_body"),
    createdAt: field("instant", "j.created_at"),
    endedAt: field("instant", "j.ended_at"),
  },
  relations: {},
};

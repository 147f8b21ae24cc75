-- CreateEnum
CREATE TYPE "agent_kind" AS ENUM ('machine', 'test_copy', 'set_aside');

-- CreateEnum
CREATE TYPE "alert_severity" AS ENUM ('info', 'warning', 'critical');

-- CreateEnum
CREATE TYPE "point_origin" AS ENUM ('user', 'scheduled', 'replication');

-- CreateEnum
CREATE TYPE "sync_state" AS ENUM ('queued', 'running', 'stopped', 'succeeded', 'failed');

-- CreateEnum
CREATE TYPE "sync_phase" AS ENUM ('counting', 'packs', 'records', 'points', 'usage');

-- CreateEnum
CREATE TYPE "replication_record_state" AS ENUM ('waiting', 'replicating', 'succeeded', 'failed', 'skipped');

-- CreateEnum
CREATE TYPE "session_role" AS ENUM ('source', 'destination');

-- CreateEnum
CREATE TYPE "failover_kind" AS ENUM ('planned', 'unplanned');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "session_state" ADD VALUE 'pausing';
ALTER TYPE "session_state" ADD VALUE 'resuming';
ALTER TYPE "session_state" ADD VALUE 'failing_over';
ALTER TYPE "session_state" ADD VALUE 'failing_over_for_dr';
ALTER TYPE "session_state" ADD VALUE 'failed_over';
ALTER TYPE "session_state" ADD VALUE 'reprotecting';
ALTER TYPE "session_state" ADD VALUE 'deleting';

-- DropIndex
DROP INDEX "recovery_point_repository_id_idx";

-- AlterTable
ALTER TABLE "agent" ADD COLUMN     "adopted_at" TIMESTAMPTZ(3),
ADD COLUMN     "description" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "is_single_volume" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "kind" "agent_kind" NOT NULL DEFAULT 'machine',
ADD COLUMN     "lead_pairing_id" UUID,
ADD COLUMN     "next_capture_at" TIMESTAMPTZ(3),
ADD COLUMN     "parent_id" UUID,
ADD COLUMN     "policy_id" UUID,
ADD COLUMN     "scheduled_up_to" TIMESTAMPTZ(3),
ADD COLUMN     "capture_failure" TEXT,
ADD COLUMN     "capture_failed_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "pairing_agent" ADD COLUMN     "sent_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
ALTER TABLE "pairing" ADD COLUMN     "accept_repository_id" UUID,
ADD COLUMN     "description" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "number" SERIAL NOT NULL;

-- AlterTable
ALTER TABLE "recovery_point" ADD COLUMN     "expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "lost_at" TIMESTAMPTZ(3),
ADD COLUMN     "lost_reason" TEXT,
ADD COLUMN     "number" BIGSERIAL NOT NULL,
ADD COLUMN     "origin" "point_origin" NOT NULL DEFAULT 'user',
ADD COLUMN     "snapshot_rule_id" UUID;

-- AlterTable
ALTER TABLE "replication_session" ADD COLUMN     "common_point_id" UUID,
ADD COLUMN     "diverged_at" TIMESTAMPTZ(3),
ADD COLUMN     "divergence" JSONB,
ADD COLUMN     "epoch" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "failed_over_at" TIMESTAMPTZ(3),
ADD COLUMN     "failover_kind" "failover_kind",
ADD COLUMN     "heard_at" TIMESTAMPTZ(3),
ADD COLUMN     "heard_revision" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "keep_side" "side",
ADD COLUMN     "last_sync_ms" INTEGER,
ADD COLUMN     "paused_from" "session_state",
ADD COLUMN     "pending_order" JSONB,
ADD COLUMN     "policy_id" UUID,
ADD COLUMN     "replication_rule_id" UUID,
ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "made_by_policy" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "role" "session_role" NOT NULL DEFAULT 'source',
ADD COLUMN     "steps" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "test_agent_id" UUID,
ADD COLUMN     "test_ends_at" TIMESTAMPTZ(3),
ADD COLUMN     "test_point_id" UUID,
ADD COLUMN     "test_started_at" TIMESTAMPTZ(3),
ADD COLUMN     "unheard_since" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "repository" ADD COLUMN     "description" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "is_out_of_sync" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "number" SERIAL NOT NULL,
ADD COLUMN     "synced_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "volume" ADD COLUMN     "description" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "managed_bytes" BIGINT,
ADD COLUMN     "removed_at" TIMESTAMPTZ(3),
ADD COLUMN     "policy_id" UUID;

-- CreateTable
CREATE TABLE "alert" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "severity" "alert_severity" NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "tenant_id" UUID,
    "title" TEXT NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '',
    "open_key" TEXT,
    "count" INTEGER NOT NULL DEFAULT 1,
    "raised_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,
    "cleared_at" TIMESTAMPTZ(3),

    CONSTRAINT "alert_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "snapshot_rule" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "interval_minutes" INTEGER,
    "time_of_day" TEXT,
    "days_of_week" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "retention_hours" INTEGER,
    "retention_count" INTEGER,
    "is_read_only" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "snapshot_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "replication_rule" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "pairing_id" UUID NOT NULL,
    "rpo_seconds" INTEGER NOT NULL,
    "alert_threshold_minutes" INTEGER NOT NULL,
    "is_read_only" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "replication_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "pairing_id" UUID,
    "replica" JSONB,
    "is_read_only" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "policy_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_snapshot_rule" (
    "policy_id" UUID NOT NULL,
    "snapshot_rule_id" UUID NOT NULL,

    CONSTRAINT "policy_snapshot_rule_pkey" PRIMARY KEY ("policy_id","snapshot_rule_id")
);

-- CreateTable
CREATE TABLE "policy_replication_rule" (
    "policy_id" UUID NOT NULL,
    "replication_rule_id" UUID NOT NULL,

    CONSTRAINT "policy_replication_rule_pkey" PRIMARY KEY ("policy_id","replication_rule_id")
);

-- AlterTable
ALTER TABLE "record_domain" ADD COLUMN     "losses" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "losses_checked" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "pack" ADD COLUMN     "walk_id" UUID;

-- CreateTable
CREATE TABLE "stale_document" (
    "subject_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "version" BIGSERIAL NOT NULL,
    "marked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stale_document_pkey" PRIMARY KEY ("subject_id")
);

-- CreateIndex
CREATE INDEX "stale_document_marked_at_idx" ON "stale_document"("marked_at");

-- CreateTable
CREATE TABLE "sync_session" (
    "id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "state" "sync_state" NOT NULL DEFAULT 'queued',
    "phase" "sync_phase" NOT NULL DEFAULT 'counting',
    "verify_records" BOOLEAN NOT NULL DEFAULT false,
    "cursor" JSONB NOT NULL DEFAULT '{}',
    "files_total" INTEGER NOT NULL DEFAULT 0,
    "files_done" INTEGER NOT NULL DEFAULT 0,
    "bytes_total" BIGINT NOT NULL DEFAULT 0,
    "bytes_done" BIGINT NOT NULL DEFAULT 0,
    "packs_adopted" INTEGER NOT NULL DEFAULT 0,
    "packs_lost" INTEGER NOT NULL DEFAULT 0,
    "records_lost" INTEGER NOT NULL DEFAULT 0,
    "points_adopted" INTEGER NOT NULL DEFAULT 0,
    "points_lost" INTEGER NOT NULL DEFAULT 0,
    "points_found" INTEGER NOT NULL DEFAULT 0,
    "documents_written" INTEGER NOT NULL DEFAULT 0,
    "problems" JSONB NOT NULL DEFAULT '[]',
    "problem_count" INTEGER NOT NULL DEFAULT 0,
    "rate_bytes_per_second" BIGINT NOT NULL DEFAULT 0,
    "rate_files_per_second" INTEGER NOT NULL DEFAULT 0,
    "stop_requested_at" TIMESTAMPTZ(3),
    "failure_code" TEXT,
    "failure_message" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sync_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vault_replication" (
    "id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "pairing_id" UUID NOT NULL,
    "destination_repository_id" UUID NOT NULL,
    "auto_trigger" BOOLEAN NOT NULL DEFAULT false,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vault_replication_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "replication_record" (
    "id" UUID NOT NULL,
    "vault_replication_id" UUID,
    "image_id" UUID NOT NULL,
    "recovery_point_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "pairing_id" UUID NOT NULL,
    "destination_repository_id" UUID NOT NULL,
    "state" "replication_record_state" NOT NULL DEFAULT 'waiting',
    "progress_percent" INTEGER NOT NULL DEFAULT 0,
    "failure_code" TEXT,
    "failure_message" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "replication_record_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vendor_sign_in" (
    "id" UUID NOT NULL,
    "door" TEXT NOT NULL,
    "account_id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "second_hash" BYTEA,
    "scope" TEXT,
    "address" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "idle_seconds" INTEGER,
    "renewable_until" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "vendor_sign_in_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_key" (
    "id" TEXT NOT NULL,
    "account_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sealed_secret" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "access_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vendor_job" (
    "id" UUID NOT NULL,
    "door" TEXT NOT NULL,
    "account_id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "resource_type" TEXT NOT NULL,
    "resource_id" TEXT,
    "resource_name" TEXT NOT NULL DEFAULT '',
    "state" "task_state" NOT NULL DEFAULT 'queued',
    "response_status" INTEGER,
    "response_body" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "vendor_job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setting" (
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "setting_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "run_lease_until_idx" ON "run"("lease_until");

-- CreateIndex
CREATE UNIQUE INDEX "pairing_number_key" ON "pairing"("number");

-- CreateIndex
CREATE UNIQUE INDEX "repository_number_key" ON "repository"("number");

-- CreateIndex
CREATE UNIQUE INDEX "recovery_point_number_key" ON "recovery_point"("number");

-- CreateIndex
CREATE UNIQUE INDEX "alert_open_key_key" ON "alert"("open_key");

-- CreateIndex
CREATE INDEX "alert_cleared_at_raised_at_idx" ON "alert"("cleared_at", "raised_at");

-- CreateIndex
CREATE INDEX "alert_subject_id_idx" ON "alert"("subject_id");

-- CreateIndex
CREATE INDEX "alert_raised_at_id_idx" ON "alert"("raised_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "snapshot_rule_name_key" ON "snapshot_rule"("name");

-- CreateIndex
CREATE UNIQUE INDEX "replication_rule_name_key" ON "replication_rule"("name");

-- CreateIndex
CREATE INDEX "replication_rule_pairing_id_idx" ON "replication_rule"("pairing_id");

-- CreateIndex
CREATE INDEX "policy_name_id_idx" ON "policy"("name", "id");

-- CreateIndex
CREATE INDEX "policy_pairing_id_idx" ON "policy"("pairing_id");

-- CreateIndex
CREATE INDEX "policy_snapshot_rule_snapshot_rule_id_idx" ON "policy_snapshot_rule"("snapshot_rule_id");

-- CreateIndex
CREATE INDEX "policy_replication_rule_replication_rule_id_idx" ON "policy_replication_rule"("replication_rule_id");

-- CreateIndex
CREATE INDEX "sync_session_repository_id_created_at_idx" ON "sync_session"("repository_id", "created_at");

-- CreateIndex
CREATE INDEX "sync_session_created_at_idx" ON "sync_session"("created_at");

-- CreateIndex
CREATE INDEX "vault_replication_repository_id_created_at_idx" ON "vault_replication"("repository_id", "created_at");

-- CreateIndex
CREATE INDEX "replication_record_vault_replication_id_id_idx" ON "replication_record"("vault_replication_id", "id");

-- CreateIndex
CREATE INDEX "replication_record_image_id_created_at_idx" ON "replication_record"("image_id", "created_at");

-- CreateIndex
CREATE INDEX "replication_record_agent_id_pairing_id_state_idx" ON "replication_record"("agent_id", "pairing_id", "state");

-- CreateIndex
CREATE INDEX "replication_record_state_idx" ON "replication_record"("state");

-- CreateIndex
CREATE INDEX "replication_record_created_at_id_idx" ON "replication_record"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "vendor_sign_in_hash_key" ON "vendor_sign_in"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "vendor_sign_in_second_hash_key" ON "vendor_sign_in"("second_hash");

-- CreateIndex
CREATE INDEX "vendor_sign_in_account_id_idx" ON "vendor_sign_in"("account_id");

-- CreateIndex
CREATE INDEX "vendor_sign_in_expires_at_idx" ON "vendor_sign_in"("expires_at");

-- CreateIndex
CREATE INDEX "access_key_account_id_idx" ON "access_key"("account_id");

-- CreateIndex
CREATE INDEX "vendor_job_door_created_at_idx" ON "vendor_job"("door", "created_at");

-- CreateIndex
CREATE INDEX "agent_lead_pairing_id_idx" ON "agent"("lead_pairing_id");

-- CreateIndex
CREATE INDEX "agent_parent_id_idx" ON "agent"("parent_id");

-- CreateIndex
CREATE INDEX "agent_policy_id_idx" ON "agent"("policy_id");

-- CreateIndex
CREATE INDEX "agent_next_capture_at_idx" ON "agent"("next_capture_at");

-- CreateIndex
CREATE INDEX "recovery_point_repository_id_id_idx" ON "recovery_point"("repository_id", "id");

-- CreateIndex
CREATE INDEX "recovery_point_expires_at_idx" ON "recovery_point"("expires_at");

-- CreateIndex
CREATE INDEX "recovery_point_lost_at_idx" ON "recovery_point"("lost_at");

-- CreateIndex
CREATE INDEX "recovery_point_created_at_id_idx" ON "recovery_point"("created_at", "id");

-- CreateIndex
CREATE INDEX "replication_session_replication_rule_id_idx" ON "replication_session"("replication_rule_id");

-- CreateIndex
CREATE INDEX "replication_session_policy_id_idx" ON "replication_session"("policy_id");

-- CreateIndex
CREATE INDEX "volume_policy_id_idx" ON "volume"("policy_id");

-- AddForeignKey
ALTER TABLE "agent" ADD CONSTRAINT "agent_lead_pairing_id_fkey" FOREIGN KEY ("lead_pairing_id") REFERENCES "pairing"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent" ADD CONSTRAINT "agent_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "agent"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent" ADD CONSTRAINT "agent_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "volume" ADD CONSTRAINT "volume_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pairing" ADD CONSTRAINT "pairing_accept_repository_id_fkey" FOREIGN KEY ("accept_repository_id") REFERENCES "repository"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replication_rule" ADD CONSTRAINT "replication_rule_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy" ADD CONSTRAINT "policy_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_snapshot_rule" ADD CONSTRAINT "policy_snapshot_rule_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_snapshot_rule" ADD CONSTRAINT "policy_snapshot_rule_snapshot_rule_id_fkey" FOREIGN KEY ("snapshot_rule_id") REFERENCES "snapshot_rule"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_replication_rule" ADD CONSTRAINT "policy_replication_rule_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_replication_rule" ADD CONSTRAINT "policy_replication_rule_replication_rule_id_fkey" FOREIGN KEY ("replication_rule_id") REFERENCES "replication_rule"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sync_session" ADD CONSTRAINT "sync_session_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vault_replication" ADD CONSTRAINT "vault_replication_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vault_replication" ADD CONSTRAINT "vault_replication_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replication_record" ADD CONSTRAINT "replication_record_vault_replication_id_fkey" FOREIGN KEY ("vault_replication_id") REFERENCES "vault_replication"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replication_record" ADD CONSTRAINT "replication_record_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replication_session" ADD CONSTRAINT "replication_session_replication_rule_id_fkey" FOREIGN KEY ("replication_rule_id") REFERENCES "replication_rule"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replication_session" ADD CONSTRAINT "replication_session_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vendor_sign_in" ADD CONSTRAINT "vendor_sign_in_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_key" ADD CONSTRAINT "access_key_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The core that calls is the source of every session so far, and a replica's source is current for it.
UPDATE "replication_session" SET "role" = 'destination' WHERE "side" = 'target';
UPDATE "agent" SET "lead_pairing_id" = "pairing_id";

-- Written by hand: whoever changes what a repository's documents tell, marks the document in the same transaction.
CREATE FUNCTION "mark_agent_document"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "stale_document" ("subject_id", "kind") VALUES (NEW."id", 'agent')
    ON CONFLICT ("subject_id") DO UPDATE SET "version" = nextval('stale_document_version_seq'), "marked_at" = CURRENT_TIMESTAMP;
  RETURN NULL;
END $$;

CREATE FUNCTION "mark_point_document"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "stale_document" ("subject_id", "kind") VALUES (NEW."id", 'recovery-point')
    ON CONFLICT ("subject_id") DO UPDATE SET "version" = nextval('stale_document_version_seq'), "marked_at" = CURRENT_TIMESTAMP;
  RETURN NULL;
END $$;

CREATE FUNCTION "mark_document_of_volume"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "stale_document" ("subject_id", "kind")
    SELECT DISTINCT agent_id, 'agent' FROM (
      SELECT CASE WHEN TG_OP = 'DELETE' THEN OLD."agent_id" ELSE NEW."agent_id" END AS agent_id
      UNION SELECT OLD."agent_id" WHERE TG_OP = 'UPDATE'
    ) AS touched ORDER BY agent_id
    ON CONFLICT ("subject_id") DO UPDATE SET "version" = nextval('stale_document_version_seq'), "marked_at" = CURRENT_TIMESTAMP;
  RETURN NULL;
END $$;

CREATE TRIGGER "agent_document_made" AFTER INSERT ON "agent"
  FOR EACH ROW EXECUTE FUNCTION "mark_agent_document"();

CREATE TRIGGER "agent_document_changed" AFTER UPDATE ON "agent" FOR EACH ROW
  WHEN ((OLD."name", OLD."host_name", OLD."labels", OLD."description", OLD."kind", OLD."parent_id", OLD."is_single_volume",
         OLD."quota_bytes", OLD."sequence_floor")
    IS DISTINCT FROM (NEW."name", NEW."host_name", NEW."labels", NEW."description", NEW."kind", NEW."parent_id",
         NEW."is_single_volume", NEW."quota_bytes", NEW."sequence_floor"))
  EXECUTE FUNCTION "mark_agent_document"();

CREATE TRIGGER "agent_document_of_volume" AFTER INSERT OR UPDATE OR DELETE ON "volume"
  FOR EACH ROW EXECUTE FUNCTION "mark_document_of_volume"();

CREATE TRIGGER "point_document_changed" AFTER UPDATE ON "recovery_point" FOR EACH ROW
  WHEN ((OLD."agent_id", OLD."label", OLD."locked", OLD."origin", OLD."snapshot_rule_id", OLD."expires_at", OLD."deleted_on_source_at",
         OLD."missing_volumes")
    IS DISTINCT FROM (NEW."agent_id", NEW."label", NEW."locked", NEW."origin", NEW."snapshot_rule_id", NEW."expires_at",
         NEW."deleted_on_source_at", NEW."missing_volumes"))
  EXECUTE FUNCTION "mark_point_document"();

CREATE FUNCTION "mark_document_of_image"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "stale_document" ("subject_id", "kind") VALUES (NEW."recovery_point_id", 'recovery-point')
    ON CONFLICT ("subject_id") DO UPDATE SET "version" = nextval('stale_document_version_seq'), "marked_at" = CURRENT_TIMESTAMP;
  RETURN NULL;
END $$;

CREATE TRIGGER "point_document_of_image" AFTER UPDATE OF "volume_id" ON "volume_image" FOR EACH ROW
  WHEN (OLD."volume_id" IS DISTINCT FROM NEW."volume_id")
  EXECUTE FUNCTION "mark_document_of_image"();

-- Agents had no documents before, and those of points did not say what people had said of them.
INSERT INTO "stale_document" ("subject_id", "kind") SELECT "id", 'agent' FROM "agent";
INSERT INTO "stale_document" ("subject_id", "kind")
  SELECT "id", 'recovery-point' FROM "recovery_point" WHERE "label" <> '' OR "locked" OR "deleted_on_source_at" IS NOT NULL;

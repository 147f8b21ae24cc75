-- CreateEnum
CREATE TYPE "account_link_purpose" AS ENUM ('invitation', 'reset');

-- CreateEnum
CREATE TYPE "sign_in_way" AS ENUM ('password', 'second_factor', 'identity');

-- CreateEnum
CREATE TYPE "channel_kind" AS ENUM ('email', 'webhook');

-- CreateEnum
CREATE TYPE "delivery_state" AS ENUM ('waiting', 'sending', 'delivered', 'failed', 'skipped');

-- CreateEnum
CREATE TYPE "meter" AS ENUM ('stored', 'protected', 'transferred', 'agents');

-- CreateEnum
CREATE TYPE "statement_state" AS ENUM ('draft', 'final');

-- CreateEnum
CREATE TYPE "audit_result" AS ENUM ('done', 'refused', 'failed');

-- CreateEnum
CREATE TYPE "two_person_state" AS ENUM ('waiting', 'approved', 'denied', 'expired', 'cancelled', 'done', 'failed');

-- CreateEnum
CREATE TYPE "quota_meter" AS ENUM ('stored', 'protected');

-- DropIndex
DROP INDEX "audit_entry_at_idx";

-- AlterTable
ALTER TABLE "access_key" ADD COLUMN     "last_used_address" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "scopes" TEXT[] DEFAULT ARRAY['*:read', '*:write']::TEXT[];

-- AlterTable
ALTER TABLE "account" ADD COLUMN     "all_tenants" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "identity" TEXT,
ADD COLUMN     "last_sign_in_at" TIMESTAMPTZ(3),
ADD COLUMN     "password_changed_at" TIMESTAMPTZ(3),
ADD COLUMN     "totp_enabled_at" TIMESTAMPTZ(3),
ADD COLUMN     "totp_key" BYTEA,
ADD COLUMN     "totp_step" BIGINT,
ALTER COLUMN "password_hash" DROP NOT NULL;

-- AlterTable
ALTER TABLE "agent" ADD COLUMN     "transferred_bytes" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "alert" ADD COLUMN     "told_state" TEXT,
ADD COLUMN     "told_severity" "alert_severity",
ADD COLUMN     "note" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "api_token" ADD COLUMN     "last_used_address" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "scopes" TEXT[] DEFAULT ARRAY['*:read', '*:write']::TEXT[];

-- AlterTable
ALTER TABLE "audit_entry" ADD COLUMN     "actor_id" TEXT,
ADD COLUMN     "actor_kind" TEXT NOT NULL DEFAULT 'system',
ADD COLUMN     "address" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "door" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "hash" BYTEA,
ADD COLUMN     "position" BIGINT,
ADD COLUMN     "reason" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "request_id" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "result" "audit_result" NOT NULL DEFAULT 'done';

-- AlterTable
ALTER TABLE "pairing" ADD COLUMN     "clock_compared_at" TIMESTAMPTZ(3),
ADD COLUMN     "clock_skew_ms" INTEGER;

-- AlterTable
ALTER TABLE "sign_in" ADD COLUMN     "ended_by" TEXT,
ADD COLUMN     "proven_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "way" "sign_in_way" NOT NULL DEFAULT 'password';

-- AlterTable
ALTER TABLE "tenant" ADD COLUMN     "contact_email" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "customer_id" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "notes" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "statement_emails" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "time_zone" TEXT NOT NULL DEFAULT 'UTC';

-- AlterTable
ALTER TABLE "usage_entry" DROP CONSTRAINT "usage_entry_pairing_id_fkey";

-- AlterTable
ALTER TABLE "usage_entry" ADD COLUMN     "agents" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "is_end" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "transferred_bytes" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "vendor_sign_in" ADD COLUMN     "api_token_id" UUID,
ADD COLUMN     "proven_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "account_tenant" (
    "account_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,

    CONSTRAINT "account_tenant_pkey" PRIMARY KEY ("account_id","tenant_id")
);

-- CreateTable
CREATE TABLE "recovery_code" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_code_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account_link" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "purpose" "account_link_purpose" NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "account_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channel" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "channel_kind" NOT NULL,
    "targets" TEXT[],
    "sealed_key" BYTEA,
    "previous_key" BYTEA,
    "previous_key_until" TIMESTAMPTZ(3),
    "is_inside" BOOLEAN NOT NULL DEFAULT false,
    "authority_pem" TEXT NOT NULL DEFAULT '',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "failing_since" TIMESTAMPTZ(3),
    "last_error" TEXT NOT NULL DEFAULT '',
    "gone_at" TIMESTAMPTZ(3),
    "last_delivered_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "channel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_rule" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "channel_id" UUID NOT NULL,
    "min_severity" "alert_severity" NOT NULL DEFAULT 'warning',
    "kinds" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "tenant_ids" UUID[] DEFAULT ARRAY[]::UUID[],
    "tell_cleared" BOOLEAN NOT NULL DEFAULT true,
    "quiet_from" TEXT,
    "quiet_to" TEXT,
    "quiet_days" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "critical_anyway" BOOLEAN NOT NULL DEFAULT true,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery" (
    "id" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "channel_id" UUID,
    "subject_id" UUID,
    "tenant_id" UUID,
    "event" TEXT NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "kind" "channel_kind" NOT NULL,
    "targets" TEXT[],
    "state" "delivery_state" NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_attempt_at" TIMESTAMPTZ(3),
    "last_error" TEXT NOT NULL DEFAULT '',
    "response_status" INTEGER,
    "dedupe_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivered_at" TIMESTAMPTZ(3),

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_failure" (
    "id" UUID NOT NULL,
    "job" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "job_failure_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_plan" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "currency" CHAR(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "price_plan_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_plan_version" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "valid_from" TEXT NOT NULL,
    "minimum" DECIMAL(20,6) NOT NULL DEFAULT 0,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "price_plan_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_rate" (
    "id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "meter" "meter" NOT NULL,
    "from_quantity" DECIMAL(20,6) NOT NULL DEFAULT 0,
    "unit_price" DECIMAL(20,6) NOT NULL,

    CONSTRAINT "price_rate_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant_plan" (
    "tenant_id" UUID NOT NULL,
    "valid_from" TEXT NOT NULL,
    "plan_id" UUID NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_plan_pkey" PRIMARY KEY ("tenant_id","valid_from")
);

-- CreateTable
CREATE TABLE "statement" (
    "id" UUID NOT NULL,
    "number" INTEGER,
    "tenant_id" UUID NOT NULL,
    "tenant_name" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL DEFAULT '',
    "month" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "begins_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "state" "statement_state" NOT NULL DEFAULT 'draft',
    "plan_version_id" UUID,
    "plan_name" TEXT NOT NULL DEFAULT '',
    "currency" VARCHAR(3) NOT NULL DEFAULT '',
    "total" DECIMAL(20,6) NOT NULL DEFAULT 0,
    "missing_hours" DECIMAL(20,3) NOT NULL DEFAULT 0,
    "computed_at" TIMESTAMPTZ(3) NOT NULL,
    "finalised_at" TIMESTAMPTZ(3),
    "finalised_by" TEXT,

    CONSTRAINT "statement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "statement_line" (
    "id" UUID NOT NULL,
    "statement_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "meter" "meter",
    "description" TEXT NOT NULL,
    "quantity" DECIMAL(30,9) NOT NULL,
    "unit" TEXT NOT NULL,
    "unit_price" DECIMAL(20,6) NOT NULL,
    "amount" DECIMAL(20,6) NOT NULL,
    "formula" TEXT NOT NULL,
    "correction_id" UUID,

    CONSTRAINT "statement_line_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "statement_day" (
    "id" BIGSERIAL NOT NULL,
    "statement_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "agent_id" UUID NOT NULL,
    "agent_name" TEXT NOT NULL,
    "repository_id" UUID NOT NULL,
    "repository_name" TEXT NOT NULL,
    "source_name" TEXT NOT NULL DEFAULT '',
    "measured_seconds" INTEGER NOT NULL,
    "missing_seconds" INTEGER NOT NULL,
    "agent_seconds" INTEGER NOT NULL,
    "protected_byte_seconds" DECIMAL(40,0) NOT NULL,
    "stored_byte_seconds" DECIMAL(40,0) NOT NULL,
    "transferred_bytes" BIGINT NOT NULL,
    "recovery_points_max" INTEGER NOT NULL,
    "reported_bytes" BIGINT,

    CONSTRAINT "statement_day_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_checkpoint" (
    "position" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "mac" BYTEA NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_checkpoint_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "audit_refusal" (
    "key" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "window_end" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,
    "written" INTEGER NOT NULL,
    "entry" JSONB NOT NULL,

    CONSTRAINT "audit_refusal_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "audit_verification" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "position" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "checked_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "finding" JSONB,

    CONSTRAINT "audit_verification_pkey" PRIMARY KEY ("only")
);

-- CreateTable
CREATE TABLE "two_person_request" (
    "id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "tenant_id" UUID,
    "state" "two_person_state" NOT NULL DEFAULT 'waiting',
    "requested_by_id" UUID NOT NULL,
    "requested_by" TEXT NOT NULL,
    "door" TEXT NOT NULL DEFAULT '',
    "reason" TEXT NOT NULL DEFAULT '',
    "open_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_by_id" UUID,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "message" TEXT NOT NULL DEFAULT '',
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "two_person_request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "quota" (
    "id" UUID NOT NULL,
    "subject_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "agent_id" UUID,
    "meter" "quota_meter" NOT NULL,
    "soft_bytes" BIGINT,
    "hard_bytes" BIGINT,
    "overage_bytes" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "quota_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_measurement" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "agents" INTEGER NOT NULL,

    CONSTRAINT "usage_measurement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_day" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "agent_name" TEXT NOT NULL,
    "repository_id" UUID NOT NULL,
    "pairing_id" UUID,
    "day" DATE NOT NULL,
    "time_zone" TEXT NOT NULL,
    "begins_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "measured_seconds" INTEGER NOT NULL,
    "missing_seconds" INTEGER NOT NULL,
    "agent_seconds" INTEGER NOT NULL,
    "protected_byte_seconds" DECIMAL(40,0) NOT NULL,
    "stored_byte_seconds" DECIMAL(40,0) NOT NULL,
    "transferred_bytes" BIGINT NOT NULL,
    "protected_bytes_max" BIGINT NOT NULL,
    "stored_bytes_max" BIGINT NOT NULL,
    "recovery_points_max" INTEGER NOT NULL,
    "protected_bytes_last" BIGINT NOT NULL,
    "stored_bytes_last" BIGINT NOT NULL,
    "recovery_points_last" INTEGER NOT NULL,
    "computed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "usage_day_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_month" (
    "tenant_id" UUID NOT NULL,
    "month" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "begins_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "final_to" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "usage_month_pkey" PRIMARY KEY ("tenant_id","month")
);

-- CreateTable
CREATE TABLE "usage_correction" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "agent_id" UUID,
    "month" TEXT NOT NULL,
    "meter" "meter" NOT NULL,
    "quantity" DECIMAL(30,9) NOT NULL,
    "reason" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "usage_correction_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "vendor_sign_in_api_token_id_idx" ON "vendor_sign_in"("api_token_id");

-- CreateIndex
CREATE INDEX "agent_tenant_id_idx" ON "agent"("tenant_id");

-- CreateIndex
CREATE INDEX "pairing_tenant_id_idx" ON "pairing"("tenant_id");

-- CreateIndex
CREATE INDEX "account_tenant_tenant_id_idx" ON "account_tenant"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "recovery_code_account_id_hash_key" ON "recovery_code"("account_id", "hash");

-- CreateIndex
CREATE UNIQUE INDEX "account_link_hash_key" ON "account_link"("hash");

-- CreateIndex
CREATE INDEX "account_link_account_id_idx" ON "account_link"("account_id");

-- CreateIndex
CREATE INDEX "alert_told_state_cleared_at_idx" ON "alert"("told_state", "cleared_at");

-- CreateIndex
CREATE INDEX "job_failure_job_idx" ON "job_failure"("job");

-- CreateIndex
CREATE INDEX "job_failure_last_at_idx" ON "job_failure"("last_at");

-- CreateIndex
CREATE UNIQUE INDEX "channel_name_key" ON "channel"("name");

-- CreateIndex
CREATE INDEX "alert_rule_channel_id_idx" ON "alert_rule"("channel_id");

-- CreateIndex
CREATE UNIQUE INDEX "delivery_dedupe_key_key" ON "delivery"("dedupe_key");

-- CreateIndex
CREATE INDEX "delivery_state_next_attempt_at_idx" ON "delivery"("state", "next_attempt_at");

-- CreateIndex
CREATE INDEX "delivery_channel_id_state_idx" ON "delivery"("channel_id", "state");

-- CreateIndex
CREATE INDEX "delivery_created_at_id_idx" ON "delivery"("created_at", "id");

-- CreateIndex
CREATE INDEX "delivery_subject_id_idx" ON "delivery"("subject_id");

-- CreateIndex
CREATE UNIQUE INDEX "price_plan_name_key" ON "price_plan"("name");

-- CreateIndex
CREATE UNIQUE INDEX "price_plan_version_plan_id_valid_from_key" ON "price_plan_version"("plan_id", "valid_from");

-- CreateIndex
CREATE UNIQUE INDEX "price_rate_version_id_meter_from_quantity_key" ON "price_rate"("version_id", "meter", "from_quantity");

-- CreateIndex
CREATE INDEX "tenant_plan_plan_id_idx" ON "tenant_plan"("plan_id");

-- CreateIndex
CREATE UNIQUE INDEX "statement_number_key" ON "statement"("number");

-- CreateIndex
CREATE INDEX "statement_month_tenant_name_idx" ON "statement"("month", "tenant_name");

-- CreateIndex
CREATE UNIQUE INDEX "statement_tenant_id_month_key" ON "statement"("tenant_id", "month");

-- CreateIndex
CREATE UNIQUE INDEX "statement_line_statement_id_position_key" ON "statement_line"("statement_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "statement_day_statement_id_agent_id_repository_id_day_key" ON "statement_day"("statement_id", "agent_id", "repository_id", "day");

-- CreateIndex
CREATE UNIQUE INDEX "two_person_request_open_key_key" ON "two_person_request"("open_key");

-- CreateIndex
CREATE INDEX "two_person_request_state_expires_at_idx" ON "two_person_request"("state", "expires_at");

-- CreateIndex
CREATE INDEX "two_person_request_created_at_id_idx" ON "two_person_request"("created_at", "id");

-- CreateIndex
CREATE INDEX "quota_tenant_id_idx" ON "quota"("tenant_id");

-- CreateIndex
CREATE INDEX "quota_agent_id_idx" ON "quota"("agent_id");

-- CreateIndex
CREATE UNIQUE INDEX "quota_subject_id_meter_key" ON "quota"("subject_id", "meter");

-- CreateIndex
CREATE INDEX "usage_measurement_at_idx" ON "usage_measurement"("at");

-- CreateIndex
CREATE INDEX "usage_day_tenant_id_day_idx" ON "usage_day"("tenant_id", "day");

-- CreateIndex
CREATE INDEX "usage_day_day_idx" ON "usage_day"("day");

-- CreateIndex
CREATE UNIQUE INDEX "usage_day_agent_id_tenant_id_repository_id_day_key" ON "usage_day"("agent_id", "tenant_id", "repository_id", "day");

-- CreateIndex
CREATE INDEX "usage_month_final_to_idx" ON "usage_month"("final_to");

-- CreateIndex
CREATE INDEX "statement_line_correction_id_idx" ON "statement_line"("correction_id");

-- CreateIndex
CREATE INDEX "usage_correction_tenant_id_month_idx" ON "usage_correction"("tenant_id", "month");

-- CreateIndex
CREATE UNIQUE INDEX "account_identity_key" ON "account"("identity");

-- CreateIndex
CREATE INDEX "api_token_account_id_idx" ON "api_token"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_entry_position_key" ON "audit_entry"("position");

-- CreateIndex
CREATE INDEX "audit_entry_at_id_idx" ON "audit_entry"("at", "id");

-- CreateIndex
CREATE INDEX "audit_entry_action_at_id_idx" ON "audit_entry"("action", "at", "id");

-- CreateIndex
CREATE INDEX "audit_entry_actor_at_id_idx" ON "audit_entry"("actor", "at", "id");

-- CreateIndex
CREATE INDEX "audit_entry_subject_at_id_idx" ON "audit_entry"("subject", "at", "id");

-- CreateIndex
CREATE INDEX "audit_entry_result_at_id_idx" ON "audit_entry"("result", "at", "id");

-- CreateIndex
CREATE INDEX "audit_refusal_window_end_idx" ON "audit_refusal"("window_end");

-- CreateIndex
CREATE INDEX "sign_in_ended_at_last_seen_at_idx" ON "sign_in"("ended_at", "last_seen_at");

-- CreateIndex
CREATE INDEX "usage_entry_tenant_id_origin_at_idx" ON "usage_entry"("tenant_id", "origin", "at");

-- AddForeignKey
ALTER TABLE "account_tenant" ADD CONSTRAINT "account_tenant_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account_tenant" ADD CONSTRAINT "account_tenant_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recovery_code" ADD CONSTRAINT "recovery_code_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account_link" ADD CONSTRAINT "account_link_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_rule" ADD CONSTRAINT "alert_rule_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channel"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channel"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_plan_version" ADD CONSTRAINT "price_plan_version_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "price_plan"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_rate" ADD CONSTRAINT "price_rate_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "price_plan_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant_plan" ADD CONSTRAINT "tenant_plan_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant_plan" ADD CONSTRAINT "tenant_plan_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "price_plan"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement" ADD CONSTRAINT "statement_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement" ADD CONSTRAINT "statement_plan_version_id_fkey" FOREIGN KEY ("plan_version_id") REFERENCES "price_plan_version"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_line" ADD CONSTRAINT "statement_line_statement_id_fkey" FOREIGN KEY ("statement_id") REFERENCES "statement"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "statement_day" ADD CONSTRAINT "statement_day_statement_id_fkey" FOREIGN KEY ("statement_id") REFERENCES "statement"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "quota" ADD CONSTRAINT "quota_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "quota" ADD CONSTRAINT "quota_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "usage_month" ADD CONSTRAINT "usage_month_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "usage_correction" ADD CONSTRAINT "usage_correction_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vendor_sign_in" ADD CONSTRAINT "vendor_sign_in_api_token_id_fkey" FOREIGN KEY ("api_token_id") REFERENCES "api_token"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateTable
CREATE TABLE "quota_refusal" (
    "agent_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "meter" "quota_meter" NOT NULL,
    "stored_bytes" BIGINT NOT NULL,
    "protected_bytes" BIGINT,
    "message" TEXT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "quota_refusal_pkey" PRIMARY KEY ("agent_id")
);

-- CreateTable
CREATE TABLE "stored_total" (
    "agent_id" UUID NOT NULL,
    "stored_bytes" BIGINT NOT NULL,

    CONSTRAINT "stored_total_pkey" PRIMARY KEY ("agent_id")
);

-- CreateTable
CREATE TABLE "stored_change" (
    "id" BIGSERIAL NOT NULL,
    "agent_id" UUID NOT NULL,
    "stored_bytes" BIGINT NOT NULL,

    CONSTRAINT "stored_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "arriving_bytes" (
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "stored_bytes" BIGINT NOT NULL,
    "protected_bytes" BIGINT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "arriving_bytes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "quota_refusal_tenant_id_idx" ON "quota_refusal"("tenant_id");

-- CreateIndex
CREATE INDEX "quota_refusal_last_at_idx" ON "quota_refusal"("last_at");

-- CreateIndex
CREATE INDEX "arriving_bytes_agent_id_idx" ON "arriving_bytes"("agent_id");

-- CreateIndex
CREATE INDEX "arriving_bytes_tenant_id_idx" ON "arriving_bytes"("tenant_id");

-- CreateIndex
CREATE INDEX "arriving_bytes_expires_at_idx" ON "arriving_bytes"("expires_at");

-- AddForeignKey
ALTER TABLE "quota_refusal" ADD CONSTRAINT "quota_refusal_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Written by hand from here on.

-- What an agent may store was a column of its own; it is a quota like others.
INSERT INTO "quota" ("id", "subject_id", "tenant_id", "agent_id", "meter", "hard_bytes")
  SELECT gen_random_uuid(), "id", "tenant_id", "id", 'stored', "quota_bytes" FROM "agent" WHERE "quota_bytes" IS NOT NULL;
DROP TRIGGER "agent_document_changed" ON "agent";
ALTER TABLE "agent" DROP COLUMN "quota_bytes";
CREATE TRIGGER "agent_document_changed" AFTER UPDATE ON "agent" FOR EACH ROW
  WHEN ((OLD."name", OLD."host_name", OLD."labels", OLD."description", OLD."kind", OLD."parent_id", OLD."is_single_volume",
         OLD."sequence_floor")
    IS DISTINCT FROM (NEW."name", NEW."host_name", NEW."labels", NEW."description", NEW."kind", NEW."parent_id",
         NEW."is_single_volume", NEW."sequence_floor"))
  EXECUTE FUNCTION "mark_agent_document"();

CREATE FUNCTION "mark_document_of_quota"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  changed "quota";
BEGIN
  IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
  IF changed."agent_id" IS NOT NULL AND changed."meter" = 'stored' THEN
    INSERT INTO "stale_document" ("subject_id", "kind") VALUES (changed."agent_id", 'agent')
      ON CONFLICT ("subject_id") DO UPDATE SET "version" = nextval('stale_document_version_seq'), "marked_at" = CURRENT_TIMESTAMP;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "agent_document_of_quota" AFTER INSERT OR UPDATE OR DELETE ON "quota"
  FOR EACH ROW EXECUTE FUNCTION "mark_document_of_quota"();

-- What is stored for an agent, kept as points come and go: by changes, so that no transaction waits for another one. The sweep adds them up.
CREATE FUNCTION "note_stored"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO "stored_change" ("agent_id", "stored_bytes")
      SELECT "agent_id", sum("stored_bytes") FROM changed GROUP BY "agent_id" HAVING sum("stored_bytes") <> 0;
    DELETE FROM "arriving_bytes" WHERE "id" IN (SELECT "id" FROM changed);
  ELSE
    INSERT INTO "stored_change" ("agent_id", "stored_bytes")
      SELECT "agent_id", -sum("stored_bytes") FROM changed GROUP BY "agent_id" HAVING sum("stored_bytes") <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION "note_stored_otherwise"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO "stored_change" ("agent_id", "stored_bytes")
    VALUES (OLD."agent_id", -OLD."stored_bytes"), (NEW."agent_id", NEW."stored_bytes");
  DELETE FROM "arriving_bytes" WHERE "id" = NEW."id";
  RETURN NULL;
END $$;
CREATE TRIGGER "stored_by_new_points" AFTER INSERT ON "recovery_point" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION "note_stored"();
CREATE TRIGGER "stored_by_deleted_points" AFTER DELETE ON "recovery_point" REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION "note_stored"();
CREATE TRIGGER "stored_by_changed_points" AFTER UPDATE ON "recovery_point" FOR EACH ROW
  WHEN ((OLD."agent_id", OLD."stored_bytes") IS DISTINCT FROM (NEW."agent_id", NEW."stored_bytes"))
  EXECUTE FUNCTION "note_stored_otherwise"();
INSERT INTO "stored_total" ("agent_id", "stored_bytes")
  SELECT "agent_id", sum("stored_bytes") FROM "recovery_point" GROUP BY "agent_id";
INSERT INTO "arriving_bytes" ("id", "agent_id", "tenant_id", "stored_bytes", "protected_bytes", "expires_at")
  SELECT s."recovery_point_id", a."id", a."tenant_id", sum(s."received_bytes"), NULL, now() + interval '1 day'
  FROM "image_session" s JOIN "agent" a ON a."id" = s."agent_id"
  WHERE NOT EXISTS (SELECT 1 FROM "recovery_point" p WHERE p."id" = s."recovery_point_id")
  GROUP BY s."recovery_point_id", a."id", a."tenant_id" HAVING sum(s."received_bytes") > 0;

-- The audit trail: rows are only ever added, and as a transaction commits its rows are chained to those before. Deferred, so that the lock on
-- the chain is the last thing a transaction takes, and is held for as long as its commit.
CREATE FUNCTION "audit_field"(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT octet_length(value) || ':' || value || ','
$$;

CREATE FUNCTION "audit_hash"(previous bytea, place bigint, entry "audit_entry") RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(previous || convert_to(
    audit_field(place::text)
    || audit_field(to_char(entry."at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    || audit_field(entry."actor") || audit_field(entry."actor_kind") || audit_field(coalesce(entry."actor_id", ''))
    || audit_field(entry."action") || audit_field(entry."subject") || audit_field(entry."door") || audit_field(entry."address")
    || audit_field(entry."request_id") || audit_field(entry."result"::text) || audit_field(entry."reason")
    || audit_field(entry."detail"::text), 'UTF8'))
$$;

CREATE FUNCTION "chain_audit_entry"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last_position bigint;
  last_hash bytea;
BEGIN
  PERFORM pg_advisory_xact_lock(7120, 0);
  SELECT "position", "hash" INTO last_position, last_hash FROM "audit_entry"
    WHERE "position" IS NOT NULL ORDER BY "position" DESC LIMIT 1;
  UPDATE "audit_entry" SET "position" = coalesce(last_position, 0) + 1,
    "hash" = audit_hash(coalesce(last_hash, ''::bytea), coalesce(last_position, 0) + 1, NEW)
    WHERE "id" = NEW."id";
  RETURN NULL;
END $$;

CREATE FUNCTION "keep_audit_entry"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD."position" IS NULL AND OLD."hash" IS NULL
    AND to_jsonb(NEW) - 'position' - 'hash' = to_jsonb(OLD) - 'position' - 'hash' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

-- What was written before there was a chain begins it.
DO $$
DECLARE
  entry "audit_entry";
  last_hash bytea := ''::bytea;
  place bigint := 0;
BEGIN
  FOR entry IN SELECT * FROM "audit_entry" ORDER BY "id" LOOP
    place := place + 1;
    last_hash := audit_hash(last_hash, place, entry);
    UPDATE "audit_entry" SET "position" = place, "hash" = last_hash WHERE "id" = entry."id";
  END LOOP;
END $$;

CREATE CONSTRAINT TRIGGER "audit_entry_chained" AFTER INSERT ON "audit_entry" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION "chain_audit_entry"();
CREATE TRIGGER "audit_entry_kept" BEFORE UPDATE OR DELETE ON "audit_entry"
  FOR EACH ROW EXECUTE FUNCTION "keep_audit_entry"();
CREATE TRIGGER "audit_entry_not_truncated" BEFORE TRUNCATE ON "audit_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_audit_entry"();

-- The ledger is append-only: what bills are made of is never edited. Rows go when they are older than the ledger is kept, and only when
-- their days are rolled up for good (or their tenant is gone).
CREATE FUNCTION "keep_usage_entry"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD."at" < now() - interval '400 days'
    AND (EXISTS (SELECT 1 FROM "usage_month" m WHERE m."tenant_id" = OLD."tenant_id" AND m."final_to" > OLD."at")
      OR NOT EXISTS (SELECT 1 FROM "tenant" t WHERE t."id" = OLD."tenant_id")) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION "keep_usage_measurement"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD."at" < now() - interval '400 days' THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION "keep_usage_correction"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a correction is never edited; the opposite is another one' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER "usage_entry_kept" BEFORE UPDATE OR DELETE ON "usage_entry" FOR EACH ROW EXECUTE FUNCTION "keep_usage_entry"();
CREATE TRIGGER "usage_entry_not_truncated" BEFORE TRUNCATE ON "usage_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_usage_correction"();
CREATE TRIGGER "usage_measurement_kept" BEFORE UPDATE OR DELETE ON "usage_measurement"
  FOR EACH ROW EXECUTE FUNCTION "keep_usage_measurement"();
CREATE TRIGGER "usage_measurement_not_truncated" BEFORE TRUNCATE ON "usage_measurement"
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_usage_correction"();
CREATE TRIGGER "usage_correction_kept" BEFORE UPDATE OR DELETE ON "usage_correction"
  FOR EACH ROW EXECUTE FUNCTION "keep_usage_correction"();
CREATE TRIGGER "usage_correction_not_truncated" BEFORE TRUNCATE ON "usage_correction"
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_usage_correction"();

-- What was measured before there was a list of measurements: each moment at which something was written to the ledger.
INSERT INTO "usage_measurement" ("at", "agents")
  SELECT date_trunc('second', "at"), count(*)::int FROM "usage_entry" WHERE "origin" = 'measured' GROUP BY 1;

-- A final statement is frozen, with its lines, its days and the prices that made it.
CREATE FUNCTION "keep_final_statement"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."state" = 'final' THEN
    RAISE EXCEPTION 'a final statement never changes' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION "keep_final_statement_part"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM "statement" s WHERE s."id" = OLD."statement_id" AND s."state" = 'final'))
    OR (TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM "statement" s WHERE s."id" = NEW."statement_id" AND s."state" = 'final')) THEN
    RAISE EXCEPTION 'a final statement never changes' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION "keep_used_version"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM "statement" s WHERE s."state" = 'final'
      AND s."plan_version_id" = (to_jsonb(OLD) ->> TG_ARGV[0])::uuid))
    OR (TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM "statement" s WHERE s."state" = 'final'
      AND s."plan_version_id" = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid)) THEN
    RAISE EXCEPTION 'prices that a final statement used never change' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER "statement_kept" BEFORE UPDATE OR DELETE ON "statement" FOR EACH ROW EXECUTE FUNCTION "keep_final_statement"();
CREATE TRIGGER "statement_line_kept" BEFORE INSERT OR UPDATE OR DELETE ON "statement_line"
  FOR EACH ROW EXECUTE FUNCTION "keep_final_statement_part"();
CREATE TRIGGER "statement_day_kept" BEFORE INSERT OR UPDATE OR DELETE ON "statement_day"
  FOR EACH ROW EXECUTE FUNCTION "keep_final_statement_part"();
CREATE TRIGGER "price_plan_version_kept" BEFORE UPDATE OR DELETE ON "price_plan_version"
  FOR EACH ROW EXECUTE FUNCTION "keep_used_version"('id');
CREATE TRIGGER "price_rate_kept" BEFORE INSERT OR UPDATE OR DELETE ON "price_rate"
  FOR EACH ROW EXECUTE FUNCTION "keep_used_version"('version_id');

-- Events are written and told by whoever changes something, also by accounts that may not read them all.
CREATE FUNCTION "emit_events"(event_kind text, subjects text[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH e AS (INSERT INTO "event" ("kind", "subject", "at") SELECT event_kind, unnest(subjects), now() RETURNING "id")
  SELECT pg_notify('twincore_event', "id"::text) FROM e
$$;

-- Triggers that mark documents write for whoever changes a row.
ALTER FUNCTION "mark_agent_document"() SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION "mark_point_document"() SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION "mark_document_of_volume"() SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION "mark_document_of_image"() SECURITY DEFINER SET search_path = public, pg_temp;

-- A tenant's name stands in the documents of its agents. Those of its points keep the name that it had: there may be a million of them, and
-- whoever rebuilds a core asks the agents first.
CREATE FUNCTION "mark_documents_of_tenant"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO "stale_document" ("subject_id", "kind") SELECT "id", 'agent' FROM "agent" WHERE "tenant_id" = NEW."id" ORDER BY "id"
    ON CONFLICT ("subject_id") DO UPDATE SET "version" = nextval('stale_document_version_seq'), "marked_at" = CURRENT_TIMESTAMP;
  RETURN NULL;
END $$;
CREATE TRIGGER "agent_documents_of_tenant" AFTER UPDATE OF "name" ON "tenant" FOR EACH ROW
  WHEN (OLD."name" IS DISTINCT FROM NEW."name") EXECUTE FUNCTION "mark_documents_of_tenant"();

-- Accounts that are bound to tenants reach the database as a role of their own, which sees the rows of their tenants and no others: a
-- statement that forgets to ask whose a row is cannot leak it. The owner of the tables is not touched by any of this. See lib/db/scoped.ts.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'twincore_scoped') THEN
    CREATE ROLE twincore_scoped NOLOGIN NOINHERIT;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
  WHEN insufficient_privilege THEN
    RAISE NOTICE 'The role twincore_scoped is missing: accounts that are bound to tenants cannot work. See ARCHITECTURE.md.';
END $$;
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'twincore_scoped') THEN
    IF NOT pg_has_role(current_user, 'twincore_scoped', 'MEMBER') THEN
      EXECUTE format('GRANT twincore_scoped TO %I', current_user);
    END IF;
    GRANT USAGE ON SCHEMA public TO twincore_scoped;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO twincore_scoped;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO twincore_scoped;
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE NOTICE 'The role twincore_scoped could not be given its rights: accounts that are bound to tenants cannot work. See ARCHITECTURE.md.';
END $$;

CREATE FUNCTION "scope_tenants"() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(nullif(current_setting('twincore.tenants', true), ''), '{}')::uuid[]
$$;
CREATE FUNCTION "scope_account"() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('twincore.account', true), '')::uuid
$$;

-- The certificate of this core's CA is public; the table that it is in is not.
CREATE FUNCTION "authority_certificate"() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT "certificate_pem" FROM "sealed_key" WHERE "name" = 'ca'
$$;

-- Every table is closed to that role; what follows opens some.
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
  END LOOP;
END $$;

-- Whose a row is stands in it.
CREATE POLICY scoped ON "tenant" FOR SELECT USING ("id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "agent" USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "record_domain" USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "removed_point" USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "enrolment_token" USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "alert" USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "usage_entry" FOR SELECT USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "usage_day" FOR SELECT USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "usage_month" FOR SELECT USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "usage_correction" FOR SELECT USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "quota" FOR SELECT USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
-- Who takes an agent in says how much it may store; the tenant's own quotas are the core's.
CREATE POLICY scoped_of_agent ON "quota" USING ("agent_id" IS NOT NULL AND "tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "quota_refusal" USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "arriving_bytes" USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "tenant_plan" FOR SELECT USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "statement" FOR SELECT USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "two_person_request" USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));

-- Whose a row is stands in what it belongs to.
CREATE POLICY scoped ON "volume" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "volume"."agent_id"));
CREATE POLICY scoped ON "stored_total" FOR SELECT USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "stored_total"."agent_id"));
CREATE POLICY scoped ON "stored_change" FOR SELECT USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "stored_change"."agent_id"));
CREATE POLICY scoped ON "recovery_point" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "recovery_point"."agent_id"));
CREATE POLICY scoped ON "volume_image" USING (EXISTS (SELECT 1 FROM "recovery_point" p WHERE p."id" = "volume_image"."recovery_point_id"));
CREATE POLICY scoped ON "deleted_recovery_point" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "deleted_recovery_point"."agent_id"));
CREATE POLICY scoped ON "orphaned_image" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "orphaned_image"."agent_id"));
CREATE POLICY scoped ON "metadata_update" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "metadata_update"."agent_id"));
CREATE POLICY scoped ON "replication_session" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "replication_session"."agent_id"));
CREATE POLICY scoped ON "run" USING (EXISTS (SELECT 1 FROM "replication_session" s WHERE s."id" = "run"."session_id"));
CREATE POLICY scoped ON "run_rate" USING (EXISTS (SELECT 1 FROM "run" r WHERE r."id" = "run_rate"."run_id"));
CREATE POLICY scoped ON "remote_job" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "remote_job"."agent_id"));
CREATE POLICY scoped ON "image_session" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "image_session"."agent_id"));
CREATE POLICY scoped ON "image_session_keys" USING (EXISTS (SELECT 1 FROM "image_session" s WHERE s."id" = "image_session_keys"."session_id"));
CREATE POLICY scoped ON "task" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "task"."agent_id"));
CREATE POLICY scoped ON "pack" USING (EXISTS (SELECT 1 FROM "record_domain" d WHERE d."id" = "pack"."domain_id"));
CREATE POLICY scoped ON "record" USING (EXISTS (SELECT 1 FROM "record_domain" d WHERE d."id" = "record"."domain_id"));
CREATE POLICY scoped ON "replication_record" USING (EXISTS (SELECT 1 FROM "agent" a WHERE a."id" = "replication_record"."agent_id"));
CREATE POLICY scoped ON "vault_replication" FOR SELECT USING (EXISTS (SELECT 1 FROM "replication_record" r WHERE r."vault_replication_id" = "vault_replication"."id"));
CREATE POLICY scoped ON "statement_line" FOR SELECT USING (EXISTS (SELECT 1 FROM "statement" s WHERE s."id" = "statement_line"."statement_id"));
CREATE POLICY scoped ON "statement_day" FOR SELECT USING (EXISTS (SELECT 1 FROM "statement" s WHERE s."id" = "statement_day"."statement_id"));
CREATE POLICY scoped ON "price_plan" FOR SELECT USING (EXISTS (SELECT 1 FROM "tenant_plan" t WHERE t."plan_id" = "price_plan"."id"));
CREATE POLICY scoped ON "price_plan_version" FOR SELECT USING (EXISTS (SELECT 1 FROM "price_plan" p WHERE p."id" = "price_plan_version"."plan_id"));
CREATE POLICY scoped ON "price_rate" FOR SELECT USING (EXISTS (SELECT 1 FROM "price_plan_version" v WHERE v."id" = "price_rate"."version_id"));

-- A pairing is a tenant's own, or one (on the source side) over which an agent of the tenant replicates: that one is only read.
CREATE POLICY scoped_read ON "pairing" FOR SELECT USING (
  "tenant_id" = ANY ((SELECT scope_tenants())::uuid[])
  OR EXISTS (SELECT 1 FROM "replication_session" s WHERE s."pairing_id" = "pairing"."id"));
CREATE POLICY scoped_write ON "pairing" FOR UPDATE USING ("tenant_id" = ANY ((SELECT scope_tenants())::uuid[]));
CREATE POLICY scoped ON "pairing_agent" USING (EXISTS (
  SELECT 1 FROM "pairing" p WHERE p."id" = "pairing_agent"."pairing_id" AND p."tenant_id" = ANY ((SELECT scope_tenants())::uuid[])));
CREATE POLICY scoped ON "repository_report" FOR SELECT USING (EXISTS (
  SELECT 1 FROM "pairing" p WHERE p."id" = "repository_report"."pairing_id" AND p."tenant_id" = ANY ((SELECT scope_tenants())::uuid[])));
CREATE POLICY scoped ON "pairing_certificate" FOR SELECT USING (EXISTS (
  SELECT 1 FROM "pairing" p WHERE p."id" = "pairing_certificate"."pairing_id" AND p."tenant_id" = ANY ((SELECT scope_tenants())::uuid[])));
CREATE POLICY scoped ON "seed_drive" FOR SELECT USING (EXISTS (
  SELECT 1 FROM "pairing" p WHERE p."id" = "seed_drive"."pairing_id" AND p."tenant_id" = ANY ((SELECT scope_tenants())::uuid[])));
CREATE POLICY scoped ON "repository" FOR SELECT USING (
  EXISTS (SELECT 1 FROM "record_domain" d WHERE d."repository_id" = "repository"."id")
  OR EXISTS (SELECT 1 FROM "agent" a WHERE a."repository_id" = "repository"."id"));
CREATE POLICY scoped ON "policy" FOR SELECT USING (
  EXISTS (SELECT 1 FROM "agent" a WHERE a."policy_id" = "policy"."id")
  OR EXISTS (SELECT 1 FROM "volume" v WHERE v."policy_id" = "policy"."id")
  OR EXISTS (SELECT 1 FROM "pairing" p WHERE p."id" = "policy"."pairing_id" AND p."tenant_id" = ANY ((SELECT scope_tenants())::uuid[])));
CREATE POLICY scoped ON "policy_snapshot_rule" FOR SELECT USING (EXISTS (SELECT 1 FROM "policy" p WHERE p."id" = "policy_snapshot_rule"."policy_id"));
CREATE POLICY scoped ON "policy_replication_rule" FOR SELECT USING (EXISTS (SELECT 1 FROM "policy" p WHERE p."id" = "policy_replication_rule"."policy_id"));
CREATE POLICY scoped ON "snapshot_rule" FOR SELECT USING (EXISTS (SELECT 1 FROM "policy_snapshot_rule" r WHERE r."snapshot_rule_id" = "snapshot_rule"."id"));
CREATE POLICY scoped ON "replication_rule" FOR SELECT USING (EXISTS (SELECT 1 FROM "policy_replication_rule" r WHERE r."replication_rule_id" = "replication_rule"."id"));

-- What belongs to nobody. Settings that hold secrets are not among them.
CREATE POLICY scoped ON "core" FOR SELECT USING (true);
CREATE POLICY scoped ON "setting" FOR SELECT USING ("name" NOT IN ('mail'));
CREATE POLICY scoped ON "usage_measurement" FOR SELECT USING (true);
CREATE POLICY scoped ON "stale_document" USING (true);
CREATE POLICY scoped ON "audit_entry" FOR INSERT WITH CHECK (true);
CREATE POLICY scoped ON "vendor_job" USING ("account_id" = (SELECT scope_account()));
CREATE POLICY scoped ON "event" FOR SELECT USING (CASE "kind"
  WHEN 'agent' THEN EXISTS (SELECT 1 FROM "agent" a WHERE a."id"::text = "event"."subject")
  WHEN 'quota' THEN EXISTS (SELECT 1 FROM "tenant" t WHERE t."id"::text = "event"."subject")
    OR EXISTS (SELECT 1 FROM "agent" a WHERE a."id"::text = "event"."subject")
  WHEN 'recovery-point' THEN EXISTS (SELECT 1 FROM "recovery_point" p WHERE p."id"::text = "event"."subject")
    OR EXISTS (SELECT 1 FROM "agent" a WHERE a."id"::text = "event"."subject")
  WHEN 'session' THEN EXISTS (SELECT 1 FROM "replication_session" s WHERE s."id"::text = "event"."subject")
  WHEN 'run' THEN EXISTS (SELECT 1 FROM "run" r WHERE r."id"::text = "event"."subject")
    OR EXISTS (SELECT 1 FROM "replication_session" s WHERE s."id"::text = "event"."subject")
  WHEN 'task' THEN EXISTS (SELECT 1 FROM "task" t WHERE t."id"::text = "event"."subject")
  WHEN 'pairing' THEN EXISTS (SELECT 1 FROM "pairing" p WHERE p."id"::text = "event"."subject")
  WHEN 'alert' THEN EXISTS (SELECT 1 FROM "alert" a WHERE a."id"::text = "event"."subject")
  WHEN 'two-person' THEN EXISTS (SELECT 1 FROM "two_person_request" r WHERE r."id"::text = "event"."subject")
  WHEN 'tenant' THEN EXISTS (SELECT 1 FROM "tenant" t WHERE t."id"::text = "event"."subject")
  ELSE false END);

-- How many accounts could be the second person for something of a tenant, or (null) of the whole core. Who is bound to tenants may know the number.
CREATE FUNCTION "count_agreers"(roles text[], except_account uuid, tenant uuid) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*)::integer FROM "account" a
  WHERE a."disabled_at" IS NULL AND a."role"::text = ANY (roles) AND a."id" <> except_account
    AND (a."all_tenants" OR EXISTS (SELECT 1 FROM "account_tenant" t WHERE t."account_id" = a."id" AND t."tenant_id" = tenant))
$$;

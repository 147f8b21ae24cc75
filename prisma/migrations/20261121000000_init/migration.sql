-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "role" AS ENUM ('administrator', 'approver', 'engineer', 'billing', 'reader');

-- CreateEnum
CREATE TYPE "volume_kind" AS ENUM ('folder', 'image', 'stream');

-- CreateEnum
CREATE TYPE "side" AS ENUM ('source', 'target');

-- CreateEnum
CREATE TYPE "pairing_state" AS ENUM ('pending', 'established', 'denied', 'ignored', 'blocked', 'expired', 'deleted');

-- CreateEnum
CREATE TYPE "pairing_way" AS ENUM ('request', 'demand', 'token');

-- CreateEnum
CREATE TYPE "agent_request_state" AS ENUM ('pending', 'approved', 'denied');

-- CreateEnum
CREATE TYPE "task_kind" AS ENUM ('capture', 'restore', 'export_seed_drive', 'consume_seed_drive');

-- CreateEnum
CREATE TYPE "task_state" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "seed_drive_state" AS ENUM ('exporting', 'waiting', 'outstanding', 'consumed', 'abandoned');

-- CreateEnum
CREATE TYPE "seed_drive_point_state" AS ENUM ('waiting', 'done', 'failed');

-- CreateEnum
CREATE TYPE "session_state" AS ENUM ('initializing', 'ok', 'synchronizing', 'paused', 'system_paused', 'ended');

-- CreateEnum
CREATE TYPE "run_state" AS ENUM ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "run_phase" AS ENUM ('plan', 'metadata', 'negotiate', 'transfer', 'commit', 'finish');

-- CreateEnum
CREATE TYPE "remote_job_kind" AS ENUM ('replication', 'transfer', 'metadata');

-- CreateEnum
CREATE TYPE "image_session_state" AS ENUM ('open', 'committing', 'committed', 'failed', 'aborted');

-- CreateEnum
CREATE TYPE "transfer_mode" AS ENUM ('negotiated', 'direct');

-- CreateEnum
CREATE TYPE "metadata_update_state" AS ENUM ('running', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "upload_state" AS ENUM ('open', 'ended', 'cancelled', 'expired');

-- CreateEnum
CREATE TYPE "outgoing_file_state" AS ENUM ('receiving', 'queued', 'sending', 'sent', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "usage_origin" AS ENUM ('measured', 'reported');

-- CreateTable
CREATE TABLE "account" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "password_hash" TEXT NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "user_agent" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "sign_in_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "throttle" (
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 0,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "blocked_until" TIMESTAMPTZ(3),

    CONSTRAINT "throttle_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setup_link" (
    "id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "setup_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "host_name" TEXT NOT NULL,
    "tenant_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "pairing_id" UUID,
    "quota_bytes" BIGINT,
    "labels" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "policies" JSONB NOT NULL DEFAULT '[]',
    "metadata_at" TIMESTAMPTZ(3),
    "metadata_version" BIGINT NOT NULL DEFAULT 0,
    "sequence_floor" BIGINT NOT NULL DEFAULT 0,
    "deletion_asked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "volume" (
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "volume_kind" NOT NULL,
    "path" TEXT,
    "excludes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "volume_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "core" (
    "id" UUID NOT NULL,
    "only" BOOLEAN NOT NULL DEFAULT true,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "core_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sealed_key" (
    "name" TEXT NOT NULL,
    "sealed_key" BYTEA NOT NULL,
    "certificate_pem" TEXT,
    "not_after" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sealed_key_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "tenant" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "data" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pairing" (
    "id" UUID NOT NULL,
    "side" "side" NOT NULL,
    "state" "pairing_state" NOT NULL DEFAULT 'pending',
    "way" "pairing_way" NOT NULL DEFAULT 'request',
    "peer_core_id" UUID,
    "peer_name" TEXT NOT NULL,
    "peer_url" TEXT,
    "peer_address" TEXT,
    "peer_version" TEXT,
    "peer_protocol" INTEGER,
    "contact_email" TEXT NOT NULL DEFAULT '',
    "customer_id" TEXT NOT NULL DEFAULT '',
    "comments" TEXT NOT NULL DEFAULT '',
    "request_key_digest" BYTEA NOT NULL,
    "verification_code" TEXT NOT NULL,
    "certificate_request_pem" TEXT,
    "certificate_pem" TEXT,
    "peer_ca_pem" TEXT,
    "certificate_not_after" TIMESTAMPTZ(3),
    "tenant_id" UUID,
    "message" TEXT NOT NULL DEFAULT '',
    "rate_cap_bytes_per_second" BIGINT,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "last_contact_at" TIMESTAMPTZ(3),
    "delete_points_asked_at" TIMESTAMPTZ(3),
    "delete_points_ended_at" TIMESTAMPTZ(3),
    "points_deleted" INTEGER NOT NULL DEFAULT 0,
    "points_kept" INTEGER NOT NULL DEFAULT 0,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pairing_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pairing_agent" (
    "pairing_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "host_name" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "state" "agent_request_state" NOT NULL DEFAULT 'pending',
    "message" TEXT NOT NULL DEFAULT '',
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "repository_id" UUID,
    "quota_bytes" BIGINT,

    CONSTRAINT "pairing_agent_pkey" PRIMARY KEY ("pairing_id","agent_id")
);

-- CreateTable
CREATE TABLE "enrolment_token" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "tenant_id" UUID,
    "repository_id" UUID NOT NULL,
    "quota_bytes" BIGINT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "used_at" TIMESTAMPTZ(3),
    "used_pairing_id" UUID,

    CONSTRAINT "enrolment_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pairing_certificate" (
    "fingerprint" BYTEA NOT NULL,
    "pairing_id" UUID NOT NULL,
    "not_before" TIMESTAMPTZ(3) NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "registered" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "pairing_certificate_pkey" PRIMARY KEY ("fingerprint")
);

-- CreateTable
CREATE TABLE "recovery_point" (
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "committed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "logical_bytes" BIGINT NOT NULL,
    "stored_bytes" BIGINT NOT NULL,
    "skipped_count" INTEGER NOT NULL DEFAULT 0,
    "skipped" JSONB NOT NULL DEFAULT '[]',
    "label" TEXT NOT NULL DEFAULT '',
    "locked" BOOLEAN NOT NULL DEFAULT false,
    "deleted_on_source_at" TIMESTAMPTZ(3),
    "metadata_version" BIGINT NOT NULL DEFAULT 0,
    "missing_volumes" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "recovery_point_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deleted_recovery_point" (
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "metadata_version" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "deleted_recovery_point_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "removed_point" (
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "image_ids" UUID[],
    "removed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "removed_point_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "volume_image" (
    "id" UUID NOT NULL,
    "recovery_point_id" UUID NOT NULL,
    "volume_id" UUID NOT NULL,
    "kind" "volume_kind" NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "record_count" INTEGER NOT NULL,
    "entry_count" INTEGER NOT NULL DEFAULT 0,
    "manifest_digest" BYTEA NOT NULL,

    CONSTRAINT "volume_image_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orphaned_image" (
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "pairing_id" UUID,
    "repository_id" UUID NOT NULL,
    "recovery_point_id" UUID NOT NULL,
    "volume_id" UUID NOT NULL,
    "volume_name" TEXT NOT NULL,
    "kind" "volume_kind" NOT NULL,
    "sequence" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "record_count" INTEGER NOT NULL,
    "entry_count" INTEGER NOT NULL DEFAULT 0,
    "manifest_digest" BYTEA NOT NULL,
    "point_volumes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "reason" TEXT NOT NULL,
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orphaned_image_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task" (
    "id" UUID NOT NULL,
    "kind" "task_kind" NOT NULL,
    "state" "task_state" NOT NULL DEFAULT 'queued',
    "agent_id" UUID,
    "recovery_point_id" UUID,
    "seed_drive_id" UUID,
    "input" JSONB NOT NULL DEFAULT '{}',
    "phase" TEXT NOT NULL DEFAULT 'queued',
    "bytes_done" BIGINT NOT NULL DEFAULT 0,
    "bytes_total" BIGINT,
    "files_done" INTEGER NOT NULL DEFAULT 0,
    "saved_bytes" BIGINT NOT NULL DEFAULT 0,
    "rate_bytes_per_second" BIGINT NOT NULL DEFAULT 0,
    "failure_code" TEXT,
    "failure_message" TEXT,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "task_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repository" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "repository_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "record_domain" (
    "id" SERIAL NOT NULL,
    "repository_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,

    CONSTRAINT "record_domain_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pack" (
    "number" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "domain_id" INTEGER NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "raw_bytes" BIGINT NOT NULL,
    "record_count" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pack_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "record" (
    "domain_id" INTEGER NOT NULL,
    "digest" BYTEA NOT NULL,
    "pack_number" BIGINT NOT NULL,
    "offset" INTEGER NOT NULL,
    "length" INTEGER NOT NULL,
    "raw_length" INTEGER NOT NULL,

    CONSTRAINT "record_pkey" PRIMARY KEY ("domain_id","digest")
);

-- CreateTable
CREATE TABLE "usage_sample" (
    "id" BIGSERIAL NOT NULL,
    "repository_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "stored_bytes" BIGINT NOT NULL,
    "logical_bytes" BIGINT NOT NULL,
    "recovery_points" INTEGER NOT NULL,

    CONSTRAINT "usage_sample_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "seed_drive" (
    "id" UUID NOT NULL,
    "side" "side" NOT NULL,
    "pairing_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "state" "seed_drive_state" NOT NULL DEFAULT 'exporting',
    "paths" TEXT[],
    "is_encrypted" BOOLEAN NOT NULL DEFAULT false,
    "contents" JSONB NOT NULL DEFAULT '[]',
    "limit_bytes" BIGINT,
    "recipient" TEXT,
    "key_file" BYTEA,
    "positions_done" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "positions_total" INTEGER,
    "points_total" INTEGER NOT NULL DEFAULT 0,
    "points_done" INTEGER NOT NULL DEFAULT 0,
    "bytes_total" BIGINT NOT NULL DEFAULT 0,
    "bytes_done" BIGINT NOT NULL DEFAULT 0,
    "records_total" BIGINT NOT NULL DEFAULT 0,
    "records_done" BIGINT NOT NULL DEFAULT 0,
    "manifest_digest" BYTEA,
    "failure_code" TEXT,
    "failure_message" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "written_at" TIMESTAMPTZ(3),
    "consumed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "seed_drive_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "seed_drive_file" (
    "seed_drive_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "agent_id" UUID NOT NULL,
    "recovery_point_id" UUID,
    "image_id" UUID,
    "size_bytes" BIGINT NOT NULL,
    "sha256" BYTEA NOT NULL,
    "record_count" INTEGER NOT NULL DEFAULT 0,
    "stored_bytes" BIGINT NOT NULL DEFAULT 0,
    "counted" BOOLEAN NOT NULL DEFAULT false,
    "damage" TEXT,

    CONSTRAINT "seed_drive_file_pkey" PRIMARY KEY ("seed_drive_id","name")
);

-- CreateTable
CREATE TABLE "seed_drive_record" (
    "seed_drive_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "file_number" INTEGER NOT NULL,

    CONSTRAINT "seed_drive_record_pkey" PRIMARY KEY ("seed_drive_id","agent_id","digest")
);

-- CreateTable
CREATE TABLE "seed_drive_point" (
    "seed_drive_id" UUID NOT NULL,
    "recovery_point_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "state" "seed_drive_point_state" NOT NULL DEFAULT 'waiting',
    "declaration" JSONB,
    "message" TEXT,

    CONSTRAINT "seed_drive_point_pkey" PRIMARY KEY ("seed_drive_id","recovery_point_id")
);

-- CreateTable
CREATE TABLE "replication_session" (
    "id" UUID NOT NULL,
    "side" "side" NOT NULL,
    "agent_id" UUID NOT NULL,
    "pairing_id" UUID NOT NULL,
    "state" "session_state" NOT NULL DEFAULT 'initializing',
    "paused_by" TEXT,
    "rpo_seconds" INTEGER NOT NULL DEFAULT 3600,
    "newest_point_id" UUID,
    "newest_point_at" TIMESTAMPTZ(3),
    "last_success_at" TIMESTAMPTZ(3),
    "last_run_at" TIMESTAMPTZ(3),
    "next_run_at" TIMESTAMPTZ(3),
    "consecutive_failures" INTEGER NOT NULL DEFAULT 0,
    "failure_code" TEXT,
    "failure_message" TEXT,
    "metadata_version" BIGINT NOT NULL DEFAULT 0,
    "metadata_digest" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "replication_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "state" "run_state" NOT NULL DEFAULT 'queued',
    "phase" "run_phase" NOT NULL DEFAULT 'plan',
    "remote_job_id" UUID,
    "points_total" INTEGER NOT NULL DEFAULT 0,
    "points_done" INTEGER NOT NULL DEFAULT 0,
    "bytes_total" BIGINT NOT NULL DEFAULT 0,
    "bytes_done" BIGINT NOT NULL DEFAULT 0,
    "wire_bytes" BIGINT NOT NULL DEFAULT 0,
    "saved_bytes" BIGINT NOT NULL DEFAULT 0,
    "records_new" BIGINT NOT NULL DEFAULT 0,
    "records_known" BIGINT NOT NULL DEFAULT 0,
    "rate_bytes_per_second" BIGINT NOT NULL DEFAULT 0,
    "eta_seconds" INTEGER,
    "limited_by" TEXT NOT NULL DEFAULT 'nothing',
    "mode" "transfer_mode" NOT NULL DEFAULT 'negotiated',
    "pause_reason" TEXT,
    "failure_code" TEXT,
    "failure_message" TEXT,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_rate" (
    "run_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "wire_bytes_per_second" BIGINT NOT NULL,
    "bytes_per_second" BIGINT NOT NULL,

    CONSTRAINT "run_rate_pkey" PRIMARY KEY ("run_id","at")
);

-- CreateTable
CREATE TABLE "remote_job" (
    "id" UUID NOT NULL,
    "pairing_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "kind" "remote_job_kind" NOT NULL DEFAULT 'replication',
    "parent_id" UUID,
    "master_id" UUID,
    "status" TEXT NOT NULL DEFAULT 'Starting',
    "summary" TEXT NOT NULL DEFAULT '',
    "phase" TEXT NOT NULL DEFAULT '',
    "failure_message" TEXT,
    "failure_detail" TEXT,
    "heard_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "silent_since" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "remote_job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "image_session" (
    "id" UUID NOT NULL,
    "pairing_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "recovery_point_id" UUID NOT NULL,
    "volume_image_id" UUID NOT NULL,
    "state" "image_session_state" NOT NULL DEFAULT 'open',
    "mode" "transfer_mode" NOT NULL DEFAULT 'negotiated',
    "base_image_id" UUID,
    "scid" BIGINT,
    "changed_blocks" BYTEA,
    "declared" JSONB NOT NULL,
    "key_count" INTEGER NOT NULL,
    "received_bytes" BIGINT NOT NULL DEFAULT 0,
    "failure_code" TEXT,
    "failure_message" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "image_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "image_session_keys" (
    "session_id" UUID NOT NULL,
    "start" INTEGER NOT NULL,
    "keys" BYTEA NOT NULL,

    CONSTRAINT "image_session_keys_pkey" PRIMARY KEY ("session_id","start")
);

-- CreateTable
CREATE TABLE "metadata_update" (
    "id" UUID NOT NULL,
    "pairing_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "request" JSONB NOT NULL,
    "state" "metadata_update_state" NOT NULL DEFAULT 'running',
    "items_total" INTEGER NOT NULL DEFAULT 0,
    "items_done" INTEGER NOT NULL DEFAULT 0,
    "failure_message" TEXT,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "metadata_update_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upload_session" (
    "id" UUID NOT NULL,
    "pairing_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "file_name" TEXT NOT NULL,
    "version" TEXT NOT NULL DEFAULT '',
    "size_bytes" BIGINT NOT NULL,
    "md5" BYTEA NOT NULL,
    "received_bytes" BIGINT NOT NULL DEFAULT 0,
    "by_offset" BOOLEAN,
    "state" "upload_state" NOT NULL DEFAULT 'open',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "purged_at" TIMESTAMPTZ(3),

    CONSTRAINT "upload_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upload_piece" (
    "session_id" UUID NOT NULL,
    "offset" BIGINT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "digest" BYTEA NOT NULL,
    "object_id" UUID NOT NULL,
    "times_seen" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "upload_piece_pkey" PRIMARY KEY ("session_id","offset")
);

-- CreateTable
CREATE TABLE "core_file" (
    "id" UUID NOT NULL,
    "pairing_id" UUID,
    "repository_id" UUID NOT NULL,
    "file_name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "md5" BYTEA NOT NULL,
    "sha256" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "core_file_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outgoing_file" (
    "id" UUID NOT NULL,
    "pairing_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "file_name" TEXT NOT NULL,
    "version" TEXT NOT NULL DEFAULT '',
    "size_bytes" BIGINT NOT NULL,
    "md5" BYTEA NOT NULL,
    "sha256" BYTEA NOT NULL,
    "sent_bytes" BIGINT NOT NULL DEFAULT 0,
    "upload_id" UUID,
    "state" "outgoing_file_state" NOT NULL DEFAULT 'queued',
    "failure_code" TEXT,
    "failure_message" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "purged_at" TIMESTAMPTZ(3),

    CONSTRAINT "outgoing_file_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_entry" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "origin" "usage_origin" NOT NULL,
    "agent_id" UUID NOT NULL,
    "agent_name" TEXT NOT NULL,
    "host_name" TEXT NOT NULL,
    "tenant_id" UUID NOT NULL,
    "repository_id" UUID,
    "pairing_id" UUID,
    "protected_bytes" BIGINT NOT NULL,
    "stored_bytes" BIGINT,
    "recovery_points" INTEGER NOT NULL,
    "oldest_point_at" TIMESTAMPTZ(3),
    "newest_point_at" TIMESTAMPTZ(3),

    CONSTRAINT "usage_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repository_report" (
    "id" BIGSERIAL NOT NULL,
    "pairing_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "repository_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "bytes_free" BIGINT NOT NULL,
    "bytes_used" BIGINT NOT NULL,

    CONSTRAINT "repository_report_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "account_email_key" ON "account"("email");

-- CreateIndex
CREATE INDEX "sign_in_account_id_idx" ON "sign_in"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_hash_key" ON "api_token"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "setup_link_hash_key" ON "setup_link"("hash");

-- CreateIndex
CREATE INDEX "agent_pairing_id_idx" ON "agent"("pairing_id");

-- CreateIndex
CREATE INDEX "agent_name_id_idx" ON "agent"("name", "id");

-- CreateIndex
CREATE UNIQUE INDEX "volume_agent_id_name_key" ON "volume"("agent_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "core_only_key" ON "core"("only");

-- CreateIndex
CREATE UNIQUE INDEX "tenant_name_key" ON "tenant"("name");

-- CreateIndex
CREATE INDEX "event_at_idx" ON "event"("at");

-- CreateIndex
CREATE INDEX "audit_entry_at_idx" ON "audit_entry"("at");

-- CreateIndex
CREATE INDEX "pairing_side_state_requested_at_idx" ON "pairing"("side", "state", "requested_at");

-- CreateIndex
CREATE INDEX "pairing_request_key_digest_idx" ON "pairing"("request_key_digest");

-- CreateIndex
CREATE INDEX "pairing_agent_state_requested_at_idx" ON "pairing_agent"("state", "requested_at");

-- CreateIndex
CREATE UNIQUE INDEX "enrolment_token_hash_key" ON "enrolment_token"("hash");

-- CreateIndex
CREATE INDEX "enrolment_token_created_at_idx" ON "enrolment_token"("created_at");

-- CreateIndex
CREATE INDEX "pairing_certificate_pairing_id_idx" ON "pairing_certificate"("pairing_id");

-- CreateIndex
CREATE INDEX "recovery_point_agent_id_created_at_idx" ON "recovery_point"("agent_id", "created_at");

-- CreateIndex
CREATE INDEX "recovery_point_agent_id_metadata_version_idx" ON "recovery_point"("agent_id", "metadata_version");

-- CreateIndex
CREATE INDEX "recovery_point_repository_id_idx" ON "recovery_point"("repository_id");

-- CreateIndex
CREATE INDEX "deleted_recovery_point_agent_id_metadata_version_idx" ON "deleted_recovery_point"("agent_id", "metadata_version");

-- CreateIndex
CREATE UNIQUE INDEX "recovery_point_agent_id_sequence_key" ON "recovery_point"("agent_id", "sequence");

-- CreateIndex
CREATE INDEX "volume_image_volume_id_idx" ON "volume_image"("volume_id");

-- CreateIndex
CREATE INDEX "removed_point_removed_at_idx" ON "removed_point"("removed_at");

-- CreateIndex
CREATE UNIQUE INDEX "volume_image_recovery_point_id_volume_id_key" ON "volume_image"("recovery_point_id", "volume_id");

-- CreateIndex
CREATE INDEX "orphaned_image_agent_id_created_at_idx" ON "orphaned_image"("agent_id", "created_at");

-- CreateIndex
CREATE INDEX "orphaned_image_found_at_idx" ON "orphaned_image"("found_at");

-- CreateIndex
CREATE INDEX "task_agent_id_created_at_idx" ON "task"("agent_id", "created_at");

-- CreateIndex
CREATE INDEX "task_created_at_idx" ON "task"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "repository_name_key" ON "repository"("name");

-- CreateIndex
CREATE UNIQUE INDEX "repository_path_key" ON "repository"("path");

-- CreateIndex
CREATE UNIQUE INDEX "record_domain_repository_id_tenant_id_key" ON "record_domain"("repository_id", "tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "pack_id_key" ON "pack"("id");

-- CreateIndex
CREATE INDEX "pack_domain_id_idx" ON "pack"("domain_id");

-- CreateIndex
CREATE INDEX "usage_sample_repository_id_at_idx" ON "usage_sample"("repository_id", "at");

-- CreateIndex
CREATE INDEX "seed_drive_pairing_id_created_at_idx" ON "seed_drive"("pairing_id", "created_at");

-- CreateIndex
CREATE INDEX "seed_drive_created_at_idx" ON "seed_drive"("created_at");

-- CreateIndex
CREATE INDEX "seed_drive_file_seed_drive_id_number_idx" ON "seed_drive_file"("seed_drive_id", "number");

-- CreateIndex
CREATE INDEX "seed_drive_point_seed_drive_id_agent_id_sequence_idx" ON "seed_drive_point"("seed_drive_id", "agent_id", "sequence");

-- CreateIndex
CREATE INDEX "replication_session_pairing_id_idx" ON "replication_session"("pairing_id");

-- CreateIndex
CREATE UNIQUE INDEX "replication_session_agent_id_pairing_id_key" ON "replication_session"("agent_id", "pairing_id");

-- CreateIndex
CREATE INDEX "run_session_id_created_at_idx" ON "run"("session_id", "created_at");

-- CreateIndex
CREATE INDEX "remote_job_pairing_id_idx" ON "remote_job"("pairing_id");

-- CreateIndex
CREATE INDEX "remote_job_run_id_idx" ON "remote_job"("run_id");

-- CreateIndex
CREATE UNIQUE INDEX "remote_job_parent_id_master_id_key" ON "remote_job"("parent_id", "master_id");

-- CreateIndex
CREATE INDEX "image_session_agent_id_volume_image_id_idx" ON "image_session"("agent_id", "volume_image_id");

-- CreateIndex
CREATE INDEX "image_session_updated_at_idx" ON "image_session"("updated_at");

-- CreateIndex
CREATE INDEX "metadata_update_agent_id_created_at_idx" ON "metadata_update"("agent_id", "created_at");

-- CreateIndex
CREATE INDEX "upload_session_pairing_id_state_idx" ON "upload_session"("pairing_id", "state");

-- CreateIndex
CREATE INDEX "upload_session_state_updated_at_idx" ON "upload_session"("state", "updated_at");

-- CreateIndex
CREATE INDEX "core_file_pairing_id_version_file_name_idx" ON "core_file"("pairing_id", "version", "file_name");

-- CreateIndex
CREATE INDEX "core_file_removed_at_idx" ON "core_file"("removed_at");

-- CreateIndex
CREATE INDEX "outgoing_file_state_updated_at_idx" ON "outgoing_file"("state", "updated_at");

-- CreateIndex
CREATE INDEX "usage_entry_agent_id_origin_at_idx" ON "usage_entry"("agent_id", "origin", "at");

-- CreateIndex
CREATE INDEX "usage_entry_pairing_id_origin_at_idx" ON "usage_entry"("pairing_id", "origin", "at");

-- CreateIndex
CREATE INDEX "usage_entry_at_idx" ON "usage_entry"("at");

-- CreateIndex
CREATE INDEX "repository_report_pairing_id_at_idx" ON "repository_report"("pairing_id", "at");

-- AddForeignKey
ALTER TABLE "sign_in" ADD CONSTRAINT "sign_in_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent" ADD CONSTRAINT "agent_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent" ADD CONSTRAINT "agent_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent" ADD CONSTRAINT "agent_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "volume" ADD CONSTRAINT "volume_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pairing" ADD CONSTRAINT "pairing_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pairing_agent" ADD CONSTRAINT "pairing_agent_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pairing_agent" ADD CONSTRAINT "pairing_agent_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolment_token" ADD CONSTRAINT "enrolment_token_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolment_token" ADD CONSTRAINT "enrolment_token_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolment_token" ADD CONSTRAINT "enrolment_token_used_pairing_id_fkey" FOREIGN KEY ("used_pairing_id") REFERENCES "pairing"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pairing_certificate" ADD CONSTRAINT "pairing_certificate_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recovery_point" ADD CONSTRAINT "recovery_point_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recovery_point" ADD CONSTRAINT "recovery_point_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deleted_recovery_point" ADD CONSTRAINT "deleted_recovery_point_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "volume_image" ADD CONSTRAINT "volume_image_recovery_point_id_fkey" FOREIGN KEY ("recovery_point_id") REFERENCES "recovery_point"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "volume_image" ADD CONSTRAINT "volume_image_volume_id_fkey" FOREIGN KEY ("volume_id") REFERENCES "volume"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orphaned_image" ADD CONSTRAINT "orphaned_image_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orphaned_image" ADD CONSTRAINT "orphaned_image_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_seed_drive_id_fkey" FOREIGN KEY ("seed_drive_id") REFERENCES "seed_drive"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "record_domain" ADD CONSTRAINT "record_domain_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "record_domain" ADD CONSTRAINT "record_domain_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pack" ADD CONSTRAINT "pack_domain_id_fkey" FOREIGN KEY ("domain_id") REFERENCES "record_domain"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "usage_sample" ADD CONSTRAINT "usage_sample_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seed_drive" ADD CONSTRAINT "seed_drive_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seed_drive_file" ADD CONSTRAINT "seed_drive_file_seed_drive_id_fkey" FOREIGN KEY ("seed_drive_id") REFERENCES "seed_drive"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seed_drive_record" ADD CONSTRAINT "seed_drive_record_seed_drive_id_fkey" FOREIGN KEY ("seed_drive_id") REFERENCES "seed_drive"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seed_drive_point" ADD CONSTRAINT "seed_drive_point_seed_drive_id_fkey" FOREIGN KEY ("seed_drive_id") REFERENCES "seed_drive"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replication_session" ADD CONSTRAINT "replication_session_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "replication_session" ADD CONSTRAINT "replication_session_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "replication_session"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_rate" ADD CONSTRAINT "run_rate_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "remote_job" ADD CONSTRAINT "remote_job_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "remote_job" ADD CONSTRAINT "remote_job_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "remote_job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "image_session" ADD CONSTRAINT "image_session_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "image_session" ADD CONSTRAINT "image_session_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "remote_job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "image_session_keys" ADD CONSTRAINT "image_session_keys_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "image_session"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metadata_update" ADD CONSTRAINT "metadata_update_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metadata_update" ADD CONSTRAINT "metadata_update_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_session" ADD CONSTRAINT "upload_session_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_piece" ADD CONSTRAINT "upload_piece_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "upload_session"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "core_file" ADD CONSTRAINT "core_file_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "outgoing_file" ADD CONSTRAINT "outgoing_file_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "usage_entry" ADD CONSTRAINT "usage_entry_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repository_report" ADD CONSTRAINT "repository_report_pairing_id_fkey" FOREIGN KEY ("pairing_id") REFERENCES "pairing"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Keys do not compress: keep them out of line as they are.
ALTER TABLE "image_session_keys" ALTER COLUMN "keys" SET STORAGE EXTERNAL;

-- At most one active run per session, whatever the processes believe.
CREATE UNIQUE INDEX "run_one_active" ON "run" ("session_id") WHERE "state" IN ('queued', 'running', 'paused');

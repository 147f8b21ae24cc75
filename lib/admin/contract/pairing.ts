import {
  ApprovePairingInput,
  DeletePairingInput,
  DenyPairingInput,
  IgnorePairingInput,
  ListPairingsInput,
  PairingSummary,
  SendPairingRequestInput,
  UpdatePairingInput,
} from "@/lib/engine/pairing/schemas";
import { page } from "@/lib/engine/schemas";
import { administrators, approvers, ById, everyone, operators, row } from "./row";

export const pairingContract = {
  listPairings: row({
    method: "GET",
    path: "/pairings",
    summary: "Pairing requests and peers.",
    roles: everyone,
    input: ListPairingsInput,
    output: page(PairingSummary),
  }),
  getPairing: row({
    method: "GET",
    path: "/pairings/{id}",
    summary: "One pairing or request.",
    roles: everyone,
    input: ById,
    output: PairingSummary,
  }),
  sendPairingRequest: row({
    method: "POST",
    path: "/pairings",
    summary: "Ask another core to replicate agents to it.",
    roles: administrators,
    input: SendPairingRequestInput,
    output: PairingSummary,
  }),
  approvePairing: row({
    method: "POST",
    path: "/pairings/{id}/approve",
    summary: "Let a core in.",
    roles: approvers,
    input: ApprovePairingInput,
    output: PairingSummary,
  }),
  denyPairing: row({
    method: "POST",
    path: "/pairings/{id}/deny",
    summary: "Refuse a core, and say why.",
    roles: approvers,
    input: DenyPairingInput,
    output: PairingSummary,
  }),
  ignorePairing: row({
    method: "POST",
    path: "/pairings/{id}/ignore",
    summary: "Dismiss a request without an answer.",
    roles: approvers,
    input: IgnorePairingInput,
    output: PairingSummary,
  }),
  updatePairing: row({
    method: "PATCH",
    path: "/pairings/{id}",
    summary: "Change the rate cap, also while a run goes on.",
    roles: operators,
    input: UpdatePairingInput,
    output: PairingSummary,
  }),
  deletePairing: row({
    method: "DELETE",
    path: "/pairings/{id}",
    summary: "End a pairing at once; recovery points stay.",
    roles: administrators,
    input: DeletePairingInput,
    output: PairingSummary,
  }),
} as const;

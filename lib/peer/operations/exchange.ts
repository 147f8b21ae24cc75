import { z } from "zod";
import { ExchangeDllInput, ExchangeServerVersions, FileInformation } from "@/lib/engine/uploads/peer-schemas";
import { operation } from "../operation";

export const getExchangeVersions = operation({
  name: "GetExchangeVersions",
  method: "GET",
  path: "/slave/exchange",
  auth: "paired",
  summary: "The versions of Exchange whose libraries are here for the caller.",
  input: z.object({}),
  body: "none",
  output: ExchangeServerVersions,
  answer: "json",
  xmlRoot: "exchangeServerVersions",
  idempotent: true,
  handler: () => import("@/lib/engine/core-files").then((m) => m.getExchangeVersions),
});

export const getFileInfoForExchangeDll = operation({
  name: "GetFileInfoForExchangeDll",
  method: "POST",
  path: "/slave/exchange/dllinfo/{fileName}",
  auth: "paired",
  summary: "Size and digests of one library of a version.",
  input: ExchangeDllInput,
  body: "json",
  inputRoots: ["ExchangeServerVersion"],
  output: FileInformation,
  answer: "json",
  xmlRoot: "fileInformation",
  idempotent: true,
  bytesMax: 64 * 1024,
  handler: () => import("@/lib/engine/core-files").then((m) => m.getExchangeDllInfo),
});

export const exchangeOperations = [getExchangeVersions, getFileInfoForExchangeDll] as const;

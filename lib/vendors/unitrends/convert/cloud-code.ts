import { invalidInput } from "@/lib/errors";

export interface CloudCode {
  readonly host: string;
  readonly address: string;
  readonly port: string;
  /** An enrolment token of the target. */
  readonly token: string;
}

/** `auth_code` of a cloud target: base64 of hostname^ip^port^code^storage. Throws invalid_input. */
export function readCloudCode(text: string): CloudCode {
  const parts = Buffer.from(text, "base64").toString("utf8").split("^");
  const [host = "", address = "", port = "", token = ""] = parts;
  if (parts.length < 5 || host === "" || token === "" || !/^\d{1,5}$/.test(port))
    throw invalidInput("The auth_code is not valid: it is base64 of hostname^ip^port^code^storage.");
  return { host, address, port, token };
}

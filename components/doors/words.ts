import type { DoorName } from "@/lib/engine/doors/schemas";

interface DoorWords {
  readonly product: string;
  /** What its clients do here. */
  readonly use: string;
  /** Behind the address of the listener. */
  readonly base: string;
  readonly signIn: string;
  readonly example: (url: string, email: string) => string;
}

/** Each door as a person who sets up a client needs it. The password in an example may be an API token. */
export const DOOR_WORDS: Readonly<Record<DoorName, DoorWords>> = {
  unitrends: {
    product: "Unitrends",
    use: "Pairing requests, targets, the replication queue, throttle, systems.",
    base: "/api",
    signIn: "Signs in at /api/login; the token of the answer goes into the header AuthToken of every other call.",
    example: (url, email) => `curl -sk ${url}/api/login -d '{"username":"${email}","password":"…"}'`,
  },
  powerstore: {
    product: "Dell PowerStore",
    use: "Protection policies, rules, volume groups, replication sessions with failover.",
    base: "/api/rest",
    signIn:
      "Shows e-mail address and password as Basic; changes carry the DELL-EMC-TOKEN that login_session answers with.",
    example: (url, email) => `curl -sk -u '${email}:…' -c cookies -D - ${url}/api/rest/login_session`,
  },
  cbr: {
    product: "Open Telekom Cloud CBR",
    use: "Vaults, checkpoints, replication of backups to another region.",
    base: "/v3",
    signIn: "Gets an X-Auth-Token from /v3/auth/tokens, or signs its requests by an access key below.",
    example: (url, email) =>
      `curl -sk -D - ${url}/v3/auth/tokens -H 'content-type: application/json' -d '{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"${email}","password":"…","domain":{"name":"default"}}}},"scope":{"project":{"name":"Home"}}}}'`,
  },
  veeam: {
    product: "Veeam Backup for Microsoft 365",
    use: "Backup repositories and their synchronization.",
    base: "/v5",
    signIn: "Gets a bearer token from /v5/token by password, and a new one by the refresh token.",
    example: (url, email) =>
      `curl -sk ${url}/v5/token -d grant_type=password -d username='${email}' --data-urlencode password='…'`,
  },
};

import { BlockList, isIP } from "node:net";

/** Networks that are not the internet: a private one, this machine, or of a special use (RFC 6890). */
const INSIDE: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "::/128",
  "::1/128",
  "fc00::/7",
];

/** Where nobody's receiver is: link-local (clouds keep their machines' credentials there), multicast, reserved. */
const NEVER: readonly string[] = ["169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "fe80::/10", "ff00::/8"];

/** An IPv4 address in the clothes of an IPv6 one: what counts is the address within. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const TRANSLATED = listOf(["::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"]);

const inside = listOf(INSIDE);
const never = listOf(NEVER);

/** Why a webhook must not be sent to this address; null: it may. `isInside`: somebody said that the receiver is in this network. Pure. */
export function refuseAddress(address: string, isInside: boolean): string | null {
  const [, within] = MAPPED.exec(address) ?? [];
  const plain = within ?? address;
  if (isIP(plain) === 0) return `${address} is not an address.`;
  const family = isIP(plain) === 4 ? "ipv4" : "ipv6";
  if (never.check(plain, family) || (family === "ipv6" && TRANSLATED.check(plain, family)))
    return `${address} is an address at which no receiver can be.`;
  if (!isInside && inside.check(plain, family))
    return `${address} is inside this network. If its receiver is meant to be, say so in the channel.`;
  return null;
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

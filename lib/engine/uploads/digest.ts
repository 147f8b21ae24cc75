/** The 16 bytes of an MD5 in any of the spellings that the schema lets in. */
export function md5Bytes(text: string): Buffer<ArrayBuffer> {
  const plain = text.replaceAll("-", "");
  return Buffer.from(Buffer.from(plain, /^[\da-f]{32}$/i.test(plain) ? "hex" : "base64"));
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

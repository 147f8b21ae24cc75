/** Linux' way to put the two numbers of a device into one. */
export function deviceNumbers(number: bigint): { major: number; minor: number } {
  return {
    major: Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn)),
    minor: Number((number & 0xffn) | ((number >> 12n) & ~0xffn)),
  };
}

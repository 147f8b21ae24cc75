// Currencies of ISO 4217, as this machine's calendar of them knows. Pure.

/** Is it a currency that there is? */
export const isCurrency = (code: string): boolean => Intl.supportedValuesOf("currency").includes(code);

/** Digits behind the point of an amount: 2 for EUR, 0 for JPY, 3 for KWD; also 2 for none. */
export function currencyDigits(code: string): number {
  if (!isCurrency(code)) return 2;
  return (
    new Intl.NumberFormat("en", { style: "currency", currency: code }).resolvedOptions().maximumFractionDigits ?? 2
  );
}

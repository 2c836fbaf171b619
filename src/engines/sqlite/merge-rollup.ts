/** The order-free merge of two rollups of the same day, as in rollup.ts: what follows ON CONFLICT DO UPDATE SET. */
export const MERGE_ROLLUP = `
    accepted = accepted + excluded.accepted, failed = failed + excluded.failed, refused = refused + excluded.refused,
    first_used_at = min(coalesce(first_used_at, excluded.first_used_at), coalesce(excluded.first_used_at, first_used_at)),
    last_used_at = max(coalesce(last_used_at, excluded.last_used_at), coalesce(excluded.last_used_at, last_used_at)),
    first_refused_at =
      min(coalesce(first_refused_at, excluded.first_refused_at), coalesce(excluded.first_refused_at, first_refused_at)),
    last_refused_at =
      max(coalesce(last_refused_at, excluded.last_refused_at), coalesce(excluded.last_refused_at, last_refused_at))`;

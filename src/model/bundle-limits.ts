/** The bounds of bundles: what is carried by hand, or through a folder. */

/** Points and texts of a bundle that the daemon writes into a folder by itself: its import may be seconds away, and costs no throughput then. */
export const SPOOLED_POINTS_MAX = 200_000;
export const SPOOLED_TEXTS_MAX = 20_000;
/** Bytes of bundles that may wait in a folder for their import, of one home and tracker: behind them the journal keeps all. */
export const SPOOLED_BYTES_MAX = 10 * 1024 ** 3;
/** How often receipts are looked for while bundles wait, and bundles by who imports them. */
export const SPOOL_LOOK_MS = 2_000;
/** How long a bundle with its receipt stays in a folder where its own daemon takes neither away: its home may be gone. */
export const SPOOL_KEPT_MS = 7 * 24 * 3_600_000;
/** Bytes of records that an import has in memory at a time. */
export const IMPORT_BYTES_MAX = 8 * 1024 * 1024;
/** How often an import or an export says how far it is. */
export const BUNDLE_PROGRESS_MS = 500;

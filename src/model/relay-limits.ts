/** The bounds that daemons and relays share. */
import { MESSAGE_BYTES_MAX } from "./limits.js";

/** What each pack counts in a relay's window beside its bytes: what it takes of memory, however small it is. */
export const RELAY_PACK_BYTES = 2_048;
/** The largest request to a relay: a record of any size fits, with its run's start. */
export const RELAY_MESSAGE_BYTES_MAX = MESSAGE_BYTES_MAX + 256 * 1024;
/** How long a relay may take to welcome a stream, its connection's making among that. */
export const RELAY_WELCOME_MS_MAX = 15_000;

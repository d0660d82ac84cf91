/** How long a quick daemon waits for a process that it can't look at: enough for one that starts on a busy machine. */
export const QUICK_RETURN_MS = 10_000;

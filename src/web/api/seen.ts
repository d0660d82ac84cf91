/**
 * Whether somebody sees the page. A browser opens six connections to a server for all of its tabs together: tabs that nobody
 * sees let go of theirs, or the seventh one would wait for ever.
 */

/** What is asked of a document. There is none where the page's parts are tried without a browser. */
interface Seen {
  readonly hidden: boolean;
  readonly addEventListener: (event: "visibilitychange", told: () => void) => void;
  readonly removeEventListener: (event: "visibilitychange", told: () => void) => void;
}

/** Who goes back and forth between tabs finds each as it was. */
const UNSEEN_MS = 5_000;

const { document: page } = globalThis as { readonly document?: Seen };

/** Resolves once the page is seen, or with the signal. */
export async function untilSeen(signal: AbortSignal): Promise<void> {
  if (!page?.hidden || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const told = () => {
      if (page.hidden && !signal.aborted) return;
      page.removeEventListener("visibilitychange", told);
      signal.removeEventListener("abort", told);
      resolve();
    };
    page.addEventListener("visibilitychange", told);
    signal.addEventListener("abort", told);
  });
}

/** A signal that is aborted once nobody has seen the page for a while, until it is stopped. */
export function unseenSignal(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const unseen = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const told = () => {
    clearTimeout(timer);
    if (page?.hidden) timer = setTimeout(() => unseen.abort(), UNSEEN_MS);
  };
  page?.addEventListener("visibilitychange", told);
  told();
  const stop = () => {
    clearTimeout(timer);
    page?.removeEventListener("visibilitychange", told);
  };
  return { signal: unseen.signal, stop };
}

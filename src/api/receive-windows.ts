/**
 * HTTP/2's windows: what a client may send before it is read. HTTP/2 begins with 64 KiB for a connection, and grpc-js
 * has no setting for a server's. At that size a client waits a dozen times a batch for leave to go on. Each time
 * takes a round trip, and 5 ms and more in a Python program that computes. What a window lets in
 * may be in memory unread, so only so many connections have a wide one.
 */
import type { Http2Session, Http2Stream } from "node:http2";

/** What a connection that carries points may send before it is read, and how many may. */
export const WIDE_WINDOW_BYTES = 384 * 1024;
export const WIDE_WINDOWS_MAX = 16;

export class ReceiveWindows {
  readonly #wide = new Set<Http2Session>();

  /** Lets a stream's connection send more at once, as long as few have been let. */
  widen({ session }: Pick<Http2Stream, "session">): void {
    if (!session || session.closed || session.destroyed || this.#wide.has(session)) return;
    if (this.#wide.size === WIDE_WINDOWS_MAX) return;
    this.#wide.add(session);
    session.once("close", () => this.#wide.delete(session));
    session.setLocalWindowSize(WIDE_WINDOW_BYTES);
    session.settings({ initialWindowSize: WIDE_WINDOW_BYTES });
  }
}

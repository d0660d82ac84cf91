import type { Fault } from "../errors.js";
import type { EndedRun } from "../notices.js";
import type { EncodedBatch } from "../run-buffer.js";
import type { ClientSettings } from "../settings.js";
import type { ProcessIdentity } from "../wire.js";

/** What the caller's thread tells the sender's. */
export type Order =
  | { readonly kind: "batch"; readonly batch: EncodedBatch }
  /** A run that people know of was ended. */
  | { readonly kind: "ended"; readonly run: EndedRun }
  | { readonly kind: "close" };

/** What the sender's thread tells the caller's, beside the counters. */
export type Report =
  /** The daemon has told its limits: batches can be cut. */
  | { readonly kind: "welcomed" }
  /** The journal is another, empty one: it knows none of the runs. */
  | { readonly kind: "homeChanged" }
  /** Something to tell the user. */
  | { readonly kind: "warning"; readonly fault: Fault }
  /** Why there is no stream just now; undefined when there is one again. */
  | { readonly kind: "trouble"; readonly fault: Fault | undefined }
  /** The sender has stopped for good. */
  | { readonly kind: "failed"; readonly fault: Fault };

/** What the sender's thread starts with. */
export interface SenderStart {
  readonly settings: ClientSettings;
  readonly counters: SharedArrayBuffer;
  readonly producerId: Uint8Array;
  readonly process: ProcessIdentity;
  readonly clientVersion: string;
}

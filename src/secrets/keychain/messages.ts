/** What the daemon and its keychain program say to each other, in JSON, over stdin and stdout alone. */

export type KeychainRequest =
  /** A write is answered with what the keychain gives of the item then. */
  | { readonly task: "write"; readonly service: string; readonly item: string; readonly text: string }
  | { readonly task: "read" | "remove"; readonly service: string; readonly item: string }
  /** Writes, reads and removes an item of no use; answered with what it gave. */
  | { readonly task: "try"; readonly service: string; readonly item: string };

/** Why a keychain did not do what it was asked. */
export type KeychainFault = {
  readonly kind: "locked" | "absent";
  /** In words that follow "The keychain can't be used: ". */
  readonly reason: string;
};

export type KeychainAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "text"; readonly text: string }
  /** Nothing is there, or a lock hides it: bindings don't tell the two apart. */
  | { readonly kind: "nothing" }
  | KeychainFault;

/** Reads a binding's message: somebody has to unlock the keychain, or there is none to be reached. */
export function faultOf(message: string): KeychainFault {
  const reason = message.replaceAll(/\s+/g, " ").trim().slice(0, 300).replace(/\.$/, "");
  const isLocked = /prompt|locked|dismissed|denied|not allowed|cancel/i.test(message);
  return { kind: isLocked ? "locked" : "absent", reason };
}

/** What the daemon and its passphrase program say to each other, in JSON, over stdin and stdout alone. */

export type PassphraseRequest =
  | { readonly task: "seal"; readonly text: string; readonly passphrase: string }
  /** `sealed` is in base64. */
  | { readonly task: "unseal"; readonly sealed: string; readonly passphrase: string };

/** What became of something that was sealed, as far as one passphrase tells. */
export type Unsealed =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "wrong" }
  /** With any passphrase. */
  | { readonly kind: "damaged" };

/** `sealed` is in base64. */
export type PassphraseAnswer = { readonly kind: "sealed"; readonly sealed: string } | Unsealed;

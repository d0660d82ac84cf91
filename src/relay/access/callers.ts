/** Who calls a relay: what was shown, what is made of it, and what that opens. */
import type { Rights } from "../../model/rights.js";
import type { Tenant } from "./settings.js";

/** What a call came with. */
export interface Shown {
  /** The value of the metadata "authorization". */
  readonly authorization: string | undefined;
  /** The names of the certificate that TLS has checked; undefined: there is none. */
  readonly certificate: readonly string[] | undefined;
}

/** What was shown and is good, apart from what it opens: that may change while a stream is open. */
export type Proof =
  | { readonly kind: "nothing" }
  | { readonly kind: "token"; readonly digest: Buffer }
  | { readonly kind: "certificate"; readonly names: readonly string[] }
  | {
      readonly kind: "issuer";
      readonly issuer: string;
      readonly subject: string;
      readonly claims: Readonly<Record<string, unknown>>;
      readonly endsMs: number;
    };

export interface Caller {
  readonly proof: Proof;
  readonly tenant: Tenant;
  /** What is held against what is in the backend; undefined: all is open. */
  readonly rights: Rights | undefined;
}

/** Whoever gets as far as a relay that has no settings of tenants. */
export const EVERYBODY: Tenant = {
  ...{ name: "", rules: [], experiments: ["*"], workspaces: ["*"] },
  ...{ pointsPerSecond: undefined, bytesPerSecond: undefined },
};

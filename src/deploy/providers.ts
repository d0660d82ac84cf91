/** Where servers can be put. */
export const PROVIDERS = ["local", "kubernetes", "k3d", "aws", "gcp", "azure"] as const;
export type Provider = (typeof PROVIDERS)[number];

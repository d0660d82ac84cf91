/** Stands for gRPC in the page's bundle, whose messages go over HTTP. */
export const makeGenericClientConstructor = () => undefined;

/** In place of @grpc/proto-loader in the bundle: grpc-js loads it, for services that no command has. */
export function loadSync() {
  throw new Error("the command has no protocol files");
}

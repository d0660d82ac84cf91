/** gRPC's health protocol: the daemon serves until it closes. */
import type { Server } from "@grpc/grpc-js";
import type { HealthImplementation, ServingStatus } from "grpc-health-check";
import type { ServiceRegistry } from "./known-methods.js";
import { addLateServices, type LateMethod } from "./late-services.js";

/** The protocol's name for a server as a whole. */
const SERVER = "";

const METHODS: readonly LateMethod[] = [
  ["Check", false],
  ["List", false],
  ["Watch", true],
].map(([name, responseStream]) => ({
  path: `/grpc.health.v1.Health/${name}`,
  requestStream: false,
  responseStream: responseStream === true,
}));

/** Adds it to a server; what it answers with has to be called when the server closes. */
export function addHealth(server: Server): { readonly endServing: () => void } {
  let current: ServingStatus = "SERVING";
  let health: HealthImplementation | undefined;
  addLateServices(server, METHODS, async () => {
    const library = await import("grpc-health-check");
    health = new library.HealthImplementation({ [SERVER]: current });
    return (registry: ServiceRegistry) => health?.addToServer(registry as Server);
  });
  return {
    endServing: () => {
      current = "NOT_SERVING";
      health?.setStatus(SERVER, current);
    },
  };
}

/** Methods of services by their path, for whoever answers them without a server of gRPC's. */
import type {
  MethodDefinition,
  Server,
  ServiceDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";

/** Where services are added: a server, or what stands for one. */
export type ServiceRegistry = Pick<Server, "addService">;

/** One method as its service defines it, and what answers it. */
export interface KnownMethod {
  readonly definition: MethodDefinition<unknown, unknown>;
  /** Of a unary one with the answer's callback. */
  readonly handle: (call: unknown, answer?: MethodAnswer) => void;
}

/** By a path such as /stepwell.v1.RunsService/ListRuns. */
export type KnownMethods = ReadonlyMap<string, KnownMethod>;
type MethodAnswer = (error: unknown, response?: unknown) => void;

/** What would be added to a server. */
export function methodsOf(addServices: (registry: ServiceRegistry) => void): KnownMethods {
  const methods = new Map<string, KnownMethod>();
  addServices({
    addService: (service: ServiceDefinition, handlers: UntypedServiceImplementation) => {
      for (const [name, definition] of Object.entries(service)) {
        const handle = (handlers[name] ?? handlers[definition.originalName ?? name]) as KnownMethod["handle"];
        methods.set(definition.path, { definition, handle });
      }
    },
  });
  return methods;
}

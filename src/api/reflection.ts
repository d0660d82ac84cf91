/**
 * gRPC reflection. Its library, and what it makes of the protocol's files, takes 20 MB, so that
 * both are loaded when somebody asks first: until then an idle daemon does without.
 */
import { EventEmitter } from "node:events";
import { fileURLToPath } from "node:url";
import {
  type handleBidiStreamingCall,
  type MethodDefinition,
  type Server,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";

const PROTO_FOLDER = fileURLToPath(new URL("../../../proto", import.meta.url));
const PROTO_FILES = [
  "ingest",
  "runs",
  "stacks",
  "secrets",
  "daemon",
  "dead_letters",
  "steps",
  "trackers",
].map((name) => `stepwell/v1/${name}.proto`);

const PATHS = ["v1", "v1alpha"].map(
  (version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
);

/** One version's method as the library defines it, and what answers it. */
interface Method {
  readonly definition: MethodDefinition<unknown, unknown>;
  readonly handle: (stream: EventEmitter) => void;
}

export function addReflection(server: Server): void {
  let methods: Promise<ReadonlyMap<string, Method>> | undefined;
  for (const path of PATHS) {
    const handle: handleBidiStreamingCall<Buffer, Buffer> = (stream) => {
      methods ??= loadMethods();
      methods.then(
        (loaded) => answer(stream, loaded.get(path)),
        (error: unknown) => stream.emit("error", { code: status.INTERNAL, details: String(error) }),
      );
    };
    server.addService({ serverReflectionInfo: bytesMethod(path) }, { serverReflectionInfo: handle });
  }
}

type Stream = Parameters<handleBidiStreamingCall<Buffer, Buffer>>[0];

/** Lets the library's handler answer a stream of bytes as if it were one of messages. */
function answer(stream: Stream, method: Method | undefined): void {
  if (!method) {
    stream.emit("error", { code: status.UNIMPLEMENTED });
    return;
  }
  const { requestDeserialize, responseSerialize } = method.definition;
  const messages = Object.assign(new EventEmitter(), {
    write: (response: unknown) => stream.write(responseSerialize(response)),
    end: () => stream.end(),
  });
  method.handle(messages);
  stream.on("data", (bytes: Buffer) => {
    try {
      messages.emit("data", requestDeserialize(bytes));
    } catch (error) {
      stream.emit("error", { code: status.INTERNAL, details: String(error) });
    }
  });
  stream.on("end", () => messages.emit("end"));
}

function bytesMethod(path: string): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer) => bytes;
  return {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

/** What the library would have added to a server, by path. */
async function loadMethods(): Promise<ReadonlyMap<string, Method>> {
  const [{ ReflectionService }, { loadSync }] = await Promise.all([
    import("@grpc/reflection"),
    import("@grpc/proto-loader"),
  ]);
  const methods = new Map<string, Method>();
  const addService = (service: ServiceDefinition, handlers: UntypedServiceImplementation) => {
    for (const [name, definition] of Object.entries(service)) {
      const handle = handlers[name] as Method["handle"];
      methods.set(definition.path, { definition, handle });
    }
  };
  const reflection = new ReflectionService(loadSync(PROTO_FILES, { includeDirs: [PROTO_FOLDER] }));
  reflection.addToServer({ addService });
  return methods;
}

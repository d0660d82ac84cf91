/**
 * Services whose library is loaded when somebody asks first. Until then a daemon does without what it takes: health's
 * library reads its protocol's file at each start (0.14 s of 0.45 s of the processor), reflection's takes 20 MB.
 */
import { EventEmitter } from "node:events";
import {
  type handleUnaryCall,
  type MethodDefinition,
  type Server,
  type ServerDuplexStream,
  status,
} from "@grpc/grpc-js";
import { type KnownMethod, type KnownMethods, methodsOf, type ServiceRegistry } from "./known-methods.js";

/** A method as it is known before its library is. */
export interface LateMethod {
  /** Such as /grpc.health.v1.Health/Check. */
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

/** With a request where the client sends one, with data where it streams. */
type BytesStream = ServerDuplexStream<Buffer, Buffer> & { readonly request?: Buffer };

/** Adds the methods; `load` resolves to what adds the library's services, and is called once, by the first call. */
export function addLateServices(
  server: Server,
  methods: readonly LateMethod[],
  load: () => Promise<(registry: ServiceRegistry) => void>,
): void {
  let loading: Promise<KnownMethods> | undefined;
  const loaded = () => (loading ??= load().then(methodsOf));
  for (const method of methods) {
    const isStream = method.requestStream || method.responseStream;
    const handle = isStream ? streamHandler(method, loaded) : unaryHandler(method, loaded);
    server.addService({ method: bytesMethod(method) }, { method: handle });
  }
}

function unaryHandler(
  { path }: LateMethod,
  loaded: () => Promise<KnownMethods>,
): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    const fail = (error: unknown) => callback({ code: status.INTERNAL, details: String(error) });
    loaded()
      .then((methods) => {
        const { definition, handle } = methodAt(methods, path);
        handle({ request: definition.requestDeserialize(call.request) }, (error, response) =>
          error ? callback(error) : callback(null, definition.responseSerialize(response)),
        );
      })
      .catch(fail);
  };
}

function streamHandler(
  { path }: LateMethod,
  loaded: () => Promise<KnownMethods>,
): (stream: BytesStream) => void {
  return (stream) => {
    const fail = (error: unknown) => stream.emit("error", { code: status.INTERNAL, details: String(error) });
    loaded()
      .then((methods) => answerStream(stream, methodAt(methods, path)))
      .catch(fail);
  };
}

/** Lets the library's handler answer a stream of bytes as if it were one of messages. */
function answerStream(stream: BytesStream, { definition, handle }: KnownMethod): void {
  const { requestDeserialize, responseSerialize, requestStream } = definition;
  const messages = Object.assign(new EventEmitter(), {
    request: stream.request && requestDeserialize(stream.request),
    write: (response: unknown) => stream.write(responseSerialize(response)),
    end: () => stream.end(),
  });
  stream.on("cancelled", () => messages.emit("cancelled"));
  handle(messages);
  if (!requestStream) return;
  stream.on("data", (bytes: Buffer) => {
    try {
      messages.emit("data", requestDeserialize(bytes));
    } catch (error) {
      stream.emit("error", { code: status.INTERNAL, details: String(error) });
    }
  });
  stream.on("end", () => messages.emit("end"));
}

function bytesMethod(method: LateMethod): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer) => bytes;
  return {
    ...method,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

function methodAt(methods: KnownMethods, path: string): KnownMethod {
  const method = methods.get(path);
  if (!method) throw new Error(`the library has no ${path}`);
  return method;
}

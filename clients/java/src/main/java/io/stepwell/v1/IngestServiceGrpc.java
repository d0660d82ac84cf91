package io.stepwell.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * IngestService takes logs from step processes and answers when they are on disk.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class IngestServiceGrpc {

  private IngestServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "stepwell.v1.IngestService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.IngestRequest,
      io.stepwell.v1.IngestResponse> getIngestMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Ingest",
      requestType = io.stepwell.v1.IngestRequest.class,
      responseType = io.stepwell.v1.IngestResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.IngestRequest,
      io.stepwell.v1.IngestResponse> getIngestMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.IngestRequest, io.stepwell.v1.IngestResponse> getIngestMethod;
    if ((getIngestMethod = IngestServiceGrpc.getIngestMethod) == null) {
      synchronized (IngestServiceGrpc.class) {
        if ((getIngestMethod = IngestServiceGrpc.getIngestMethod) == null) {
          IngestServiceGrpc.getIngestMethod = getIngestMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.IngestRequest, io.stepwell.v1.IngestResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Ingest"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.IngestRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.IngestResponse.getDefaultInstance()))
              .setSchemaDescriptor(new IngestServiceMethodDescriptorSupplier("Ingest"))
              .build();
        }
      }
    }
    return getIngestMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static IngestServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IngestServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IngestServiceStub>() {
        @java.lang.Override
        public IngestServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IngestServiceStub(channel, callOptions);
        }
      };
    return IngestServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static IngestServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IngestServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IngestServiceBlockingV2Stub>() {
        @java.lang.Override
        public IngestServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IngestServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return IngestServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static IngestServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IngestServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IngestServiceBlockingStub>() {
        @java.lang.Override
        public IngestServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IngestServiceBlockingStub(channel, callOptions);
        }
      };
    return IngestServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static IngestServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IngestServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IngestServiceFutureStub>() {
        @java.lang.Override
        public IngestServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IngestServiceFutureStub(channel, callOptions);
        }
      };
    return IngestServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * IngestService takes logs from step processes and answers when they are on disk.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Ingest is one producer's stream. The first request is Hello and is answered by
     * Welcome; then the client sends batches with sequences that rise by one, as long as
     * the bytes that are not acknowledged yet stay within Welcome.unacknowledged_bytes_max,
     * and ends with Close.
     * Errors that end the stream carry a stable code in the trailing metadata
     * "stepwell-code" and the remedy in "stepwell-remedy":
     *   FAILED_PRECONDITION STEPWELL_PRODUCER_FENCED    a stream with a higher epoch took over
     *   FAILED_PRECONDITION STEPWELL_VERSION_MISMATCH   the protocol versions do not meet
     *   INVALID_ARGUMENT    STEPWELL_HANDSHAKE_INVALID  the first request is not a valid Hello
     *   INVALID_ARGUMENT    STEPWELL_BATCH_MALFORMED    a request that can't be read at all
     *   RESOURCE_EXHAUSTED  STEPWELL_MESSAGE_TOO_LARGE  a message over Welcome.message_bytes_max
     *   UNAVAILABLE         STEPWELL_DAEMON_STOPPING    reconnect; nothing acknowledged is lost
     * A single bad entry never ends the stream: it is answered by Rejection and the rest of
     * its batch is taken.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<io.stepwell.v1.IngestRequest> ingest(
        io.grpc.stub.StreamObserver<io.stepwell.v1.IngestResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getIngestMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service IngestService.
   * <pre>
   * IngestService takes logs from step processes and answers when they are on disk.
   * </pre>
   */
  public static abstract class IngestServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return IngestServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service IngestService.
   * <pre>
   * IngestService takes logs from step processes and answers when they are on disk.
   * </pre>
   */
  public static final class IngestServiceStub
      extends io.grpc.stub.AbstractAsyncStub<IngestServiceStub> {
    private IngestServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IngestServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IngestServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Ingest is one producer's stream. The first request is Hello and is answered by
     * Welcome; then the client sends batches with sequences that rise by one, as long as
     * the bytes that are not acknowledged yet stay within Welcome.unacknowledged_bytes_max,
     * and ends with Close.
     * Errors that end the stream carry a stable code in the trailing metadata
     * "stepwell-code" and the remedy in "stepwell-remedy":
     *   FAILED_PRECONDITION STEPWELL_PRODUCER_FENCED    a stream with a higher epoch took over
     *   FAILED_PRECONDITION STEPWELL_VERSION_MISMATCH   the protocol versions do not meet
     *   INVALID_ARGUMENT    STEPWELL_HANDSHAKE_INVALID  the first request is not a valid Hello
     *   INVALID_ARGUMENT    STEPWELL_BATCH_MALFORMED    a request that can't be read at all
     *   RESOURCE_EXHAUSTED  STEPWELL_MESSAGE_TOO_LARGE  a message over Welcome.message_bytes_max
     *   UNAVAILABLE         STEPWELL_DAEMON_STOPPING    reconnect; nothing acknowledged is lost
     * A single bad entry never ends the stream: it is answered by Rejection and the rest of
     * its batch is taken.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<io.stepwell.v1.IngestRequest> ingest(
        io.grpc.stub.StreamObserver<io.stepwell.v1.IngestResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getIngestMethod(), getCallOptions()), responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service IngestService.
   * <pre>
   * IngestService takes logs from step processes and answers when they are on disk.
   * </pre>
   */
  public static final class IngestServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<IngestServiceBlockingV2Stub> {
    private IngestServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IngestServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IngestServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Ingest is one producer's stream. The first request is Hello and is answered by
     * Welcome; then the client sends batches with sequences that rise by one, as long as
     * the bytes that are not acknowledged yet stay within Welcome.unacknowledged_bytes_max,
     * and ends with Close.
     * Errors that end the stream carry a stable code in the trailing metadata
     * "stepwell-code" and the remedy in "stepwell-remedy":
     *   FAILED_PRECONDITION STEPWELL_PRODUCER_FENCED    a stream with a higher epoch took over
     *   FAILED_PRECONDITION STEPWELL_VERSION_MISMATCH   the protocol versions do not meet
     *   INVALID_ARGUMENT    STEPWELL_HANDSHAKE_INVALID  the first request is not a valid Hello
     *   INVALID_ARGUMENT    STEPWELL_BATCH_MALFORMED    a request that can't be read at all
     *   RESOURCE_EXHAUSTED  STEPWELL_MESSAGE_TOO_LARGE  a message over Welcome.message_bytes_max
     *   UNAVAILABLE         STEPWELL_DAEMON_STOPPING    reconnect; nothing acknowledged is lost
     * A single bad entry never ends the stream: it is answered by Rejection and the rest of
     * its batch is taken.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<io.stepwell.v1.IngestRequest, io.stepwell.v1.IngestResponse>
        ingest() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getIngestMethod(), getCallOptions());
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service IngestService.
   * <pre>
   * IngestService takes logs from step processes and answers when they are on disk.
   * </pre>
   */
  public static final class IngestServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<IngestServiceBlockingStub> {
    private IngestServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IngestServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IngestServiceBlockingStub(channel, callOptions);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service IngestService.
   * <pre>
   * IngestService takes logs from step processes and answers when they are on disk.
   * </pre>
   */
  public static final class IngestServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<IngestServiceFutureStub> {
    private IngestServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IngestServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IngestServiceFutureStub(channel, callOptions);
    }
  }

  private static final int METHODID_INGEST = 0;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_INGEST:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.ingest(
              (io.grpc.stub.StreamObserver<io.stepwell.v1.IngestResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getIngestMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              io.stepwell.v1.IngestRequest,
              io.stepwell.v1.IngestResponse>(
                service, METHODID_INGEST)))
        .build();
  }

  private static abstract class IngestServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    IngestServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.stepwell.v1.Ingest.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("IngestService");
    }
  }

  private static final class IngestServiceFileDescriptorSupplier
      extends IngestServiceBaseDescriptorSupplier {
    IngestServiceFileDescriptorSupplier() {}
  }

  private static final class IngestServiceMethodDescriptorSupplier
      extends IngestServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    IngestServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (IngestServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new IngestServiceFileDescriptorSupplier())
              .addMethod(getIngestMethod())
              .build();
        }
      }
    }
    return result;
  }
}

package io.stepwell.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * DaemonService tells what the daemon does and steers it.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class DaemonServiceGrpc {

  private DaemonServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "stepwell.v1.DaemonService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetInfoRequest,
      io.stepwell.v1.GetInfoResponse> getGetInfoMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetInfo",
      requestType = io.stepwell.v1.GetInfoRequest.class,
      responseType = io.stepwell.v1.GetInfoResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetInfoRequest,
      io.stepwell.v1.GetInfoResponse> getGetInfoMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetInfoRequest, io.stepwell.v1.GetInfoResponse> getGetInfoMethod;
    if ((getGetInfoMethod = DaemonServiceGrpc.getGetInfoMethod) == null) {
      synchronized (DaemonServiceGrpc.class) {
        if ((getGetInfoMethod = DaemonServiceGrpc.getGetInfoMethod) == null) {
          DaemonServiceGrpc.getGetInfoMethod = getGetInfoMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetInfoRequest, io.stepwell.v1.GetInfoResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetInfo"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetInfoRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetInfoResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DaemonServiceMethodDescriptorSupplier("GetInfo"))
              .build();
        }
      }
    }
    return getGetInfoMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetStatusRequest,
      io.stepwell.v1.GetStatusResponse> getGetStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetStatus",
      requestType = io.stepwell.v1.GetStatusRequest.class,
      responseType = io.stepwell.v1.GetStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetStatusRequest,
      io.stepwell.v1.GetStatusResponse> getGetStatusMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetStatusRequest, io.stepwell.v1.GetStatusResponse> getGetStatusMethod;
    if ((getGetStatusMethod = DaemonServiceGrpc.getGetStatusMethod) == null) {
      synchronized (DaemonServiceGrpc.class) {
        if ((getGetStatusMethod = DaemonServiceGrpc.getGetStatusMethod) == null) {
          DaemonServiceGrpc.getGetStatusMethod = getGetStatusMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetStatusRequest, io.stepwell.v1.GetStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DaemonServiceMethodDescriptorSupplier("GetStatus"))
              .build();
        }
      }
    }
    return getGetStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ListLanesRequest,
      io.stepwell.v1.ListLanesResponse> getListLanesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListLanes",
      requestType = io.stepwell.v1.ListLanesRequest.class,
      responseType = io.stepwell.v1.ListLanesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ListLanesRequest,
      io.stepwell.v1.ListLanesResponse> getListLanesMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ListLanesRequest, io.stepwell.v1.ListLanesResponse> getListLanesMethod;
    if ((getListLanesMethod = DaemonServiceGrpc.getListLanesMethod) == null) {
      synchronized (DaemonServiceGrpc.class) {
        if ((getListLanesMethod = DaemonServiceGrpc.getListLanesMethod) == null) {
          DaemonServiceGrpc.getListLanesMethod = getListLanesMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ListLanesRequest, io.stepwell.v1.ListLanesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListLanes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListLanesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListLanesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DaemonServiceMethodDescriptorSupplier("ListLanes"))
              .build();
        }
      }
    }
    return getListLanesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.WatchStatusRequest,
      io.stepwell.v1.WatchStatusResponse> getWatchStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchStatus",
      requestType = io.stepwell.v1.WatchStatusRequest.class,
      responseType = io.stepwell.v1.WatchStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.WatchStatusRequest,
      io.stepwell.v1.WatchStatusResponse> getWatchStatusMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.WatchStatusRequest, io.stepwell.v1.WatchStatusResponse> getWatchStatusMethod;
    if ((getWatchStatusMethod = DaemonServiceGrpc.getWatchStatusMethod) == null) {
      synchronized (DaemonServiceGrpc.class) {
        if ((getWatchStatusMethod = DaemonServiceGrpc.getWatchStatusMethod) == null) {
          DaemonServiceGrpc.getWatchStatusMethod = getWatchStatusMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.WatchStatusRequest, io.stepwell.v1.WatchStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.WatchStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.WatchStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DaemonServiceMethodDescriptorSupplier("WatchStatus"))
              .build();
        }
      }
    }
    return getWatchStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.FlushRequest,
      io.stepwell.v1.FlushResponse> getFlushMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Flush",
      requestType = io.stepwell.v1.FlushRequest.class,
      responseType = io.stepwell.v1.FlushResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.FlushRequest,
      io.stepwell.v1.FlushResponse> getFlushMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.FlushRequest, io.stepwell.v1.FlushResponse> getFlushMethod;
    if ((getFlushMethod = DaemonServiceGrpc.getFlushMethod) == null) {
      synchronized (DaemonServiceGrpc.class) {
        if ((getFlushMethod = DaemonServiceGrpc.getFlushMethod) == null) {
          DaemonServiceGrpc.getFlushMethod = getFlushMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.FlushRequest, io.stepwell.v1.FlushResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Flush"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.FlushRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.FlushResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DaemonServiceMethodDescriptorSupplier("Flush"))
              .build();
        }
      }
    }
    return getFlushMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ShutdownRequest,
      io.stepwell.v1.ShutdownResponse> getShutdownMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Shutdown",
      requestType = io.stepwell.v1.ShutdownRequest.class,
      responseType = io.stepwell.v1.ShutdownResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ShutdownRequest,
      io.stepwell.v1.ShutdownResponse> getShutdownMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ShutdownRequest, io.stepwell.v1.ShutdownResponse> getShutdownMethod;
    if ((getShutdownMethod = DaemonServiceGrpc.getShutdownMethod) == null) {
      synchronized (DaemonServiceGrpc.class) {
        if ((getShutdownMethod = DaemonServiceGrpc.getShutdownMethod) == null) {
          DaemonServiceGrpc.getShutdownMethod = getShutdownMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ShutdownRequest, io.stepwell.v1.ShutdownResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Shutdown"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ShutdownRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ShutdownResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DaemonServiceMethodDescriptorSupplier("Shutdown"))
              .build();
        }
      }
    }
    return getShutdownMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static DaemonServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DaemonServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DaemonServiceStub>() {
        @java.lang.Override
        public DaemonServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DaemonServiceStub(channel, callOptions);
        }
      };
    return DaemonServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static DaemonServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DaemonServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DaemonServiceBlockingV2Stub>() {
        @java.lang.Override
        public DaemonServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DaemonServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return DaemonServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static DaemonServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DaemonServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DaemonServiceBlockingStub>() {
        @java.lang.Override
        public DaemonServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DaemonServiceBlockingStub(channel, callOptions);
        }
      };
    return DaemonServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static DaemonServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DaemonServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DaemonServiceFutureStub>() {
        @java.lang.Override
        public DaemonServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DaemonServiceFutureStub(channel, callOptions);
        }
      };
    return DaemonServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * DaemonService tells what the daemon does and steers it.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * GetInfo says which daemon answers.
     * </pre>
     */
    default void getInfo(io.stepwell.v1.GetInfoRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetInfoResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetInfoMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetStatus says what is queued, delivered and wrong.
     * </pre>
     */
    default void getStatus(io.stepwell.v1.GetStatusRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListLanes answers every lane that holds entries, in pieces.
     * </pre>
     */
    default void listLanes(io.stepwell.v1.ListLanesRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListLanesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListLanesMethod(), responseObserver);
    }

    /**
     * <pre>
     * WatchStatus sends the status at once and then at each interval.
     * </pre>
     */
    default void watchStatus(io.stepwell.v1.WatchStatusRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.WatchStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * Flush waits until the backends have confirmed everything that was journaled before
     * the call, of some runs or of all, or until its time is over. It never waits without a limit.
     * NOT_FOUND where the home has no such run.
     * </pre>
     */
    default void flush(io.stepwell.v1.FlushRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.FlushResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getFlushMethod(), responseObserver);
    }

    /**
     * <pre>
     * Shutdown answers at once; then the daemon ends its streams with their last
     * acknowledgement, drains its lanes until the deadline and ends.
     * </pre>
     */
    default void shutdown(io.stepwell.v1.ShutdownRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ShutdownResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getShutdownMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service DaemonService.
   * <pre>
   * DaemonService tells what the daemon does and steers it.
   * </pre>
   */
  public static abstract class DaemonServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return DaemonServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service DaemonService.
   * <pre>
   * DaemonService tells what the daemon does and steers it.
   * </pre>
   */
  public static final class DaemonServiceStub
      extends io.grpc.stub.AbstractAsyncStub<DaemonServiceStub> {
    private DaemonServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DaemonServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DaemonServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * GetInfo says which daemon answers.
     * </pre>
     */
    public void getInfo(io.stepwell.v1.GetInfoRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetInfoResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetInfoMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetStatus says what is queued, delivered and wrong.
     * </pre>
     */
    public void getStatus(io.stepwell.v1.GetStatusRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListLanes answers every lane that holds entries, in pieces.
     * </pre>
     */
    public void listLanes(io.stepwell.v1.ListLanesRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListLanesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getListLanesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WatchStatus sends the status at once and then at each interval.
     * </pre>
     */
    public void watchStatus(io.stepwell.v1.WatchStatusRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.WatchStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Flush waits until the backends have confirmed everything that was journaled before
     * the call, of some runs or of all, or until its time is over. It never waits without a limit.
     * NOT_FOUND where the home has no such run.
     * </pre>
     */
    public void flush(io.stepwell.v1.FlushRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.FlushResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getFlushMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Shutdown answers at once; then the daemon ends its streams with their last
     * acknowledgement, drains its lanes until the deadline and ends.
     * </pre>
     */
    public void shutdown(io.stepwell.v1.ShutdownRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ShutdownResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getShutdownMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service DaemonService.
   * <pre>
   * DaemonService tells what the daemon does and steers it.
   * </pre>
   */
  public static final class DaemonServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<DaemonServiceBlockingV2Stub> {
    private DaemonServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DaemonServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DaemonServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * GetInfo says which daemon answers.
     * </pre>
     */
    public io.stepwell.v1.GetInfoResponse getInfo(io.stepwell.v1.GetInfoRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetStatus says what is queued, delivered and wrong.
     * </pre>
     */
    public io.stepwell.v1.GetStatusResponse getStatus(io.stepwell.v1.GetStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListLanes answers every lane that holds entries, in pieces.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.stepwell.v1.ListLanesResponse>
        listLanes(io.stepwell.v1.ListLanesRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getListLanesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchStatus sends the status at once and then at each interval.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.stepwell.v1.WatchStatusResponse>
        watchStatus(io.stepwell.v1.WatchStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Flush waits until the backends have confirmed everything that was journaled before
     * the call, of some runs or of all, or until its time is over. It never waits without a limit.
     * NOT_FOUND where the home has no such run.
     * </pre>
     */
    public io.stepwell.v1.FlushResponse flush(io.stepwell.v1.FlushRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getFlushMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Shutdown answers at once; then the daemon ends its streams with their last
     * acknowledgement, drains its lanes until the deadline and ends.
     * </pre>
     */
    public io.stepwell.v1.ShutdownResponse shutdown(io.stepwell.v1.ShutdownRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getShutdownMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service DaemonService.
   * <pre>
   * DaemonService tells what the daemon does and steers it.
   * </pre>
   */
  public static final class DaemonServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<DaemonServiceBlockingStub> {
    private DaemonServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DaemonServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DaemonServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * GetInfo says which daemon answers.
     * </pre>
     */
    public io.stepwell.v1.GetInfoResponse getInfo(io.stepwell.v1.GetInfoRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetStatus says what is queued, delivered and wrong.
     * </pre>
     */
    public io.stepwell.v1.GetStatusResponse getStatus(io.stepwell.v1.GetStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListLanes answers every lane that holds entries, in pieces.
     * </pre>
     */
    public java.util.Iterator<io.stepwell.v1.ListLanesResponse> listLanes(
        io.stepwell.v1.ListLanesRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getListLanesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchStatus sends the status at once and then at each interval.
     * </pre>
     */
    public java.util.Iterator<io.stepwell.v1.WatchStatusResponse> watchStatus(
        io.stepwell.v1.WatchStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Flush waits until the backends have confirmed everything that was journaled before
     * the call, of some runs or of all, or until its time is over. It never waits without a limit.
     * NOT_FOUND where the home has no such run.
     * </pre>
     */
    public io.stepwell.v1.FlushResponse flush(io.stepwell.v1.FlushRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getFlushMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Shutdown answers at once; then the daemon ends its streams with their last
     * acknowledgement, drains its lanes until the deadline and ends.
     * </pre>
     */
    public io.stepwell.v1.ShutdownResponse shutdown(io.stepwell.v1.ShutdownRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getShutdownMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service DaemonService.
   * <pre>
   * DaemonService tells what the daemon does and steers it.
   * </pre>
   */
  public static final class DaemonServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<DaemonServiceFutureStub> {
    private DaemonServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DaemonServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DaemonServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * GetInfo says which daemon answers.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetInfoResponse> getInfo(
        io.stepwell.v1.GetInfoRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetInfoMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetStatus says what is queued, delivered and wrong.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetStatusResponse> getStatus(
        io.stepwell.v1.GetStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetStatusMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Flush waits until the backends have confirmed everything that was journaled before
     * the call, of some runs or of all, or until its time is over. It never waits without a limit.
     * NOT_FOUND where the home has no such run.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.FlushResponse> flush(
        io.stepwell.v1.FlushRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getFlushMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Shutdown answers at once; then the daemon ends its streams with their last
     * acknowledgement, drains its lanes until the deadline and ends.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.ShutdownResponse> shutdown(
        io.stepwell.v1.ShutdownRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getShutdownMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_INFO = 0;
  private static final int METHODID_GET_STATUS = 1;
  private static final int METHODID_LIST_LANES = 2;
  private static final int METHODID_WATCH_STATUS = 3;
  private static final int METHODID_FLUSH = 4;
  private static final int METHODID_SHUTDOWN = 5;

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
        case METHODID_GET_INFO:
          serviceImpl.getInfo((io.stepwell.v1.GetInfoRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetInfoResponse>) responseObserver);
          break;
        case METHODID_GET_STATUS:
          serviceImpl.getStatus((io.stepwell.v1.GetStatusRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetStatusResponse>) responseObserver);
          break;
        case METHODID_LIST_LANES:
          serviceImpl.listLanes((io.stepwell.v1.ListLanesRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ListLanesResponse>) responseObserver);
          break;
        case METHODID_WATCH_STATUS:
          serviceImpl.watchStatus((io.stepwell.v1.WatchStatusRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.WatchStatusResponse>) responseObserver);
          break;
        case METHODID_FLUSH:
          serviceImpl.flush((io.stepwell.v1.FlushRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.FlushResponse>) responseObserver);
          break;
        case METHODID_SHUTDOWN:
          serviceImpl.shutdown((io.stepwell.v1.ShutdownRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ShutdownResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getGetInfoMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetInfoRequest,
              io.stepwell.v1.GetInfoResponse>(
                service, METHODID_GET_INFO)))
        .addMethod(
          getGetStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetStatusRequest,
              io.stepwell.v1.GetStatusResponse>(
                service, METHODID_GET_STATUS)))
        .addMethod(
          getListLanesMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.stepwell.v1.ListLanesRequest,
              io.stepwell.v1.ListLanesResponse>(
                service, METHODID_LIST_LANES)))
        .addMethod(
          getWatchStatusMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.stepwell.v1.WatchStatusRequest,
              io.stepwell.v1.WatchStatusResponse>(
                service, METHODID_WATCH_STATUS)))
        .addMethod(
          getFlushMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.FlushRequest,
              io.stepwell.v1.FlushResponse>(
                service, METHODID_FLUSH)))
        .addMethod(
          getShutdownMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.ShutdownRequest,
              io.stepwell.v1.ShutdownResponse>(
                service, METHODID_SHUTDOWN)))
        .build();
  }

  private static abstract class DaemonServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    DaemonServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.stepwell.v1.Daemon.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("DaemonService");
    }
  }

  private static final class DaemonServiceFileDescriptorSupplier
      extends DaemonServiceBaseDescriptorSupplier {
    DaemonServiceFileDescriptorSupplier() {}
  }

  private static final class DaemonServiceMethodDescriptorSupplier
      extends DaemonServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    DaemonServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (DaemonServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new DaemonServiceFileDescriptorSupplier())
              .addMethod(getGetInfoMethod())
              .addMethod(getGetStatusMethod())
              .addMethod(getListLanesMethod())
              .addMethod(getWatchStatusMethod())
              .addMethod(getFlushMethod())
              .addMethod(getShutdownMethod())
              .build();
        }
      }
    }
    return result;
  }
}

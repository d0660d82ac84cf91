package io.stepwell.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * RunsService shows the runs that the daemon knows.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class RunsServiceGrpc {

  private RunsServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "stepwell.v1.RunsService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ListRunsRequest,
      io.stepwell.v1.ListRunsResponse> getListRunsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRuns",
      requestType = io.stepwell.v1.ListRunsRequest.class,
      responseType = io.stepwell.v1.ListRunsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ListRunsRequest,
      io.stepwell.v1.ListRunsResponse> getListRunsMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ListRunsRequest, io.stepwell.v1.ListRunsResponse> getListRunsMethod;
    if ((getListRunsMethod = RunsServiceGrpc.getListRunsMethod) == null) {
      synchronized (RunsServiceGrpc.class) {
        if ((getListRunsMethod = RunsServiceGrpc.getListRunsMethod) == null) {
          RunsServiceGrpc.getListRunsMethod = getListRunsMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ListRunsRequest, io.stepwell.v1.ListRunsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRuns"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListRunsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListRunsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RunsServiceMethodDescriptorSupplier("ListRuns"))
              .build();
        }
      }
    }
    return getListRunsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetRunRequest,
      io.stepwell.v1.GetRunResponse> getGetRunMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRun",
      requestType = io.stepwell.v1.GetRunRequest.class,
      responseType = io.stepwell.v1.GetRunResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetRunRequest,
      io.stepwell.v1.GetRunResponse> getGetRunMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetRunRequest, io.stepwell.v1.GetRunResponse> getGetRunMethod;
    if ((getGetRunMethod = RunsServiceGrpc.getGetRunMethod) == null) {
      synchronized (RunsServiceGrpc.class) {
        if ((getGetRunMethod = RunsServiceGrpc.getGetRunMethod) == null) {
          RunsServiceGrpc.getGetRunMethod = getGetRunMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetRunRequest, io.stepwell.v1.GetRunResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRun"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetRunRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetRunResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RunsServiceMethodDescriptorSupplier("GetRun"))
              .build();
        }
      }
    }
    return getGetRunMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetRunDataRequest,
      io.stepwell.v1.GetRunDataResponse> getGetRunDataMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRunData",
      requestType = io.stepwell.v1.GetRunDataRequest.class,
      responseType = io.stepwell.v1.GetRunDataResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetRunDataRequest,
      io.stepwell.v1.GetRunDataResponse> getGetRunDataMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetRunDataRequest, io.stepwell.v1.GetRunDataResponse> getGetRunDataMethod;
    if ((getGetRunDataMethod = RunsServiceGrpc.getGetRunDataMethod) == null) {
      synchronized (RunsServiceGrpc.class) {
        if ((getGetRunDataMethod = RunsServiceGrpc.getGetRunDataMethod) == null) {
          RunsServiceGrpc.getGetRunDataMethod = getGetRunDataMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetRunDataRequest, io.stepwell.v1.GetRunDataResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRunData"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetRunDataRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetRunDataResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RunsServiceMethodDescriptorSupplier("GetRunData"))
              .build();
        }
      }
    }
    return getGetRunDataMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static RunsServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RunsServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RunsServiceStub>() {
        @java.lang.Override
        public RunsServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RunsServiceStub(channel, callOptions);
        }
      };
    return RunsServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static RunsServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RunsServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RunsServiceBlockingV2Stub>() {
        @java.lang.Override
        public RunsServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RunsServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return RunsServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static RunsServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RunsServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RunsServiceBlockingStub>() {
        @java.lang.Override
        public RunsServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RunsServiceBlockingStub(channel, callOptions);
        }
      };
    return RunsServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static RunsServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RunsServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RunsServiceFutureStub>() {
        @java.lang.Override
        public RunsServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RunsServiceFutureStub(channel, callOptions);
        }
      };
    return RunsServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * RunsService shows the runs that the daemon knows.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * ListRuns answers the newest runs first.
     * </pre>
     */
    default void listRuns(io.stepwell.v1.ListRunsRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListRunsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRunsMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetRun answers one run by its id or a unique prefix of it.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    default void getRun(io.stepwell.v1.GetRunRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetRunResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRunMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetRunData answers what a run logged: its metrics, params and tags, as its tracker has them with what is
     * still on its way there.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    default void getRunData(io.stepwell.v1.GetRunDataRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetRunDataResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRunDataMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service RunsService.
   * <pre>
   * RunsService shows the runs that the daemon knows.
   * </pre>
   */
  public static abstract class RunsServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return RunsServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service RunsService.
   * <pre>
   * RunsService shows the runs that the daemon knows.
   * </pre>
   */
  public static final class RunsServiceStub
      extends io.grpc.stub.AbstractAsyncStub<RunsServiceStub> {
    private RunsServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RunsServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RunsServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListRuns answers the newest runs first.
     * </pre>
     */
    public void listRuns(io.stepwell.v1.ListRunsRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListRunsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRunsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetRun answers one run by its id or a unique prefix of it.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    public void getRun(io.stepwell.v1.GetRunRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetRunResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRunMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetRunData answers what a run logged: its metrics, params and tags, as its tracker has them with what is
     * still on its way there.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    public void getRunData(io.stepwell.v1.GetRunDataRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetRunDataResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRunDataMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service RunsService.
   * <pre>
   * RunsService shows the runs that the daemon knows.
   * </pre>
   */
  public static final class RunsServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<RunsServiceBlockingV2Stub> {
    private RunsServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RunsServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RunsServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * ListRuns answers the newest runs first.
     * </pre>
     */
    public io.stepwell.v1.ListRunsResponse listRuns(io.stepwell.v1.ListRunsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRunsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetRun answers one run by its id or a unique prefix of it.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    public io.stepwell.v1.GetRunResponse getRun(io.stepwell.v1.GetRunRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetRunData answers what a run logged: its metrics, params and tags, as its tracker has them with what is
     * still on its way there.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    public io.stepwell.v1.GetRunDataResponse getRunData(io.stepwell.v1.GetRunDataRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRunDataMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service RunsService.
   * <pre>
   * RunsService shows the runs that the daemon knows.
   * </pre>
   */
  public static final class RunsServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<RunsServiceBlockingStub> {
    private RunsServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RunsServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RunsServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListRuns answers the newest runs first.
     * </pre>
     */
    public io.stepwell.v1.ListRunsResponse listRuns(io.stepwell.v1.ListRunsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRunsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetRun answers one run by its id or a unique prefix of it.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    public io.stepwell.v1.GetRunResponse getRun(io.stepwell.v1.GetRunRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRunMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetRunData answers what a run logged: its metrics, params and tags, as its tracker has them with what is
     * still on its way there.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    public io.stepwell.v1.GetRunDataResponse getRunData(io.stepwell.v1.GetRunDataRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRunDataMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service RunsService.
   * <pre>
   * RunsService shows the runs that the daemon knows.
   * </pre>
   */
  public static final class RunsServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<RunsServiceFutureStub> {
    private RunsServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RunsServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RunsServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListRuns answers the newest runs first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.ListRunsResponse> listRuns(
        io.stepwell.v1.ListRunsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRunsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetRun answers one run by its id or a unique prefix of it.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetRunResponse> getRun(
        io.stepwell.v1.GetRunRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRunMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetRunData answers what a run logged: its metrics, params and tags, as its tracker has them with what is
     * still on its way there.
     * NOT_FOUND STEPWELL_RUN_UNKNOWN; INVALID_ARGUMENT STEPWELL_NAME_AMBIGUOUS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetRunDataResponse> getRunData(
        io.stepwell.v1.GetRunDataRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRunDataMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_RUNS = 0;
  private static final int METHODID_GET_RUN = 1;
  private static final int METHODID_GET_RUN_DATA = 2;

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
        case METHODID_LIST_RUNS:
          serviceImpl.listRuns((io.stepwell.v1.ListRunsRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ListRunsResponse>) responseObserver);
          break;
        case METHODID_GET_RUN:
          serviceImpl.getRun((io.stepwell.v1.GetRunRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetRunResponse>) responseObserver);
          break;
        case METHODID_GET_RUN_DATA:
          serviceImpl.getRunData((io.stepwell.v1.GetRunDataRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetRunDataResponse>) responseObserver);
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
          getListRunsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.ListRunsRequest,
              io.stepwell.v1.ListRunsResponse>(
                service, METHODID_LIST_RUNS)))
        .addMethod(
          getGetRunMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetRunRequest,
              io.stepwell.v1.GetRunResponse>(
                service, METHODID_GET_RUN)))
        .addMethod(
          getGetRunDataMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetRunDataRequest,
              io.stepwell.v1.GetRunDataResponse>(
                service, METHODID_GET_RUN_DATA)))
        .build();
  }

  private static abstract class RunsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    RunsServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.stepwell.v1.Runs.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("RunsService");
    }
  }

  private static final class RunsServiceFileDescriptorSupplier
      extends RunsServiceBaseDescriptorSupplier {
    RunsServiceFileDescriptorSupplier() {}
  }

  private static final class RunsServiceMethodDescriptorSupplier
      extends RunsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    RunsServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (RunsServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new RunsServiceFileDescriptorSupplier())
              .addMethod(getListRunsMethod())
              .addMethod(getGetRunMethod())
              .addMethod(getGetRunDataMethod())
              .build();
        }
      }
    }
    return result;
  }
}

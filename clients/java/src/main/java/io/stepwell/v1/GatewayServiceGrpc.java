package io.stepwell.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * GatewayService gives out addresses at which the daemon speaks MLflow's own API, so that any program that
 * speaks to an MLflow server gets what the daemon promises.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class GatewayServiceGrpc {

  private GatewayServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "stepwell.v1.GatewayService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.OpenGatewayRequest,
      io.stepwell.v1.OpenGatewayResponse> getOpenGatewayMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "OpenGateway",
      requestType = io.stepwell.v1.OpenGatewayRequest.class,
      responseType = io.stepwell.v1.OpenGatewayResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.OpenGatewayRequest,
      io.stepwell.v1.OpenGatewayResponse> getOpenGatewayMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.OpenGatewayRequest, io.stepwell.v1.OpenGatewayResponse> getOpenGatewayMethod;
    if ((getOpenGatewayMethod = GatewayServiceGrpc.getOpenGatewayMethod) == null) {
      synchronized (GatewayServiceGrpc.class) {
        if ((getOpenGatewayMethod = GatewayServiceGrpc.getOpenGatewayMethod) == null) {
          GatewayServiceGrpc.getOpenGatewayMethod = getOpenGatewayMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.OpenGatewayRequest, io.stepwell.v1.OpenGatewayResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "OpenGateway"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.OpenGatewayRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.OpenGatewayResponse.getDefaultInstance()))
              .setSchemaDescriptor(new GatewayServiceMethodDescriptorSupplier("OpenGateway"))
              .build();
        }
      }
    }
    return getOpenGatewayMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.OpenPageRequest,
      io.stepwell.v1.OpenPageResponse> getOpenPageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "OpenPage",
      requestType = io.stepwell.v1.OpenPageRequest.class,
      responseType = io.stepwell.v1.OpenPageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.OpenPageRequest,
      io.stepwell.v1.OpenPageResponse> getOpenPageMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.OpenPageRequest, io.stepwell.v1.OpenPageResponse> getOpenPageMethod;
    if ((getOpenPageMethod = GatewayServiceGrpc.getOpenPageMethod) == null) {
      synchronized (GatewayServiceGrpc.class) {
        if ((getOpenPageMethod = GatewayServiceGrpc.getOpenPageMethod) == null) {
          GatewayServiceGrpc.getOpenPageMethod = getOpenPageMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.OpenPageRequest, io.stepwell.v1.OpenPageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "OpenPage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.OpenPageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.OpenPageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new GatewayServiceMethodDescriptorSupplier("OpenPage"))
              .build();
        }
      }
    }
    return getOpenPageMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static GatewayServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GatewayServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GatewayServiceStub>() {
        @java.lang.Override
        public GatewayServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GatewayServiceStub(channel, callOptions);
        }
      };
    return GatewayServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static GatewayServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GatewayServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GatewayServiceBlockingV2Stub>() {
        @java.lang.Override
        public GatewayServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GatewayServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return GatewayServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static GatewayServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GatewayServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GatewayServiceBlockingStub>() {
        @java.lang.Override
        public GatewayServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GatewayServiceBlockingStub(channel, callOptions);
        }
      };
    return GatewayServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static GatewayServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GatewayServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GatewayServiceFutureStub>() {
        @java.lang.Override
        public GatewayServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GatewayServiceFutureStub(channel, callOptions);
        }
      };
    return GatewayServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * GatewayService gives out addresses at which the daemon speaks MLflow's own API, so that any program that
   * speaks to an MLflow server gets what the daemon promises.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * OpenGateway makes an address for a tracker. Whoever has it may do what the tracker's credentials allow: it is to
     * be kept as they are. It ends when nobody has used it for a week, and one of a step with that step.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    there is no such tracker, or none at all
     * </pre>
     */
    default void openGateway(io.stepwell.v1.OpenGatewayRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.OpenGatewayResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getOpenGatewayMethod(), responseObserver);
    }

    /**
     * <pre>
     * OpenPage answers the address of the daemon's own page, which shows runs and their curves. It stays the same as long
     * as the home does: links into the page may be kept. Whoever has it, and is this user, may look at all runs.
     * </pre>
     */
    default void openPage(io.stepwell.v1.OpenPageRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.OpenPageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getOpenPageMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service GatewayService.
   * <pre>
   * GatewayService gives out addresses at which the daemon speaks MLflow's own API, so that any program that
   * speaks to an MLflow server gets what the daemon promises.
   * </pre>
   */
  public static abstract class GatewayServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return GatewayServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service GatewayService.
   * <pre>
   * GatewayService gives out addresses at which the daemon speaks MLflow's own API, so that any program that
   * speaks to an MLflow server gets what the daemon promises.
   * </pre>
   */
  public static final class GatewayServiceStub
      extends io.grpc.stub.AbstractAsyncStub<GatewayServiceStub> {
    private GatewayServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GatewayServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GatewayServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * OpenGateway makes an address for a tracker. Whoever has it may do what the tracker's credentials allow: it is to
     * be kept as they are. It ends when nobody has used it for a week, and one of a step with that step.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    there is no such tracker, or none at all
     * </pre>
     */
    public void openGateway(io.stepwell.v1.OpenGatewayRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.OpenGatewayResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getOpenGatewayMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * OpenPage answers the address of the daemon's own page, which shows runs and their curves. It stays the same as long
     * as the home does: links into the page may be kept. Whoever has it, and is this user, may look at all runs.
     * </pre>
     */
    public void openPage(io.stepwell.v1.OpenPageRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.OpenPageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getOpenPageMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service GatewayService.
   * <pre>
   * GatewayService gives out addresses at which the daemon speaks MLflow's own API, so that any program that
   * speaks to an MLflow server gets what the daemon promises.
   * </pre>
   */
  public static final class GatewayServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<GatewayServiceBlockingV2Stub> {
    private GatewayServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GatewayServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GatewayServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * OpenGateway makes an address for a tracker. Whoever has it may do what the tracker's credentials allow: it is to
     * be kept as they are. It ends when nobody has used it for a week, and one of a step with that step.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    there is no such tracker, or none at all
     * </pre>
     */
    public io.stepwell.v1.OpenGatewayResponse openGateway(io.stepwell.v1.OpenGatewayRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getOpenGatewayMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * OpenPage answers the address of the daemon's own page, which shows runs and their curves. It stays the same as long
     * as the home does: links into the page may be kept. Whoever has it, and is this user, may look at all runs.
     * </pre>
     */
    public io.stepwell.v1.OpenPageResponse openPage(io.stepwell.v1.OpenPageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getOpenPageMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service GatewayService.
   * <pre>
   * GatewayService gives out addresses at which the daemon speaks MLflow's own API, so that any program that
   * speaks to an MLflow server gets what the daemon promises.
   * </pre>
   */
  public static final class GatewayServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<GatewayServiceBlockingStub> {
    private GatewayServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GatewayServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GatewayServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * OpenGateway makes an address for a tracker. Whoever has it may do what the tracker's credentials allow: it is to
     * be kept as they are. It ends when nobody has used it for a week, and one of a step with that step.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    there is no such tracker, or none at all
     * </pre>
     */
    public io.stepwell.v1.OpenGatewayResponse openGateway(io.stepwell.v1.OpenGatewayRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getOpenGatewayMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * OpenPage answers the address of the daemon's own page, which shows runs and their curves. It stays the same as long
     * as the home does: links into the page may be kept. Whoever has it, and is this user, may look at all runs.
     * </pre>
     */
    public io.stepwell.v1.OpenPageResponse openPage(io.stepwell.v1.OpenPageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getOpenPageMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service GatewayService.
   * <pre>
   * GatewayService gives out addresses at which the daemon speaks MLflow's own API, so that any program that
   * speaks to an MLflow server gets what the daemon promises.
   * </pre>
   */
  public static final class GatewayServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<GatewayServiceFutureStub> {
    private GatewayServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GatewayServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GatewayServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * OpenGateway makes an address for a tracker. Whoever has it may do what the tracker's credentials allow: it is to
     * be kept as they are. It ends when nobody has used it for a week, and one of a step with that step.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    there is no such tracker, or none at all
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.OpenGatewayResponse> openGateway(
        io.stepwell.v1.OpenGatewayRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getOpenGatewayMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * OpenPage answers the address of the daemon's own page, which shows runs and their curves. It stays the same as long
     * as the home does: links into the page may be kept. Whoever has it, and is this user, may look at all runs.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.OpenPageResponse> openPage(
        io.stepwell.v1.OpenPageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getOpenPageMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_OPEN_GATEWAY = 0;
  private static final int METHODID_OPEN_PAGE = 1;

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
        case METHODID_OPEN_GATEWAY:
          serviceImpl.openGateway((io.stepwell.v1.OpenGatewayRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.OpenGatewayResponse>) responseObserver);
          break;
        case METHODID_OPEN_PAGE:
          serviceImpl.openPage((io.stepwell.v1.OpenPageRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.OpenPageResponse>) responseObserver);
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
          getOpenGatewayMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.OpenGatewayRequest,
              io.stepwell.v1.OpenGatewayResponse>(
                service, METHODID_OPEN_GATEWAY)))
        .addMethod(
          getOpenPageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.OpenPageRequest,
              io.stepwell.v1.OpenPageResponse>(
                service, METHODID_OPEN_PAGE)))
        .build();
  }

  private static abstract class GatewayServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    GatewayServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.stepwell.v1.Gateway.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("GatewayService");
    }
  }

  private static final class GatewayServiceFileDescriptorSupplier
      extends GatewayServiceBaseDescriptorSupplier {
    GatewayServiceFileDescriptorSupplier() {}
  }

  private static final class GatewayServiceMethodDescriptorSupplier
      extends GatewayServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    GatewayServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (GatewayServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new GatewayServiceFileDescriptorSupplier())
              .addMethod(getOpenGatewayMethod())
              .addMethod(getOpenPageMethod())
              .build();
        }
      }
    }
    return result;
  }
}

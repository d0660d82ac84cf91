package io.stepwell.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * TrackersService asks the backends of experiment trackers.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class TrackersServiceGrpc {

  private TrackersServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "stepwell.v1.TrackersService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.TestTrackerRequest,
      io.stepwell.v1.TestTrackerResponse> getTestTrackerMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "TestTracker",
      requestType = io.stepwell.v1.TestTrackerRequest.class,
      responseType = io.stepwell.v1.TestTrackerResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.TestTrackerRequest,
      io.stepwell.v1.TestTrackerResponse> getTestTrackerMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.TestTrackerRequest, io.stepwell.v1.TestTrackerResponse> getTestTrackerMethod;
    if ((getTestTrackerMethod = TrackersServiceGrpc.getTestTrackerMethod) == null) {
      synchronized (TrackersServiceGrpc.class) {
        if ((getTestTrackerMethod = TrackersServiceGrpc.getTestTrackerMethod) == null) {
          TrackersServiceGrpc.getTestTrackerMethod = getTestTrackerMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.TestTrackerRequest, io.stepwell.v1.TestTrackerResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "TestTracker"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.TestTrackerRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.TestTrackerResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackersServiceMethodDescriptorSupplier("TestTracker"))
              .build();
        }
      }
    }
    return getTestTrackerMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.StartStoreAnewRequest,
      io.stepwell.v1.StartStoreAnewResponse> getStartStoreAnewMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StartStoreAnew",
      requestType = io.stepwell.v1.StartStoreAnewRequest.class,
      responseType = io.stepwell.v1.StartStoreAnewResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.StartStoreAnewRequest,
      io.stepwell.v1.StartStoreAnewResponse> getStartStoreAnewMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.StartStoreAnewRequest, io.stepwell.v1.StartStoreAnewResponse> getStartStoreAnewMethod;
    if ((getStartStoreAnewMethod = TrackersServiceGrpc.getStartStoreAnewMethod) == null) {
      synchronized (TrackersServiceGrpc.class) {
        if ((getStartStoreAnewMethod = TrackersServiceGrpc.getStartStoreAnewMethod) == null) {
          TrackersServiceGrpc.getStartStoreAnewMethod = getStartStoreAnewMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.StartStoreAnewRequest, io.stepwell.v1.StartStoreAnewResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StartStoreAnew"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.StartStoreAnewRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.StartStoreAnewResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackersServiceMethodDescriptorSupplier("StartStoreAnew"))
              .build();
        }
      }
    }
    return getStartStoreAnewMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static TrackersServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackersServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackersServiceStub>() {
        @java.lang.Override
        public TrackersServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackersServiceStub(channel, callOptions);
        }
      };
    return TrackersServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static TrackersServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackersServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackersServiceBlockingV2Stub>() {
        @java.lang.Override
        public TrackersServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackersServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return TrackersServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static TrackersServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackersServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackersServiceBlockingStub>() {
        @java.lang.Override
        public TrackersServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackersServiceBlockingStub(channel, callOptions);
        }
      };
    return TrackersServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static TrackersServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackersServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackersServiceFutureStub>() {
        @java.lang.Override
        public TrackersServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackersServiceFutureStub(channel, callOptions);
        }
      };
    return TrackersServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * TrackersService asks the backends of experiment trackers.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * TestTracker asks a tracker's backend everything that can keep runs from it, within
     * seconds, and changes nothing there. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    default void testTracker(io.stepwell.v1.TestTrackerRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.TestTrackerResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getTestTrackerMethod(), responseObserver);
    }

    /**
     * <pre>
     * StartStoreAnew says that a tracker's store, which has runs delivered to it, is meant to be gone:
     * the next delivery makes a new one. Runs that go on are sent again as far as the journal has
     * them. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN; FAILED_PRECONDITION STEPWELL_STORE_THERE.
     * </pre>
     */
    default void startStoreAnew(io.stepwell.v1.StartStoreAnewRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.StartStoreAnewResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStartStoreAnewMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service TrackersService.
   * <pre>
   * TrackersService asks the backends of experiment trackers.
   * </pre>
   */
  public static abstract class TrackersServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return TrackersServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service TrackersService.
   * <pre>
   * TrackersService asks the backends of experiment trackers.
   * </pre>
   */
  public static final class TrackersServiceStub
      extends io.grpc.stub.AbstractAsyncStub<TrackersServiceStub> {
    private TrackersServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackersServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackersServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * TestTracker asks a tracker's backend everything that can keep runs from it, within
     * seconds, and changes nothing there. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public void testTracker(io.stepwell.v1.TestTrackerRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.TestTrackerResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getTestTrackerMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * StartStoreAnew says that a tracker's store, which has runs delivered to it, is meant to be gone:
     * the next delivery makes a new one. Runs that go on are sent again as far as the journal has
     * them. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN; FAILED_PRECONDITION STEPWELL_STORE_THERE.
     * </pre>
     */
    public void startStoreAnew(io.stepwell.v1.StartStoreAnewRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.StartStoreAnewResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStartStoreAnewMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service TrackersService.
   * <pre>
   * TrackersService asks the backends of experiment trackers.
   * </pre>
   */
  public static final class TrackersServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<TrackersServiceBlockingV2Stub> {
    private TrackersServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackersServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackersServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * TestTracker asks a tracker's backend everything that can keep runs from it, within
     * seconds, and changes nothing there. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.TestTrackerResponse testTracker(io.stepwell.v1.TestTrackerRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getTestTrackerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StartStoreAnew says that a tracker's store, which has runs delivered to it, is meant to be gone:
     * the next delivery makes a new one. Runs that go on are sent again as far as the journal has
     * them. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN; FAILED_PRECONDITION STEPWELL_STORE_THERE.
     * </pre>
     */
    public io.stepwell.v1.StartStoreAnewResponse startStoreAnew(io.stepwell.v1.StartStoreAnewRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStartStoreAnewMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service TrackersService.
   * <pre>
   * TrackersService asks the backends of experiment trackers.
   * </pre>
   */
  public static final class TrackersServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<TrackersServiceBlockingStub> {
    private TrackersServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackersServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackersServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * TestTracker asks a tracker's backend everything that can keep runs from it, within
     * seconds, and changes nothing there. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.TestTrackerResponse testTracker(io.stepwell.v1.TestTrackerRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getTestTrackerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StartStoreAnew says that a tracker's store, which has runs delivered to it, is meant to be gone:
     * the next delivery makes a new one. Runs that go on are sent again as far as the journal has
     * them. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN; FAILED_PRECONDITION STEPWELL_STORE_THERE.
     * </pre>
     */
    public io.stepwell.v1.StartStoreAnewResponse startStoreAnew(io.stepwell.v1.StartStoreAnewRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStartStoreAnewMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service TrackersService.
   * <pre>
   * TrackersService asks the backends of experiment trackers.
   * </pre>
   */
  public static final class TrackersServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<TrackersServiceFutureStub> {
    private TrackersServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackersServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackersServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * TestTracker asks a tracker's backend everything that can keep runs from it, within
     * seconds, and changes nothing there. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.TestTrackerResponse> testTracker(
        io.stepwell.v1.TestTrackerRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getTestTrackerMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * StartStoreAnew says that a tracker's store, which has runs delivered to it, is meant to be gone:
     * the next delivery makes a new one. Runs that go on are sent again as far as the journal has
     * them. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN; FAILED_PRECONDITION STEPWELL_STORE_THERE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.StartStoreAnewResponse> startStoreAnew(
        io.stepwell.v1.StartStoreAnewRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStartStoreAnewMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_TEST_TRACKER = 0;
  private static final int METHODID_START_STORE_ANEW = 1;

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
        case METHODID_TEST_TRACKER:
          serviceImpl.testTracker((io.stepwell.v1.TestTrackerRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.TestTrackerResponse>) responseObserver);
          break;
        case METHODID_START_STORE_ANEW:
          serviceImpl.startStoreAnew((io.stepwell.v1.StartStoreAnewRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.StartStoreAnewResponse>) responseObserver);
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
          getTestTrackerMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.TestTrackerRequest,
              io.stepwell.v1.TestTrackerResponse>(
                service, METHODID_TEST_TRACKER)))
        .addMethod(
          getStartStoreAnewMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.StartStoreAnewRequest,
              io.stepwell.v1.StartStoreAnewResponse>(
                service, METHODID_START_STORE_ANEW)))
        .build();
  }

  private static abstract class TrackersServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    TrackersServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.stepwell.v1.Trackers.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("TrackersService");
    }
  }

  private static final class TrackersServiceFileDescriptorSupplier
      extends TrackersServiceBaseDescriptorSupplier {
    TrackersServiceFileDescriptorSupplier() {}
  }

  private static final class TrackersServiceMethodDescriptorSupplier
      extends TrackersServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    TrackersServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (TrackersServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new TrackersServiceFileDescriptorSupplier())
              .addMethod(getTestTrackerMethod())
              .addMethod(getStartStoreAnewMethod())
              .build();
        }
      }
    }
    return result;
  }
}

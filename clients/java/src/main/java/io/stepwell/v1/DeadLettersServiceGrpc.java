package io.stepwell.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * DeadLettersService shows the entries that will not be delivered as they are, sends
 * them again or drops them.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class DeadLettersServiceGrpc {

  private DeadLettersServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "stepwell.v1.DeadLettersService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ListDeadLettersRequest,
      io.stepwell.v1.ListDeadLettersResponse> getListDeadLettersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListDeadLetters",
      requestType = io.stepwell.v1.ListDeadLettersRequest.class,
      responseType = io.stepwell.v1.ListDeadLettersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ListDeadLettersRequest,
      io.stepwell.v1.ListDeadLettersResponse> getListDeadLettersMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ListDeadLettersRequest, io.stepwell.v1.ListDeadLettersResponse> getListDeadLettersMethod;
    if ((getListDeadLettersMethod = DeadLettersServiceGrpc.getListDeadLettersMethod) == null) {
      synchronized (DeadLettersServiceGrpc.class) {
        if ((getListDeadLettersMethod = DeadLettersServiceGrpc.getListDeadLettersMethod) == null) {
          DeadLettersServiceGrpc.getListDeadLettersMethod = getListDeadLettersMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ListDeadLettersRequest, io.stepwell.v1.ListDeadLettersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListDeadLetters"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListDeadLettersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListDeadLettersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DeadLettersServiceMethodDescriptorSupplier("ListDeadLetters"))
              .build();
        }
      }
    }
    return getListDeadLettersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetDeadLetterRequest,
      io.stepwell.v1.GetDeadLetterResponse> getGetDeadLetterMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetDeadLetter",
      requestType = io.stepwell.v1.GetDeadLetterRequest.class,
      responseType = io.stepwell.v1.GetDeadLetterResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetDeadLetterRequest,
      io.stepwell.v1.GetDeadLetterResponse> getGetDeadLetterMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetDeadLetterRequest, io.stepwell.v1.GetDeadLetterResponse> getGetDeadLetterMethod;
    if ((getGetDeadLetterMethod = DeadLettersServiceGrpc.getGetDeadLetterMethod) == null) {
      synchronized (DeadLettersServiceGrpc.class) {
        if ((getGetDeadLetterMethod = DeadLettersServiceGrpc.getGetDeadLetterMethod) == null) {
          DeadLettersServiceGrpc.getGetDeadLetterMethod = getGetDeadLetterMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetDeadLetterRequest, io.stepwell.v1.GetDeadLetterResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetDeadLetter"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetDeadLetterRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetDeadLetterResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DeadLettersServiceMethodDescriptorSupplier("GetDeadLetter"))
              .build();
        }
      }
    }
    return getGetDeadLetterMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.RetryDeadLettersRequest,
      io.stepwell.v1.RetryDeadLettersResponse> getRetryDeadLettersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RetryDeadLetters",
      requestType = io.stepwell.v1.RetryDeadLettersRequest.class,
      responseType = io.stepwell.v1.RetryDeadLettersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.RetryDeadLettersRequest,
      io.stepwell.v1.RetryDeadLettersResponse> getRetryDeadLettersMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.RetryDeadLettersRequest, io.stepwell.v1.RetryDeadLettersResponse> getRetryDeadLettersMethod;
    if ((getRetryDeadLettersMethod = DeadLettersServiceGrpc.getRetryDeadLettersMethod) == null) {
      synchronized (DeadLettersServiceGrpc.class) {
        if ((getRetryDeadLettersMethod = DeadLettersServiceGrpc.getRetryDeadLettersMethod) == null) {
          DeadLettersServiceGrpc.getRetryDeadLettersMethod = getRetryDeadLettersMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.RetryDeadLettersRequest, io.stepwell.v1.RetryDeadLettersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RetryDeadLetters"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RetryDeadLettersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RetryDeadLettersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DeadLettersServiceMethodDescriptorSupplier("RetryDeadLetters"))
              .build();
        }
      }
    }
    return getRetryDeadLettersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.DropDeadLettersRequest,
      io.stepwell.v1.DropDeadLettersResponse> getDropDeadLettersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DropDeadLetters",
      requestType = io.stepwell.v1.DropDeadLettersRequest.class,
      responseType = io.stepwell.v1.DropDeadLettersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.DropDeadLettersRequest,
      io.stepwell.v1.DropDeadLettersResponse> getDropDeadLettersMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.DropDeadLettersRequest, io.stepwell.v1.DropDeadLettersResponse> getDropDeadLettersMethod;
    if ((getDropDeadLettersMethod = DeadLettersServiceGrpc.getDropDeadLettersMethod) == null) {
      synchronized (DeadLettersServiceGrpc.class) {
        if ((getDropDeadLettersMethod = DeadLettersServiceGrpc.getDropDeadLettersMethod) == null) {
          DeadLettersServiceGrpc.getDropDeadLettersMethod = getDropDeadLettersMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.DropDeadLettersRequest, io.stepwell.v1.DropDeadLettersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DropDeadLetters"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.DropDeadLettersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.DropDeadLettersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DeadLettersServiceMethodDescriptorSupplier("DropDeadLetters"))
              .build();
        }
      }
    }
    return getDropDeadLettersMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static DeadLettersServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DeadLettersServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DeadLettersServiceStub>() {
        @java.lang.Override
        public DeadLettersServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DeadLettersServiceStub(channel, callOptions);
        }
      };
    return DeadLettersServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static DeadLettersServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DeadLettersServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DeadLettersServiceBlockingV2Stub>() {
        @java.lang.Override
        public DeadLettersServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DeadLettersServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return DeadLettersServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static DeadLettersServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DeadLettersServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DeadLettersServiceBlockingStub>() {
        @java.lang.Override
        public DeadLettersServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DeadLettersServiceBlockingStub(channel, callOptions);
        }
      };
    return DeadLettersServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static DeadLettersServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DeadLettersServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DeadLettersServiceFutureStub>() {
        @java.lang.Override
        public DeadLettersServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DeadLettersServiceFutureStub(channel, callOptions);
        }
      };
    return DeadLettersServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * DeadLettersService shows the entries that will not be delivered as they are, sends
   * them again or drops them.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * ListDeadLetters answers the oldest first, a page at a time, without their entries.
     * </pre>
     */
    default void listDeadLetters(io.stepwell.v1.ListDeadLettersRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListDeadLettersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListDeadLettersMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetDeadLetter answers one with its entries.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN.
     * </pre>
     */
    default void getDeadLetter(io.stepwell.v1.GetDeadLetterRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetDeadLetterResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetDeadLetterMethod(), responseObserver);
    }

    /**
     * <pre>
     * RetryDeadLetters journals the entries again, as new ones of their runs, and removes
     * the letters once they are on disk. Each goes to the tracker that refused it: a point or a
     * param that is there already changes nothing, a tag is set to the letter's value. A crash
     * in between leaves letters whose entries were journaled; sending them again is harmless
     * for the same reason. A letter that can't be sent now stays, and the answer says why:
     * its run has not begun, its entries are lost, the journal is full.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    default void retryDeadLetters(io.stepwell.v1.RetryDeadLettersRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RetryDeadLettersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRetryDeadLettersMethod(), responseObserver);
    }

    /**
     * <pre>
     * DropDeadLetters removes letters for good: all that were chosen, or none.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    default void dropDeadLetters(io.stepwell.v1.DropDeadLettersRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.DropDeadLettersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDropDeadLettersMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service DeadLettersService.
   * <pre>
   * DeadLettersService shows the entries that will not be delivered as they are, sends
   * them again or drops them.
   * </pre>
   */
  public static abstract class DeadLettersServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return DeadLettersServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service DeadLettersService.
   * <pre>
   * DeadLettersService shows the entries that will not be delivered as they are, sends
   * them again or drops them.
   * </pre>
   */
  public static final class DeadLettersServiceStub
      extends io.grpc.stub.AbstractAsyncStub<DeadLettersServiceStub> {
    private DeadLettersServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DeadLettersServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DeadLettersServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListDeadLetters answers the oldest first, a page at a time, without their entries.
     * </pre>
     */
    public void listDeadLetters(io.stepwell.v1.ListDeadLettersRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListDeadLettersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListDeadLettersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetDeadLetter answers one with its entries.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN.
     * </pre>
     */
    public void getDeadLetter(io.stepwell.v1.GetDeadLetterRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetDeadLetterResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetDeadLetterMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RetryDeadLetters journals the entries again, as new ones of their runs, and removes
     * the letters once they are on disk. Each goes to the tracker that refused it: a point or a
     * param that is there already changes nothing, a tag is set to the letter's value. A crash
     * in between leaves letters whose entries were journaled; sending them again is harmless
     * for the same reason. A letter that can't be sent now stays, and the answer says why:
     * its run has not begun, its entries are lost, the journal is full.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    public void retryDeadLetters(io.stepwell.v1.RetryDeadLettersRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RetryDeadLettersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRetryDeadLettersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DropDeadLetters removes letters for good: all that were chosen, or none.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    public void dropDeadLetters(io.stepwell.v1.DropDeadLettersRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.DropDeadLettersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDropDeadLettersMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service DeadLettersService.
   * <pre>
   * DeadLettersService shows the entries that will not be delivered as they are, sends
   * them again or drops them.
   * </pre>
   */
  public static final class DeadLettersServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<DeadLettersServiceBlockingV2Stub> {
    private DeadLettersServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DeadLettersServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DeadLettersServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * ListDeadLetters answers the oldest first, a page at a time, without their entries.
     * </pre>
     */
    public io.stepwell.v1.ListDeadLettersResponse listDeadLetters(io.stepwell.v1.ListDeadLettersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetDeadLetter answers one with its entries.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetDeadLetterResponse getDeadLetter(io.stepwell.v1.GetDeadLetterRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetDeadLetterMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RetryDeadLetters journals the entries again, as new ones of their runs, and removes
     * the letters once they are on disk. Each goes to the tracker that refused it: a point or a
     * param that is there already changes nothing, a tag is set to the letter's value. A crash
     * in between leaves letters whose entries were journaled; sending them again is harmless
     * for the same reason. A letter that can't be sent now stays, and the answer says why:
     * its run has not begun, its entries are lost, the journal is full.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    public io.stepwell.v1.RetryDeadLettersResponse retryDeadLetters(io.stepwell.v1.RetryDeadLettersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRetryDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DropDeadLetters removes letters for good: all that were chosen, or none.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    public io.stepwell.v1.DropDeadLettersResponse dropDeadLetters(io.stepwell.v1.DropDeadLettersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDropDeadLettersMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service DeadLettersService.
   * <pre>
   * DeadLettersService shows the entries that will not be delivered as they are, sends
   * them again or drops them.
   * </pre>
   */
  public static final class DeadLettersServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<DeadLettersServiceBlockingStub> {
    private DeadLettersServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DeadLettersServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DeadLettersServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListDeadLetters answers the oldest first, a page at a time, without their entries.
     * </pre>
     */
    public io.stepwell.v1.ListDeadLettersResponse listDeadLetters(io.stepwell.v1.ListDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetDeadLetter answers one with its entries.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetDeadLetterResponse getDeadLetter(io.stepwell.v1.GetDeadLetterRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetDeadLetterMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RetryDeadLetters journals the entries again, as new ones of their runs, and removes
     * the letters once they are on disk. Each goes to the tracker that refused it: a point or a
     * param that is there already changes nothing, a tag is set to the letter's value. A crash
     * in between leaves letters whose entries were journaled; sending them again is harmless
     * for the same reason. A letter that can't be sent now stays, and the answer says why:
     * its run has not begun, its entries are lost, the journal is full.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    public io.stepwell.v1.RetryDeadLettersResponse retryDeadLetters(io.stepwell.v1.RetryDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRetryDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DropDeadLetters removes letters for good: all that were chosen, or none.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    public io.stepwell.v1.DropDeadLettersResponse dropDeadLetters(io.stepwell.v1.DropDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDropDeadLettersMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service DeadLettersService.
   * <pre>
   * DeadLettersService shows the entries that will not be delivered as they are, sends
   * them again or drops them.
   * </pre>
   */
  public static final class DeadLettersServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<DeadLettersServiceFutureStub> {
    private DeadLettersServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DeadLettersServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DeadLettersServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListDeadLetters answers the oldest first, a page at a time, without their entries.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.ListDeadLettersResponse> listDeadLetters(
        io.stepwell.v1.ListDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListDeadLettersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetDeadLetter answers one with its entries.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetDeadLetterResponse> getDeadLetter(
        io.stepwell.v1.GetDeadLetterRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetDeadLetterMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RetryDeadLetters journals the entries again, as new ones of their runs, and removes
     * the letters once they are on disk. Each goes to the tracker that refused it: a point or a
     * param that is there already changes nothing, a tag is set to the letter's value. A crash
     * in between leaves letters whose entries were journaled; sending them again is harmless
     * for the same reason. A letter that can't be sent now stays, and the answer says why:
     * its run has not begun, its entries are lost, the journal is full.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.RetryDeadLettersResponse> retryDeadLetters(
        io.stepwell.v1.RetryDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRetryDeadLettersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DropDeadLetters removes letters for good: all that were chosen, or none.
     * NOT_FOUND STEPWELL_DEAD_LETTER_UNKNOWN; INVALID_ARGUMENT STEPWELL_USAGE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.DropDeadLettersResponse> dropDeadLetters(
        io.stepwell.v1.DropDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDropDeadLettersMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_DEAD_LETTERS = 0;
  private static final int METHODID_GET_DEAD_LETTER = 1;
  private static final int METHODID_RETRY_DEAD_LETTERS = 2;
  private static final int METHODID_DROP_DEAD_LETTERS = 3;

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
        case METHODID_LIST_DEAD_LETTERS:
          serviceImpl.listDeadLetters((io.stepwell.v1.ListDeadLettersRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ListDeadLettersResponse>) responseObserver);
          break;
        case METHODID_GET_DEAD_LETTER:
          serviceImpl.getDeadLetter((io.stepwell.v1.GetDeadLetterRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetDeadLetterResponse>) responseObserver);
          break;
        case METHODID_RETRY_DEAD_LETTERS:
          serviceImpl.retryDeadLetters((io.stepwell.v1.RetryDeadLettersRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.RetryDeadLettersResponse>) responseObserver);
          break;
        case METHODID_DROP_DEAD_LETTERS:
          serviceImpl.dropDeadLetters((io.stepwell.v1.DropDeadLettersRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.DropDeadLettersResponse>) responseObserver);
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
          getListDeadLettersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.ListDeadLettersRequest,
              io.stepwell.v1.ListDeadLettersResponse>(
                service, METHODID_LIST_DEAD_LETTERS)))
        .addMethod(
          getGetDeadLetterMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetDeadLetterRequest,
              io.stepwell.v1.GetDeadLetterResponse>(
                service, METHODID_GET_DEAD_LETTER)))
        .addMethod(
          getRetryDeadLettersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.RetryDeadLettersRequest,
              io.stepwell.v1.RetryDeadLettersResponse>(
                service, METHODID_RETRY_DEAD_LETTERS)))
        .addMethod(
          getDropDeadLettersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.DropDeadLettersRequest,
              io.stepwell.v1.DropDeadLettersResponse>(
                service, METHODID_DROP_DEAD_LETTERS)))
        .build();
  }

  private static abstract class DeadLettersServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    DeadLettersServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.stepwell.v1.DeadLetters.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("DeadLettersService");
    }
  }

  private static final class DeadLettersServiceFileDescriptorSupplier
      extends DeadLettersServiceBaseDescriptorSupplier {
    DeadLettersServiceFileDescriptorSupplier() {}
  }

  private static final class DeadLettersServiceMethodDescriptorSupplier
      extends DeadLettersServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    DeadLettersServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (DeadLettersServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new DeadLettersServiceFileDescriptorSupplier())
              .addMethod(getListDeadLettersMethod())
              .addMethod(getGetDeadLetterMethod())
              .addMethod(getRetryDeadLettersMethod())
              .addMethod(getDropDeadLettersMethod())
              .build();
        }
      }
    }
    return result;
  }
}

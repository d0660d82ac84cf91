package io.stepwell.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * StepsService keeps the runs of pipeline steps. A step run holds a lease: when its
 * process is gone without FinishStep, the daemon ends what the step had begun.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class StepsServiceGrpc {

  private StepsServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "stepwell.v1.StepsService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.StartStepRequest,
      io.stepwell.v1.StartStepResponse> getStartStepMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StartStep",
      requestType = io.stepwell.v1.StartStepRequest.class,
      responseType = io.stepwell.v1.StartStepResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.StartStepRequest,
      io.stepwell.v1.StartStepResponse> getStartStepMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.StartStepRequest, io.stepwell.v1.StartStepResponse> getStartStepMethod;
    if ((getStartStepMethod = StepsServiceGrpc.getStartStepMethod) == null) {
      synchronized (StepsServiceGrpc.class) {
        if ((getStartStepMethod = StepsServiceGrpc.getStartStepMethod) == null) {
          StepsServiceGrpc.getStartStepMethod = getStartStepMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.StartStepRequest, io.stepwell.v1.StartStepResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StartStep"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.StartStepRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.StartStepResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StepsServiceMethodDescriptorSupplier("StartStep"))
              .build();
        }
      }
    }
    return getStartStepMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.FinishStepRequest,
      io.stepwell.v1.FinishStepResponse> getFinishStepMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "FinishStep",
      requestType = io.stepwell.v1.FinishStepRequest.class,
      responseType = io.stepwell.v1.FinishStepResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.FinishStepRequest,
      io.stepwell.v1.FinishStepResponse> getFinishStepMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.FinishStepRequest, io.stepwell.v1.FinishStepResponse> getFinishStepMethod;
    if ((getFinishStepMethod = StepsServiceGrpc.getFinishStepMethod) == null) {
      synchronized (StepsServiceGrpc.class) {
        if ((getFinishStepMethod = StepsServiceGrpc.getFinishStepMethod) == null) {
          StepsServiceGrpc.getFinishStepMethod = getFinishStepMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.FinishStepRequest, io.stepwell.v1.FinishStepResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "FinishStep"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.FinishStepRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.FinishStepResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StepsServiceMethodDescriptorSupplier("FinishStep"))
              .build();
        }
      }
    }
    return getFinishStepMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetPipelineRequest,
      io.stepwell.v1.GetPipelineResponse> getGetPipelineMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetPipeline",
      requestType = io.stepwell.v1.GetPipelineRequest.class,
      responseType = io.stepwell.v1.GetPipelineResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetPipelineRequest,
      io.stepwell.v1.GetPipelineResponse> getGetPipelineMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetPipelineRequest, io.stepwell.v1.GetPipelineResponse> getGetPipelineMethod;
    if ((getGetPipelineMethod = StepsServiceGrpc.getGetPipelineMethod) == null) {
      synchronized (StepsServiceGrpc.class) {
        if ((getGetPipelineMethod = StepsServiceGrpc.getGetPipelineMethod) == null) {
          StepsServiceGrpc.getGetPipelineMethod = getGetPipelineMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetPipelineRequest, io.stepwell.v1.GetPipelineResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetPipeline"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetPipelineRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetPipelineResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StepsServiceMethodDescriptorSupplier("GetPipeline"))
              .build();
        }
      }
    }
    return getGetPipelineMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetPipelineRunRequest,
      io.stepwell.v1.GetPipelineRunResponse> getGetPipelineRunMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetPipelineRun",
      requestType = io.stepwell.v1.GetPipelineRunRequest.class,
      responseType = io.stepwell.v1.GetPipelineRunResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetPipelineRunRequest,
      io.stepwell.v1.GetPipelineRunResponse> getGetPipelineRunMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetPipelineRunRequest, io.stepwell.v1.GetPipelineRunResponse> getGetPipelineRunMethod;
    if ((getGetPipelineRunMethod = StepsServiceGrpc.getGetPipelineRunMethod) == null) {
      synchronized (StepsServiceGrpc.class) {
        if ((getGetPipelineRunMethod = StepsServiceGrpc.getGetPipelineRunMethod) == null) {
          StepsServiceGrpc.getGetPipelineRunMethod = getGetPipelineRunMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetPipelineRunRequest, io.stepwell.v1.GetPipelineRunResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetPipelineRun"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetPipelineRunRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetPipelineRunResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StepsServiceMethodDescriptorSupplier("GetPipelineRun"))
              .build();
        }
      }
    }
    return getGetPipelineRunMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static StepsServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StepsServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StepsServiceStub>() {
        @java.lang.Override
        public StepsServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StepsServiceStub(channel, callOptions);
        }
      };
    return StepsServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static StepsServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StepsServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StepsServiceBlockingV2Stub>() {
        @java.lang.Override
        public StepsServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StepsServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return StepsServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static StepsServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StepsServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StepsServiceBlockingStub>() {
        @java.lang.Override
        public StepsServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StepsServiceBlockingStub(channel, callOptions);
        }
      };
    return StepsServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static StepsServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StepsServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StepsServiceFutureStub>() {
        @java.lang.Override
        public StepsServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StepsServiceFutureStub(channel, callOptions);
        }
      };
    return StepsServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * StepsService keeps the runs of pipeline steps. A step run holds a lease: when its
   * process is gone without FinishStep, the daemon ends what the step had begun.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * StartStep begins a step run and answers where it logs to. No call waits for a backend.
     * Idempotent by step_run_id. Of a call that was given up FinishStep is to be called all the
     * same: the daemon may have carried it out.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    a tracker is not attached, or none is
     *   INVALID_ARGUMENT    STEPWELL_SETTING_INVALID    a settings key is malformed or ambiguous
     *   INVALID_ARGUMENT    STEPWELL_RUN_ID_INVALID     an id is not 32 hexadecimal digits
     *   INVALID_ARGUMENT    STEPWELL_EXPERIMENT_INVALID, STEPWELL_KEY_INVALID, STEPWELL_VALUE_TOO_LONG
     * </pre>
     */
    default void startStep(io.stepwell.v1.StartStepRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.StartStepResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStartStepMethod(), responseObserver);
    }

    /**
     * <pre>
     * FinishStep ends a step run. Everything that the step logged is to be acknowledged before.
     * Idempotent: the last call counts. NOT_FOUND STEPWELL_STEP_UNKNOWN.
     * A client that can't be answered leaves a file STEP_RUN_ID.json in the home's folder
     * "step-ends", made elsewhere and renamed, before its process may end:
     *   {"step_run_id": "…", "pipeline_run_id": "…", "status": "FINISHED", "end_time_ms": 1}
     * </pre>
     */
    default void finishStep(io.stepwell.v1.FinishStepRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.FinishStepResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getFinishStepMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetPipeline answers a pipeline with its last run. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    default void getPipeline(io.stepwell.v1.GetPipelineRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetPipelineResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetPipelineMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetPipelineRun answers one run of a pipeline by its id. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    default void getPipelineRun(io.stepwell.v1.GetPipelineRunRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetPipelineRunResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetPipelineRunMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service StepsService.
   * <pre>
   * StepsService keeps the runs of pipeline steps. A step run holds a lease: when its
   * process is gone without FinishStep, the daemon ends what the step had begun.
   * </pre>
   */
  public static abstract class StepsServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return StepsServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service StepsService.
   * <pre>
   * StepsService keeps the runs of pipeline steps. A step run holds a lease: when its
   * process is gone without FinishStep, the daemon ends what the step had begun.
   * </pre>
   */
  public static final class StepsServiceStub
      extends io.grpc.stub.AbstractAsyncStub<StepsServiceStub> {
    private StepsServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StepsServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StepsServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * StartStep begins a step run and answers where it logs to. No call waits for a backend.
     * Idempotent by step_run_id. Of a call that was given up FinishStep is to be called all the
     * same: the daemon may have carried it out.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    a tracker is not attached, or none is
     *   INVALID_ARGUMENT    STEPWELL_SETTING_INVALID    a settings key is malformed or ambiguous
     *   INVALID_ARGUMENT    STEPWELL_RUN_ID_INVALID     an id is not 32 hexadecimal digits
     *   INVALID_ARGUMENT    STEPWELL_EXPERIMENT_INVALID, STEPWELL_KEY_INVALID, STEPWELL_VALUE_TOO_LONG
     * </pre>
     */
    public void startStep(io.stepwell.v1.StartStepRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.StartStepResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStartStepMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * FinishStep ends a step run. Everything that the step logged is to be acknowledged before.
     * Idempotent: the last call counts. NOT_FOUND STEPWELL_STEP_UNKNOWN.
     * A client that can't be answered leaves a file STEP_RUN_ID.json in the home's folder
     * "step-ends", made elsewhere and renamed, before its process may end:
     *   {"step_run_id": "…", "pipeline_run_id": "…", "status": "FINISHED", "end_time_ms": 1}
     * </pre>
     */
    public void finishStep(io.stepwell.v1.FinishStepRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.FinishStepResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getFinishStepMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetPipeline answers a pipeline with its last run. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    public void getPipeline(io.stepwell.v1.GetPipelineRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetPipelineResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetPipelineMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetPipelineRun answers one run of a pipeline by its id. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    public void getPipelineRun(io.stepwell.v1.GetPipelineRunRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetPipelineRunResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetPipelineRunMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service StepsService.
   * <pre>
   * StepsService keeps the runs of pipeline steps. A step run holds a lease: when its
   * process is gone without FinishStep, the daemon ends what the step had begun.
   * </pre>
   */
  public static final class StepsServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<StepsServiceBlockingV2Stub> {
    private StepsServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StepsServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StepsServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * StartStep begins a step run and answers where it logs to. No call waits for a backend.
     * Idempotent by step_run_id. Of a call that was given up FinishStep is to be called all the
     * same: the daemon may have carried it out.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    a tracker is not attached, or none is
     *   INVALID_ARGUMENT    STEPWELL_SETTING_INVALID    a settings key is malformed or ambiguous
     *   INVALID_ARGUMENT    STEPWELL_RUN_ID_INVALID     an id is not 32 hexadecimal digits
     *   INVALID_ARGUMENT    STEPWELL_EXPERIMENT_INVALID, STEPWELL_KEY_INVALID, STEPWELL_VALUE_TOO_LONG
     * </pre>
     */
    public io.stepwell.v1.StartStepResponse startStep(io.stepwell.v1.StartStepRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStartStepMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * FinishStep ends a step run. Everything that the step logged is to be acknowledged before.
     * Idempotent: the last call counts. NOT_FOUND STEPWELL_STEP_UNKNOWN.
     * A client that can't be answered leaves a file STEP_RUN_ID.json in the home's folder
     * "step-ends", made elsewhere and renamed, before its process may end:
     *   {"step_run_id": "…", "pipeline_run_id": "…", "status": "FINISHED", "end_time_ms": 1}
     * </pre>
     */
    public io.stepwell.v1.FinishStepResponse finishStep(io.stepwell.v1.FinishStepRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getFinishStepMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetPipeline answers a pipeline with its last run. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetPipelineResponse getPipeline(io.stepwell.v1.GetPipelineRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetPipelineMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetPipelineRun answers one run of a pipeline by its id. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetPipelineRunResponse getPipelineRun(io.stepwell.v1.GetPipelineRunRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetPipelineRunMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service StepsService.
   * <pre>
   * StepsService keeps the runs of pipeline steps. A step run holds a lease: when its
   * process is gone without FinishStep, the daemon ends what the step had begun.
   * </pre>
   */
  public static final class StepsServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<StepsServiceBlockingStub> {
    private StepsServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StepsServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StepsServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * StartStep begins a step run and answers where it logs to. No call waits for a backend.
     * Idempotent by step_run_id. Of a call that was given up FinishStep is to be called all the
     * same: the daemon may have carried it out.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    a tracker is not attached, or none is
     *   INVALID_ARGUMENT    STEPWELL_SETTING_INVALID    a settings key is malformed or ambiguous
     *   INVALID_ARGUMENT    STEPWELL_RUN_ID_INVALID     an id is not 32 hexadecimal digits
     *   INVALID_ARGUMENT    STEPWELL_EXPERIMENT_INVALID, STEPWELL_KEY_INVALID, STEPWELL_VALUE_TOO_LONG
     * </pre>
     */
    public io.stepwell.v1.StartStepResponse startStep(io.stepwell.v1.StartStepRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStartStepMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * FinishStep ends a step run. Everything that the step logged is to be acknowledged before.
     * Idempotent: the last call counts. NOT_FOUND STEPWELL_STEP_UNKNOWN.
     * A client that can't be answered leaves a file STEP_RUN_ID.json in the home's folder
     * "step-ends", made elsewhere and renamed, before its process may end:
     *   {"step_run_id": "…", "pipeline_run_id": "…", "status": "FINISHED", "end_time_ms": 1}
     * </pre>
     */
    public io.stepwell.v1.FinishStepResponse finishStep(io.stepwell.v1.FinishStepRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getFinishStepMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetPipeline answers a pipeline with its last run. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetPipelineResponse getPipeline(io.stepwell.v1.GetPipelineRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetPipelineMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetPipelineRun answers one run of a pipeline by its id. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetPipelineRunResponse getPipelineRun(io.stepwell.v1.GetPipelineRunRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetPipelineRunMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service StepsService.
   * <pre>
   * StepsService keeps the runs of pipeline steps. A step run holds a lease: when its
   * process is gone without FinishStep, the daemon ends what the step had begun.
   * </pre>
   */
  public static final class StepsServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<StepsServiceFutureStub> {
    private StepsServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StepsServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StepsServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * StartStep begins a step run and answers where it logs to. No call waits for a backend.
     * Idempotent by step_run_id. Of a call that was given up FinishStep is to be called all the
     * same: the daemon may have carried it out.
     *   FAILED_PRECONDITION STEPWELL_TRACKER_UNKNOWN    a tracker is not attached, or none is
     *   INVALID_ARGUMENT    STEPWELL_SETTING_INVALID    a settings key is malformed or ambiguous
     *   INVALID_ARGUMENT    STEPWELL_RUN_ID_INVALID     an id is not 32 hexadecimal digits
     *   INVALID_ARGUMENT    STEPWELL_EXPERIMENT_INVALID, STEPWELL_KEY_INVALID, STEPWELL_VALUE_TOO_LONG
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.StartStepResponse> startStep(
        io.stepwell.v1.StartStepRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStartStepMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * FinishStep ends a step run. Everything that the step logged is to be acknowledged before.
     * Idempotent: the last call counts. NOT_FOUND STEPWELL_STEP_UNKNOWN.
     * A client that can't be answered leaves a file STEP_RUN_ID.json in the home's folder
     * "step-ends", made elsewhere and renamed, before its process may end:
     *   {"step_run_id": "…", "pipeline_run_id": "…", "status": "FINISHED", "end_time_ms": 1}
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.FinishStepResponse> finishStep(
        io.stepwell.v1.FinishStepRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getFinishStepMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetPipeline answers a pipeline with its last run. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetPipelineResponse> getPipeline(
        io.stepwell.v1.GetPipelineRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetPipelineMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetPipelineRun answers one run of a pipeline by its id. NOT_FOUND STEPWELL_PIPELINE_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetPipelineRunResponse> getPipelineRun(
        io.stepwell.v1.GetPipelineRunRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetPipelineRunMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_START_STEP = 0;
  private static final int METHODID_FINISH_STEP = 1;
  private static final int METHODID_GET_PIPELINE = 2;
  private static final int METHODID_GET_PIPELINE_RUN = 3;

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
        case METHODID_START_STEP:
          serviceImpl.startStep((io.stepwell.v1.StartStepRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.StartStepResponse>) responseObserver);
          break;
        case METHODID_FINISH_STEP:
          serviceImpl.finishStep((io.stepwell.v1.FinishStepRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.FinishStepResponse>) responseObserver);
          break;
        case METHODID_GET_PIPELINE:
          serviceImpl.getPipeline((io.stepwell.v1.GetPipelineRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetPipelineResponse>) responseObserver);
          break;
        case METHODID_GET_PIPELINE_RUN:
          serviceImpl.getPipelineRun((io.stepwell.v1.GetPipelineRunRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetPipelineRunResponse>) responseObserver);
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
          getStartStepMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.StartStepRequest,
              io.stepwell.v1.StartStepResponse>(
                service, METHODID_START_STEP)))
        .addMethod(
          getFinishStepMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.FinishStepRequest,
              io.stepwell.v1.FinishStepResponse>(
                service, METHODID_FINISH_STEP)))
        .addMethod(
          getGetPipelineMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetPipelineRequest,
              io.stepwell.v1.GetPipelineResponse>(
                service, METHODID_GET_PIPELINE)))
        .addMethod(
          getGetPipelineRunMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetPipelineRunRequest,
              io.stepwell.v1.GetPipelineRunResponse>(
                service, METHODID_GET_PIPELINE_RUN)))
        .build();
  }

  private static abstract class StepsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    StepsServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.stepwell.v1.Steps.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("StepsService");
    }
  }

  private static final class StepsServiceFileDescriptorSupplier
      extends StepsServiceBaseDescriptorSupplier {
    StepsServiceFileDescriptorSupplier() {}
  }

  private static final class StepsServiceMethodDescriptorSupplier
      extends StepsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    StepsServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (StepsServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new StepsServiceFileDescriptorSupplier())
              .addMethod(getStartStepMethod())
              .addMethod(getFinishStepMethod())
              .addMethod(getGetPipelineMethod())
              .addMethod(getGetPipelineRunMethod())
              .build();
        }
      }
    }
    return result;
  }
}

package io.stepwell.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * SecretsService owns secrets. Values are in the keychain or the vault, never in the state store.
 * What needs a value fails with FAILED_PRECONDITION STEPWELL_KEYCHAIN_LOCKED,
 * STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED or STEPWELL_VAULT_DAMAGED when it can't be had.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SecretsServiceGrpc {

  private SecretsServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "stepwell.v1.SecretsService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.CreateSecretRequest,
      io.stepwell.v1.CreateSecretResponse> getCreateSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSecret",
      requestType = io.stepwell.v1.CreateSecretRequest.class,
      responseType = io.stepwell.v1.CreateSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.CreateSecretRequest,
      io.stepwell.v1.CreateSecretResponse> getCreateSecretMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.CreateSecretRequest, io.stepwell.v1.CreateSecretResponse> getCreateSecretMethod;
    if ((getCreateSecretMethod = SecretsServiceGrpc.getCreateSecretMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getCreateSecretMethod = SecretsServiceGrpc.getCreateSecretMethod) == null) {
          SecretsServiceGrpc.getCreateSecretMethod = getCreateSecretMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.CreateSecretRequest, io.stepwell.v1.CreateSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.CreateSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.CreateSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("CreateSecret"))
              .build();
        }
      }
    }
    return getCreateSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ListSecretsRequest,
      io.stepwell.v1.ListSecretsResponse> getListSecretsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSecrets",
      requestType = io.stepwell.v1.ListSecretsRequest.class,
      responseType = io.stepwell.v1.ListSecretsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ListSecretsRequest,
      io.stepwell.v1.ListSecretsResponse> getListSecretsMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ListSecretsRequest, io.stepwell.v1.ListSecretsResponse> getListSecretsMethod;
    if ((getListSecretsMethod = SecretsServiceGrpc.getListSecretsMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getListSecretsMethod = SecretsServiceGrpc.getListSecretsMethod) == null) {
          SecretsServiceGrpc.getListSecretsMethod = getListSecretsMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ListSecretsRequest, io.stepwell.v1.ListSecretsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSecrets"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListSecretsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListSecretsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("ListSecrets"))
              .build();
        }
      }
    }
    return getListSecretsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetSecretRequest,
      io.stepwell.v1.GetSecretResponse> getGetSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSecret",
      requestType = io.stepwell.v1.GetSecretRequest.class,
      responseType = io.stepwell.v1.GetSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetSecretRequest,
      io.stepwell.v1.GetSecretResponse> getGetSecretMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetSecretRequest, io.stepwell.v1.GetSecretResponse> getGetSecretMethod;
    if ((getGetSecretMethod = SecretsServiceGrpc.getGetSecretMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getGetSecretMethod = SecretsServiceGrpc.getGetSecretMethod) == null) {
          SecretsServiceGrpc.getGetSecretMethod = getGetSecretMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetSecretRequest, io.stepwell.v1.GetSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("GetSecret"))
              .build();
        }
      }
    }
    return getGetSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ListSecretUsesRequest,
      io.stepwell.v1.ListSecretUsesResponse> getListSecretUsesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSecretUses",
      requestType = io.stepwell.v1.ListSecretUsesRequest.class,
      responseType = io.stepwell.v1.ListSecretUsesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ListSecretUsesRequest,
      io.stepwell.v1.ListSecretUsesResponse> getListSecretUsesMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ListSecretUsesRequest, io.stepwell.v1.ListSecretUsesResponse> getListSecretUsesMethod;
    if ((getListSecretUsesMethod = SecretsServiceGrpc.getListSecretUsesMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getListSecretUsesMethod = SecretsServiceGrpc.getListSecretUsesMethod) == null) {
          SecretsServiceGrpc.getListSecretUsesMethod = getListSecretUsesMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ListSecretUsesRequest, io.stepwell.v1.ListSecretUsesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSecretUses"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListSecretUsesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListSecretUsesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("ListSecretUses"))
              .build();
        }
      }
    }
    return getListSecretUsesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.UpdateSecretRequest,
      io.stepwell.v1.UpdateSecretResponse> getUpdateSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateSecret",
      requestType = io.stepwell.v1.UpdateSecretRequest.class,
      responseType = io.stepwell.v1.UpdateSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.UpdateSecretRequest,
      io.stepwell.v1.UpdateSecretResponse> getUpdateSecretMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.UpdateSecretRequest, io.stepwell.v1.UpdateSecretResponse> getUpdateSecretMethod;
    if ((getUpdateSecretMethod = SecretsServiceGrpc.getUpdateSecretMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getUpdateSecretMethod = SecretsServiceGrpc.getUpdateSecretMethod) == null) {
          SecretsServiceGrpc.getUpdateSecretMethod = getUpdateSecretMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.UpdateSecretRequest, io.stepwell.v1.UpdateSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UpdateSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UpdateSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("UpdateSecret"))
              .build();
        }
      }
    }
    return getUpdateSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.RenameSecretRequest,
      io.stepwell.v1.RenameSecretResponse> getRenameSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RenameSecret",
      requestType = io.stepwell.v1.RenameSecretRequest.class,
      responseType = io.stepwell.v1.RenameSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.RenameSecretRequest,
      io.stepwell.v1.RenameSecretResponse> getRenameSecretMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.RenameSecretRequest, io.stepwell.v1.RenameSecretResponse> getRenameSecretMethod;
    if ((getRenameSecretMethod = SecretsServiceGrpc.getRenameSecretMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getRenameSecretMethod = SecretsServiceGrpc.getRenameSecretMethod) == null) {
          SecretsServiceGrpc.getRenameSecretMethod = getRenameSecretMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.RenameSecretRequest, io.stepwell.v1.RenameSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RenameSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RenameSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RenameSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("RenameSecret"))
              .build();
        }
      }
    }
    return getRenameSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.DeleteSecretRequest,
      io.stepwell.v1.DeleteSecretResponse> getDeleteSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSecret",
      requestType = io.stepwell.v1.DeleteSecretRequest.class,
      responseType = io.stepwell.v1.DeleteSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.DeleteSecretRequest,
      io.stepwell.v1.DeleteSecretResponse> getDeleteSecretMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.DeleteSecretRequest, io.stepwell.v1.DeleteSecretResponse> getDeleteSecretMethod;
    if ((getDeleteSecretMethod = SecretsServiceGrpc.getDeleteSecretMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getDeleteSecretMethod = SecretsServiceGrpc.getDeleteSecretMethod) == null) {
          SecretsServiceGrpc.getDeleteSecretMethod = getDeleteSecretMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.DeleteSecretRequest, io.stepwell.v1.DeleteSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.DeleteSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.DeleteSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("DeleteSecret"))
              .build();
        }
      }
    }
    return getDeleteSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetSecretBackendRequest,
      io.stepwell.v1.GetSecretBackendResponse> getGetSecretBackendMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSecretBackend",
      requestType = io.stepwell.v1.GetSecretBackendRequest.class,
      responseType = io.stepwell.v1.GetSecretBackendResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetSecretBackendRequest,
      io.stepwell.v1.GetSecretBackendResponse> getGetSecretBackendMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetSecretBackendRequest, io.stepwell.v1.GetSecretBackendResponse> getGetSecretBackendMethod;
    if ((getGetSecretBackendMethod = SecretsServiceGrpc.getGetSecretBackendMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getGetSecretBackendMethod = SecretsServiceGrpc.getGetSecretBackendMethod) == null) {
          SecretsServiceGrpc.getGetSecretBackendMethod = getGetSecretBackendMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetSecretBackendRequest, io.stepwell.v1.GetSecretBackendResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSecretBackend"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetSecretBackendRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetSecretBackendResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("GetSecretBackend"))
              .build();
        }
      }
    }
    return getGetSecretBackendMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.SetSecretBackendRequest,
      io.stepwell.v1.SetSecretBackendResponse> getSetSecretBackendMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetSecretBackend",
      requestType = io.stepwell.v1.SetSecretBackendRequest.class,
      responseType = io.stepwell.v1.SetSecretBackendResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.SetSecretBackendRequest,
      io.stepwell.v1.SetSecretBackendResponse> getSetSecretBackendMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.SetSecretBackendRequest, io.stepwell.v1.SetSecretBackendResponse> getSetSecretBackendMethod;
    if ((getSetSecretBackendMethod = SecretsServiceGrpc.getSetSecretBackendMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getSetSecretBackendMethod = SecretsServiceGrpc.getSetSecretBackendMethod) == null) {
          SecretsServiceGrpc.getSetSecretBackendMethod = getSetSecretBackendMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.SetSecretBackendRequest, io.stepwell.v1.SetSecretBackendResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetSecretBackend"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.SetSecretBackendRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.SetSecretBackendResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("SetSecretBackend"))
              .build();
        }
      }
    }
    return getSetSecretBackendMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.SealVaultRequest,
      io.stepwell.v1.SealVaultResponse> getSealVaultMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SealVault",
      requestType = io.stepwell.v1.SealVaultRequest.class,
      responseType = io.stepwell.v1.SealVaultResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.SealVaultRequest,
      io.stepwell.v1.SealVaultResponse> getSealVaultMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.SealVaultRequest, io.stepwell.v1.SealVaultResponse> getSealVaultMethod;
    if ((getSealVaultMethod = SecretsServiceGrpc.getSealVaultMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getSealVaultMethod = SecretsServiceGrpc.getSealVaultMethod) == null) {
          SecretsServiceGrpc.getSealVaultMethod = getSealVaultMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.SealVaultRequest, io.stepwell.v1.SealVaultResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SealVault"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.SealVaultRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.SealVaultResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("SealVault"))
              .build();
        }
      }
    }
    return getSealVaultMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.UnsealVaultRequest,
      io.stepwell.v1.UnsealVaultResponse> getUnsealVaultMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UnsealVault",
      requestType = io.stepwell.v1.UnsealVaultRequest.class,
      responseType = io.stepwell.v1.UnsealVaultResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.UnsealVaultRequest,
      io.stepwell.v1.UnsealVaultResponse> getUnsealVaultMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.UnsealVaultRequest, io.stepwell.v1.UnsealVaultResponse> getUnsealVaultMethod;
    if ((getUnsealVaultMethod = SecretsServiceGrpc.getUnsealVaultMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getUnsealVaultMethod = SecretsServiceGrpc.getUnsealVaultMethod) == null) {
          SecretsServiceGrpc.getUnsealVaultMethod = getUnsealVaultMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.UnsealVaultRequest, io.stepwell.v1.UnsealVaultResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UnsealVault"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UnsealVaultRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UnsealVaultResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("UnsealVault"))
              .build();
        }
      }
    }
    return getUnsealVaultMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.UnlockVaultRequest,
      io.stepwell.v1.UnlockVaultResponse> getUnlockVaultMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UnlockVault",
      requestType = io.stepwell.v1.UnlockVaultRequest.class,
      responseType = io.stepwell.v1.UnlockVaultResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.UnlockVaultRequest,
      io.stepwell.v1.UnlockVaultResponse> getUnlockVaultMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.UnlockVaultRequest, io.stepwell.v1.UnlockVaultResponse> getUnlockVaultMethod;
    if ((getUnlockVaultMethod = SecretsServiceGrpc.getUnlockVaultMethod) == null) {
      synchronized (SecretsServiceGrpc.class) {
        if ((getUnlockVaultMethod = SecretsServiceGrpc.getUnlockVaultMethod) == null) {
          SecretsServiceGrpc.getUnlockVaultMethod = getUnlockVaultMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.UnlockVaultRequest, io.stepwell.v1.UnlockVaultResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UnlockVault"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UnlockVaultRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UnlockVaultResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretsServiceMethodDescriptorSupplier("UnlockVault"))
              .build();
        }
      }
    }
    return getUnlockVaultMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SecretsServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretsServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretsServiceStub>() {
        @java.lang.Override
        public SecretsServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretsServiceStub(channel, callOptions);
        }
      };
    return SecretsServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SecretsServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretsServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretsServiceBlockingV2Stub>() {
        @java.lang.Override
        public SecretsServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretsServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SecretsServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SecretsServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretsServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretsServiceBlockingStub>() {
        @java.lang.Override
        public SecretsServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretsServiceBlockingStub(channel, callOptions);
        }
      };
    return SecretsServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SecretsServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretsServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretsServiceFutureStub>() {
        @java.lang.Override
        public SecretsServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretsServiceFutureStub(channel, callOptions);
        }
      };
    return SecretsServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * SecretsService owns secrets. Values are in the keychain or the vault, never in the state store.
   * What needs a value fails with FAILED_PRECONDITION STEPWELL_KEYCHAIN_LOCKED,
   * STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED or STEPWELL_VAULT_DAMAGED when it can't be had.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * CreateSecret adds a secret. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * INVALID_ARGUMENT STEPWELL_SECRET_INVALID.
     * </pre>
     */
    default void createSecret(io.stepwell.v1.CreateSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.CreateSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSecrets answers all secrets, by name, without values.
     * </pre>
     */
    default void listSecrets(io.stepwell.v1.ListSecretsRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListSecretsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSecretsMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSecret answers one secret. NOT_FOUND STEPWELL_SECRET_UNKNOWN.
     * </pre>
     */
    default void getSecret(io.stepwell.v1.GetSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSecretUses answers the settings that refer to a secret, also to one that was deleted by force.
     * NOT_FOUND STEPWELL_SECRET_UNKNOWN where there is neither.
     * </pre>
     */
    default void listSecretUses(io.stepwell.v1.ListSecretUsesRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListSecretUsesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSecretUsesMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateSecret merges and removes keys; the next flush uses what is new. NOT_FOUND
     * STEPWELL_SECRET_KEY_UNKNOWN; FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    default void updateSecret(io.stepwell.v1.UpdateSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UpdateSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * RenameSecret gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    default void renameSecret(io.stepwell.v1.RenameSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RenameSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRenameSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteSecret removes a secret with its values. FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    default void deleteSecret(io.stepwell.v1.DeleteSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.DeleteSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSecretBackend answers where new secrets are kept and whether that can be used now.
     * </pre>
     */
    default void getSecretBackend(io.stepwell.v1.GetSecretBackendRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetSecretBackendResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSecretBackendMethod(), responseObserver);
    }

    /**
     * <pre>
     * SetSecretBackend moves all secrets to a backend, all or none, and keeps new ones there.
     * </pre>
     */
    default void setSecretBackend(io.stepwell.v1.SetSecretBackendRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.SetSecretBackendResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetSecretBackendMethod(), responseObserver);
    }

    /**
     * <pre>
     * SealVault puts the vault's key under a passphrase, or under another one; this daemon keeps it open,
     * the next one has to be given the passphrase. INVALID_ARGUMENT STEPWELL_PASSPHRASE_INVALID;
     * FAILED_PRECONDITION STEPWELL_VAULT_LOCKED; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    default void sealVault(io.stepwell.v1.SealVaultRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.SealVaultResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSealVaultMethod(), responseObserver);
    }

    /**
     * <pre>
     * UnsealVault puts the vault's key back into a plain file. FAILED_PRECONDITION STEPWELL_VAULT_LOCKED.
     * </pre>
     */
    default void unsealVault(io.stepwell.v1.UnsealVaultRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UnsealVaultResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUnsealVaultMethod(), responseObserver);
    }

    /**
     * <pre>
     * UnlockVault opens the vault until the daemon ends; lanes that waited for it go on.
     * FAILED_PRECONDITION STEPWELL_PASSPHRASE_WRONG; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    default void unlockVault(io.stepwell.v1.UnlockVaultRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UnlockVaultResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUnlockVaultMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SecretsService.
   * <pre>
   * SecretsService owns secrets. Values are in the keychain or the vault, never in the state store.
   * What needs a value fails with FAILED_PRECONDITION STEPWELL_KEYCHAIN_LOCKED,
   * STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED or STEPWELL_VAULT_DAMAGED when it can't be had.
   * </pre>
   */
  public static abstract class SecretsServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SecretsServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SecretsService.
   * <pre>
   * SecretsService owns secrets. Values are in the keychain or the vault, never in the state store.
   * What needs a value fails with FAILED_PRECONDITION STEPWELL_KEYCHAIN_LOCKED,
   * STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED or STEPWELL_VAULT_DAMAGED when it can't be had.
   * </pre>
   */
  public static final class SecretsServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SecretsServiceStub> {
    private SecretsServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretsServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretsServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret adds a secret. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * INVALID_ARGUMENT STEPWELL_SECRET_INVALID.
     * </pre>
     */
    public void createSecret(io.stepwell.v1.CreateSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.CreateSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSecrets answers all secrets, by name, without values.
     * </pre>
     */
    public void listSecrets(io.stepwell.v1.ListSecretsRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListSecretsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSecretsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSecret answers one secret. NOT_FOUND STEPWELL_SECRET_UNKNOWN.
     * </pre>
     */
    public void getSecret(io.stepwell.v1.GetSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSecretUses answers the settings that refer to a secret, also to one that was deleted by force.
     * NOT_FOUND STEPWELL_SECRET_UNKNOWN where there is neither.
     * </pre>
     */
    public void listSecretUses(io.stepwell.v1.ListSecretUsesRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListSecretUsesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSecretUsesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateSecret merges and removes keys; the next flush uses what is new. NOT_FOUND
     * STEPWELL_SECRET_KEY_UNKNOWN; FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public void updateSecret(io.stepwell.v1.UpdateSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UpdateSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RenameSecret gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public void renameSecret(io.stepwell.v1.RenameSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RenameSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRenameSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteSecret removes a secret with its values. FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public void deleteSecret(io.stepwell.v1.DeleteSecretRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.DeleteSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSecretBackend answers where new secrets are kept and whether that can be used now.
     * </pre>
     */
    public void getSecretBackend(io.stepwell.v1.GetSecretBackendRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetSecretBackendResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSecretBackendMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SetSecretBackend moves all secrets to a backend, all or none, and keeps new ones there.
     * </pre>
     */
    public void setSecretBackend(io.stepwell.v1.SetSecretBackendRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.SetSecretBackendResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetSecretBackendMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SealVault puts the vault's key under a passphrase, or under another one; this daemon keeps it open,
     * the next one has to be given the passphrase. INVALID_ARGUMENT STEPWELL_PASSPHRASE_INVALID;
     * FAILED_PRECONDITION STEPWELL_VAULT_LOCKED; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    public void sealVault(io.stepwell.v1.SealVaultRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.SealVaultResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSealVaultMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UnsealVault puts the vault's key back into a plain file. FAILED_PRECONDITION STEPWELL_VAULT_LOCKED.
     * </pre>
     */
    public void unsealVault(io.stepwell.v1.UnsealVaultRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UnsealVaultResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUnsealVaultMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UnlockVault opens the vault until the daemon ends; lanes that waited for it go on.
     * FAILED_PRECONDITION STEPWELL_PASSPHRASE_WRONG; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    public void unlockVault(io.stepwell.v1.UnlockVaultRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UnlockVaultResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUnlockVaultMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SecretsService.
   * <pre>
   * SecretsService owns secrets. Values are in the keychain or the vault, never in the state store.
   * What needs a value fails with FAILED_PRECONDITION STEPWELL_KEYCHAIN_LOCKED,
   * STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED or STEPWELL_VAULT_DAMAGED when it can't be had.
   * </pre>
   */
  public static final class SecretsServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SecretsServiceBlockingV2Stub> {
    private SecretsServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretsServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretsServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret adds a secret. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * INVALID_ARGUMENT STEPWELL_SECRET_INVALID.
     * </pre>
     */
    public io.stepwell.v1.CreateSecretResponse createSecret(io.stepwell.v1.CreateSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecrets answers all secrets, by name, without values.
     * </pre>
     */
    public io.stepwell.v1.ListSecretsResponse listSecrets(io.stepwell.v1.ListSecretsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecret answers one secret. NOT_FOUND STEPWELL_SECRET_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetSecretResponse getSecret(io.stepwell.v1.GetSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretUses answers the settings that refer to a secret, also to one that was deleted by force.
     * NOT_FOUND STEPWELL_SECRET_UNKNOWN where there is neither.
     * </pre>
     */
    public io.stepwell.v1.ListSecretUsesResponse listSecretUses(io.stepwell.v1.ListSecretUsesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSecretUsesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateSecret merges and removes keys; the next flush uses what is new. NOT_FOUND
     * STEPWELL_SECRET_KEY_UNKNOWN; FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public io.stepwell.v1.UpdateSecretResponse updateSecret(io.stepwell.v1.UpdateSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenameSecret gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public io.stepwell.v1.RenameSecretResponse renameSecret(io.stepwell.v1.RenameSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRenameSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSecret removes a secret with its values. FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public io.stepwell.v1.DeleteSecretResponse deleteSecret(io.stepwell.v1.DeleteSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecretBackend answers where new secrets are kept and whether that can be used now.
     * </pre>
     */
    public io.stepwell.v1.GetSecretBackendResponse getSecretBackend(io.stepwell.v1.GetSecretBackendRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSecretBackendMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetSecretBackend moves all secrets to a backend, all or none, and keeps new ones there.
     * </pre>
     */
    public io.stepwell.v1.SetSecretBackendResponse setSecretBackend(io.stepwell.v1.SetSecretBackendRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetSecretBackendMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SealVault puts the vault's key under a passphrase, or under another one; this daemon keeps it open,
     * the next one has to be given the passphrase. INVALID_ARGUMENT STEPWELL_PASSPHRASE_INVALID;
     * FAILED_PRECONDITION STEPWELL_VAULT_LOCKED; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    public io.stepwell.v1.SealVaultResponse sealVault(io.stepwell.v1.SealVaultRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSealVaultMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UnsealVault puts the vault's key back into a plain file. FAILED_PRECONDITION STEPWELL_VAULT_LOCKED.
     * </pre>
     */
    public io.stepwell.v1.UnsealVaultResponse unsealVault(io.stepwell.v1.UnsealVaultRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUnsealVaultMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UnlockVault opens the vault until the daemon ends; lanes that waited for it go on.
     * FAILED_PRECONDITION STEPWELL_PASSPHRASE_WRONG; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    public io.stepwell.v1.UnlockVaultResponse unlockVault(io.stepwell.v1.UnlockVaultRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUnlockVaultMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SecretsService.
   * <pre>
   * SecretsService owns secrets. Values are in the keychain or the vault, never in the state store.
   * What needs a value fails with FAILED_PRECONDITION STEPWELL_KEYCHAIN_LOCKED,
   * STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED or STEPWELL_VAULT_DAMAGED when it can't be had.
   * </pre>
   */
  public static final class SecretsServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SecretsServiceBlockingStub> {
    private SecretsServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretsServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretsServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret adds a secret. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * INVALID_ARGUMENT STEPWELL_SECRET_INVALID.
     * </pre>
     */
    public io.stepwell.v1.CreateSecretResponse createSecret(io.stepwell.v1.CreateSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecrets answers all secrets, by name, without values.
     * </pre>
     */
    public io.stepwell.v1.ListSecretsResponse listSecrets(io.stepwell.v1.ListSecretsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecret answers one secret. NOT_FOUND STEPWELL_SECRET_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetSecretResponse getSecret(io.stepwell.v1.GetSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretUses answers the settings that refer to a secret, also to one that was deleted by force.
     * NOT_FOUND STEPWELL_SECRET_UNKNOWN where there is neither.
     * </pre>
     */
    public io.stepwell.v1.ListSecretUsesResponse listSecretUses(io.stepwell.v1.ListSecretUsesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSecretUsesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateSecret merges and removes keys; the next flush uses what is new. NOT_FOUND
     * STEPWELL_SECRET_KEY_UNKNOWN; FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public io.stepwell.v1.UpdateSecretResponse updateSecret(io.stepwell.v1.UpdateSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenameSecret gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public io.stepwell.v1.RenameSecretResponse renameSecret(io.stepwell.v1.RenameSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRenameSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSecret removes a secret with its values. FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public io.stepwell.v1.DeleteSecretResponse deleteSecret(io.stepwell.v1.DeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecretBackend answers where new secrets are kept and whether that can be used now.
     * </pre>
     */
    public io.stepwell.v1.GetSecretBackendResponse getSecretBackend(io.stepwell.v1.GetSecretBackendRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSecretBackendMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetSecretBackend moves all secrets to a backend, all or none, and keeps new ones there.
     * </pre>
     */
    public io.stepwell.v1.SetSecretBackendResponse setSecretBackend(io.stepwell.v1.SetSecretBackendRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetSecretBackendMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SealVault puts the vault's key under a passphrase, or under another one; this daemon keeps it open,
     * the next one has to be given the passphrase. INVALID_ARGUMENT STEPWELL_PASSPHRASE_INVALID;
     * FAILED_PRECONDITION STEPWELL_VAULT_LOCKED; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    public io.stepwell.v1.SealVaultResponse sealVault(io.stepwell.v1.SealVaultRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSealVaultMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UnsealVault puts the vault's key back into a plain file. FAILED_PRECONDITION STEPWELL_VAULT_LOCKED.
     * </pre>
     */
    public io.stepwell.v1.UnsealVaultResponse unsealVault(io.stepwell.v1.UnsealVaultRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUnsealVaultMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UnlockVault opens the vault until the daemon ends; lanes that waited for it go on.
     * FAILED_PRECONDITION STEPWELL_PASSPHRASE_WRONG; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    public io.stepwell.v1.UnlockVaultResponse unlockVault(io.stepwell.v1.UnlockVaultRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUnlockVaultMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SecretsService.
   * <pre>
   * SecretsService owns secrets. Values are in the keychain or the vault, never in the state store.
   * What needs a value fails with FAILED_PRECONDITION STEPWELL_KEYCHAIN_LOCKED,
   * STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED or STEPWELL_VAULT_DAMAGED when it can't be had.
   * </pre>
   */
  public static final class SecretsServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SecretsServiceFutureStub> {
    private SecretsServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretsServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretsServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret adds a secret. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * INVALID_ARGUMENT STEPWELL_SECRET_INVALID.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.CreateSecretResponse> createSecret(
        io.stepwell.v1.CreateSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSecrets answers all secrets, by name, without values.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.ListSecretsResponse> listSecrets(
        io.stepwell.v1.ListSecretsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSecretsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSecret answers one secret. NOT_FOUND STEPWELL_SECRET_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetSecretResponse> getSecret(
        io.stepwell.v1.GetSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSecretUses answers the settings that refer to a secret, also to one that was deleted by force.
     * NOT_FOUND STEPWELL_SECRET_UNKNOWN where there is neither.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.ListSecretUsesResponse> listSecretUses(
        io.stepwell.v1.ListSecretUsesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSecretUsesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateSecret merges and removes keys; the next flush uses what is new. NOT_FOUND
     * STEPWELL_SECRET_KEY_UNKNOWN; FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.UpdateSecretResponse> updateSecret(
        io.stepwell.v1.UpdateSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RenameSecret gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.RenameSecretResponse> renameSecret(
        io.stepwell.v1.RenameSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRenameSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteSecret removes a secret with its values. FAILED_PRECONDITION STEPWELL_SECRET_IN_USE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.DeleteSecretResponse> deleteSecret(
        io.stepwell.v1.DeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSecretBackend answers where new secrets are kept and whether that can be used now.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetSecretBackendResponse> getSecretBackend(
        io.stepwell.v1.GetSecretBackendRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSecretBackendMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SetSecretBackend moves all secrets to a backend, all or none, and keeps new ones there.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.SetSecretBackendResponse> setSecretBackend(
        io.stepwell.v1.SetSecretBackendRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetSecretBackendMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SealVault puts the vault's key under a passphrase, or under another one; this daemon keeps it open,
     * the next one has to be given the passphrase. INVALID_ARGUMENT STEPWELL_PASSPHRASE_INVALID;
     * FAILED_PRECONDITION STEPWELL_VAULT_LOCKED; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.SealVaultResponse> sealVault(
        io.stepwell.v1.SealVaultRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSealVaultMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UnsealVault puts the vault's key back into a plain file. FAILED_PRECONDITION STEPWELL_VAULT_LOCKED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.UnsealVaultResponse> unsealVault(
        io.stepwell.v1.UnsealVaultRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUnsealVaultMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UnlockVault opens the vault until the daemon ends; lanes that waited for it go on.
     * FAILED_PRECONDITION STEPWELL_PASSPHRASE_WRONG; UNAVAILABLE STEPWELL_PASSPHRASE_UNTRIED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.UnlockVaultResponse> unlockVault(
        io.stepwell.v1.UnlockVaultRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUnlockVaultMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_SECRET = 0;
  private static final int METHODID_LIST_SECRETS = 1;
  private static final int METHODID_GET_SECRET = 2;
  private static final int METHODID_LIST_SECRET_USES = 3;
  private static final int METHODID_UPDATE_SECRET = 4;
  private static final int METHODID_RENAME_SECRET = 5;
  private static final int METHODID_DELETE_SECRET = 6;
  private static final int METHODID_GET_SECRET_BACKEND = 7;
  private static final int METHODID_SET_SECRET_BACKEND = 8;
  private static final int METHODID_SEAL_VAULT = 9;
  private static final int METHODID_UNSEAL_VAULT = 10;
  private static final int METHODID_UNLOCK_VAULT = 11;

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
        case METHODID_CREATE_SECRET:
          serviceImpl.createSecret((io.stepwell.v1.CreateSecretRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.CreateSecretResponse>) responseObserver);
          break;
        case METHODID_LIST_SECRETS:
          serviceImpl.listSecrets((io.stepwell.v1.ListSecretsRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ListSecretsResponse>) responseObserver);
          break;
        case METHODID_GET_SECRET:
          serviceImpl.getSecret((io.stepwell.v1.GetSecretRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetSecretResponse>) responseObserver);
          break;
        case METHODID_LIST_SECRET_USES:
          serviceImpl.listSecretUses((io.stepwell.v1.ListSecretUsesRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ListSecretUsesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SECRET:
          serviceImpl.updateSecret((io.stepwell.v1.UpdateSecretRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.UpdateSecretResponse>) responseObserver);
          break;
        case METHODID_RENAME_SECRET:
          serviceImpl.renameSecret((io.stepwell.v1.RenameSecretRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.RenameSecretResponse>) responseObserver);
          break;
        case METHODID_DELETE_SECRET:
          serviceImpl.deleteSecret((io.stepwell.v1.DeleteSecretRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.DeleteSecretResponse>) responseObserver);
          break;
        case METHODID_GET_SECRET_BACKEND:
          serviceImpl.getSecretBackend((io.stepwell.v1.GetSecretBackendRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetSecretBackendResponse>) responseObserver);
          break;
        case METHODID_SET_SECRET_BACKEND:
          serviceImpl.setSecretBackend((io.stepwell.v1.SetSecretBackendRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.SetSecretBackendResponse>) responseObserver);
          break;
        case METHODID_SEAL_VAULT:
          serviceImpl.sealVault((io.stepwell.v1.SealVaultRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.SealVaultResponse>) responseObserver);
          break;
        case METHODID_UNSEAL_VAULT:
          serviceImpl.unsealVault((io.stepwell.v1.UnsealVaultRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.UnsealVaultResponse>) responseObserver);
          break;
        case METHODID_UNLOCK_VAULT:
          serviceImpl.unlockVault((io.stepwell.v1.UnlockVaultRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.UnlockVaultResponse>) responseObserver);
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
          getCreateSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.CreateSecretRequest,
              io.stepwell.v1.CreateSecretResponse>(
                service, METHODID_CREATE_SECRET)))
        .addMethod(
          getListSecretsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.ListSecretsRequest,
              io.stepwell.v1.ListSecretsResponse>(
                service, METHODID_LIST_SECRETS)))
        .addMethod(
          getGetSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetSecretRequest,
              io.stepwell.v1.GetSecretResponse>(
                service, METHODID_GET_SECRET)))
        .addMethod(
          getListSecretUsesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.ListSecretUsesRequest,
              io.stepwell.v1.ListSecretUsesResponse>(
                service, METHODID_LIST_SECRET_USES)))
        .addMethod(
          getUpdateSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.UpdateSecretRequest,
              io.stepwell.v1.UpdateSecretResponse>(
                service, METHODID_UPDATE_SECRET)))
        .addMethod(
          getRenameSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.RenameSecretRequest,
              io.stepwell.v1.RenameSecretResponse>(
                service, METHODID_RENAME_SECRET)))
        .addMethod(
          getDeleteSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.DeleteSecretRequest,
              io.stepwell.v1.DeleteSecretResponse>(
                service, METHODID_DELETE_SECRET)))
        .addMethod(
          getGetSecretBackendMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetSecretBackendRequest,
              io.stepwell.v1.GetSecretBackendResponse>(
                service, METHODID_GET_SECRET_BACKEND)))
        .addMethod(
          getSetSecretBackendMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.SetSecretBackendRequest,
              io.stepwell.v1.SetSecretBackendResponse>(
                service, METHODID_SET_SECRET_BACKEND)))
        .addMethod(
          getSealVaultMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.SealVaultRequest,
              io.stepwell.v1.SealVaultResponse>(
                service, METHODID_SEAL_VAULT)))
        .addMethod(
          getUnsealVaultMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.UnsealVaultRequest,
              io.stepwell.v1.UnsealVaultResponse>(
                service, METHODID_UNSEAL_VAULT)))
        .addMethod(
          getUnlockVaultMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.UnlockVaultRequest,
              io.stepwell.v1.UnlockVaultResponse>(
                service, METHODID_UNLOCK_VAULT)))
        .build();
  }

  private static abstract class SecretsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SecretsServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.stepwell.v1.Secrets.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SecretsService");
    }
  }

  private static final class SecretsServiceFileDescriptorSupplier
      extends SecretsServiceBaseDescriptorSupplier {
    SecretsServiceFileDescriptorSupplier() {}
  }

  private static final class SecretsServiceMethodDescriptorSupplier
      extends SecretsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SecretsServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (SecretsServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SecretsServiceFileDescriptorSupplier())
              .addMethod(getCreateSecretMethod())
              .addMethod(getListSecretsMethod())
              .addMethod(getGetSecretMethod())
              .addMethod(getListSecretUsesMethod())
              .addMethod(getUpdateSecretMethod())
              .addMethod(getRenameSecretMethod())
              .addMethod(getDeleteSecretMethod())
              .addMethod(getGetSecretBackendMethod())
              .addMethod(getSetSecretBackendMethod())
              .addMethod(getSealVaultMethod())
              .addMethod(getUnsealVaultMethod())
              .addMethod(getUnlockVaultMethod())
              .build();
        }
      }
    }
    return result;
  }
}

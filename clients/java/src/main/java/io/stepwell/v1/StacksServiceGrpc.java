package io.stepwell.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * StacksService owns components and the stacks that are made of them.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class StacksServiceGrpc {

  private StacksServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "stepwell.v1.StacksService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.RegisterComponentRequest,
      io.stepwell.v1.RegisterComponentResponse> getRegisterComponentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RegisterComponent",
      requestType = io.stepwell.v1.RegisterComponentRequest.class,
      responseType = io.stepwell.v1.RegisterComponentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.RegisterComponentRequest,
      io.stepwell.v1.RegisterComponentResponse> getRegisterComponentMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.RegisterComponentRequest, io.stepwell.v1.RegisterComponentResponse> getRegisterComponentMethod;
    if ((getRegisterComponentMethod = StacksServiceGrpc.getRegisterComponentMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getRegisterComponentMethod = StacksServiceGrpc.getRegisterComponentMethod) == null) {
          StacksServiceGrpc.getRegisterComponentMethod = getRegisterComponentMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.RegisterComponentRequest, io.stepwell.v1.RegisterComponentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RegisterComponent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RegisterComponentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RegisterComponentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("RegisterComponent"))
              .build();
        }
      }
    }
    return getRegisterComponentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ListComponentsRequest,
      io.stepwell.v1.ListComponentsResponse> getListComponentsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListComponents",
      requestType = io.stepwell.v1.ListComponentsRequest.class,
      responseType = io.stepwell.v1.ListComponentsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ListComponentsRequest,
      io.stepwell.v1.ListComponentsResponse> getListComponentsMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ListComponentsRequest, io.stepwell.v1.ListComponentsResponse> getListComponentsMethod;
    if ((getListComponentsMethod = StacksServiceGrpc.getListComponentsMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getListComponentsMethod = StacksServiceGrpc.getListComponentsMethod) == null) {
          StacksServiceGrpc.getListComponentsMethod = getListComponentsMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ListComponentsRequest, io.stepwell.v1.ListComponentsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListComponents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListComponentsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListComponentsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("ListComponents"))
              .build();
        }
      }
    }
    return getListComponentsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.RegisterStackRequest,
      io.stepwell.v1.RegisterStackResponse> getRegisterStackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RegisterStack",
      requestType = io.stepwell.v1.RegisterStackRequest.class,
      responseType = io.stepwell.v1.RegisterStackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.RegisterStackRequest,
      io.stepwell.v1.RegisterStackResponse> getRegisterStackMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.RegisterStackRequest, io.stepwell.v1.RegisterStackResponse> getRegisterStackMethod;
    if ((getRegisterStackMethod = StacksServiceGrpc.getRegisterStackMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getRegisterStackMethod = StacksServiceGrpc.getRegisterStackMethod) == null) {
          StacksServiceGrpc.getRegisterStackMethod = getRegisterStackMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.RegisterStackRequest, io.stepwell.v1.RegisterStackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RegisterStack"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RegisterStackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RegisterStackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("RegisterStack"))
              .build();
        }
      }
    }
    return getRegisterStackMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ListStacksRequest,
      io.stepwell.v1.ListStacksResponse> getListStacksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListStacks",
      requestType = io.stepwell.v1.ListStacksRequest.class,
      responseType = io.stepwell.v1.ListStacksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ListStacksRequest,
      io.stepwell.v1.ListStacksResponse> getListStacksMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ListStacksRequest, io.stepwell.v1.ListStacksResponse> getListStacksMethod;
    if ((getListStacksMethod = StacksServiceGrpc.getListStacksMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getListStacksMethod = StacksServiceGrpc.getListStacksMethod) == null) {
          StacksServiceGrpc.getListStacksMethod = getListStacksMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ListStacksRequest, io.stepwell.v1.ListStacksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListStacks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListStacksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ListStacksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("ListStacks"))
              .build();
        }
      }
    }
    return getListStacksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.SetActiveStackRequest,
      io.stepwell.v1.SetActiveStackResponse> getSetActiveStackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetActiveStack",
      requestType = io.stepwell.v1.SetActiveStackRequest.class,
      responseType = io.stepwell.v1.SetActiveStackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.SetActiveStackRequest,
      io.stepwell.v1.SetActiveStackResponse> getSetActiveStackMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.SetActiveStackRequest, io.stepwell.v1.SetActiveStackResponse> getSetActiveStackMethod;
    if ((getSetActiveStackMethod = StacksServiceGrpc.getSetActiveStackMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getSetActiveStackMethod = StacksServiceGrpc.getSetActiveStackMethod) == null) {
          StacksServiceGrpc.getSetActiveStackMethod = getSetActiveStackMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.SetActiveStackRequest, io.stepwell.v1.SetActiveStackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetActiveStack"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.SetActiveStackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.SetActiveStackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("SetActiveStack"))
              .build();
        }
      }
    }
    return getSetActiveStackMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetComponentRequest,
      io.stepwell.v1.GetComponentResponse> getGetComponentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetComponent",
      requestType = io.stepwell.v1.GetComponentRequest.class,
      responseType = io.stepwell.v1.GetComponentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetComponentRequest,
      io.stepwell.v1.GetComponentResponse> getGetComponentMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetComponentRequest, io.stepwell.v1.GetComponentResponse> getGetComponentMethod;
    if ((getGetComponentMethod = StacksServiceGrpc.getGetComponentMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getGetComponentMethod = StacksServiceGrpc.getGetComponentMethod) == null) {
          StacksServiceGrpc.getGetComponentMethod = getGetComponentMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetComponentRequest, io.stepwell.v1.GetComponentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetComponent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetComponentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetComponentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("GetComponent"))
              .build();
        }
      }
    }
    return getGetComponentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.UpdateComponentRequest,
      io.stepwell.v1.UpdateComponentResponse> getUpdateComponentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateComponent",
      requestType = io.stepwell.v1.UpdateComponentRequest.class,
      responseType = io.stepwell.v1.UpdateComponentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.UpdateComponentRequest,
      io.stepwell.v1.UpdateComponentResponse> getUpdateComponentMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.UpdateComponentRequest, io.stepwell.v1.UpdateComponentResponse> getUpdateComponentMethod;
    if ((getUpdateComponentMethod = StacksServiceGrpc.getUpdateComponentMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getUpdateComponentMethod = StacksServiceGrpc.getUpdateComponentMethod) == null) {
          StacksServiceGrpc.getUpdateComponentMethod = getUpdateComponentMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.UpdateComponentRequest, io.stepwell.v1.UpdateComponentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateComponent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UpdateComponentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UpdateComponentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("UpdateComponent"))
              .build();
        }
      }
    }
    return getUpdateComponentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.RenameComponentRequest,
      io.stepwell.v1.RenameComponentResponse> getRenameComponentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RenameComponent",
      requestType = io.stepwell.v1.RenameComponentRequest.class,
      responseType = io.stepwell.v1.RenameComponentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.RenameComponentRequest,
      io.stepwell.v1.RenameComponentResponse> getRenameComponentMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.RenameComponentRequest, io.stepwell.v1.RenameComponentResponse> getRenameComponentMethod;
    if ((getRenameComponentMethod = StacksServiceGrpc.getRenameComponentMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getRenameComponentMethod = StacksServiceGrpc.getRenameComponentMethod) == null) {
          StacksServiceGrpc.getRenameComponentMethod = getRenameComponentMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.RenameComponentRequest, io.stepwell.v1.RenameComponentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RenameComponent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RenameComponentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RenameComponentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("RenameComponent"))
              .build();
        }
      }
    }
    return getRenameComponentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.CopyComponentRequest,
      io.stepwell.v1.CopyComponentResponse> getCopyComponentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CopyComponent",
      requestType = io.stepwell.v1.CopyComponentRequest.class,
      responseType = io.stepwell.v1.CopyComponentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.CopyComponentRequest,
      io.stepwell.v1.CopyComponentResponse> getCopyComponentMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.CopyComponentRequest, io.stepwell.v1.CopyComponentResponse> getCopyComponentMethod;
    if ((getCopyComponentMethod = StacksServiceGrpc.getCopyComponentMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getCopyComponentMethod = StacksServiceGrpc.getCopyComponentMethod) == null) {
          StacksServiceGrpc.getCopyComponentMethod = getCopyComponentMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.CopyComponentRequest, io.stepwell.v1.CopyComponentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CopyComponent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.CopyComponentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.CopyComponentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("CopyComponent"))
              .build();
        }
      }
    }
    return getCopyComponentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.DeleteComponentRequest,
      io.stepwell.v1.DeleteComponentResponse> getDeleteComponentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteComponent",
      requestType = io.stepwell.v1.DeleteComponentRequest.class,
      responseType = io.stepwell.v1.DeleteComponentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.DeleteComponentRequest,
      io.stepwell.v1.DeleteComponentResponse> getDeleteComponentMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.DeleteComponentRequest, io.stepwell.v1.DeleteComponentResponse> getDeleteComponentMethod;
    if ((getDeleteComponentMethod = StacksServiceGrpc.getDeleteComponentMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getDeleteComponentMethod = StacksServiceGrpc.getDeleteComponentMethod) == null) {
          StacksServiceGrpc.getDeleteComponentMethod = getDeleteComponentMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.DeleteComponentRequest, io.stepwell.v1.DeleteComponentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteComponent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.DeleteComponentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.DeleteComponentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("DeleteComponent"))
              .build();
        }
      }
    }
    return getDeleteComponentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.GetStackRequest,
      io.stepwell.v1.GetStackResponse> getGetStackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetStack",
      requestType = io.stepwell.v1.GetStackRequest.class,
      responseType = io.stepwell.v1.GetStackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.GetStackRequest,
      io.stepwell.v1.GetStackResponse> getGetStackMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.GetStackRequest, io.stepwell.v1.GetStackResponse> getGetStackMethod;
    if ((getGetStackMethod = StacksServiceGrpc.getGetStackMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getGetStackMethod = StacksServiceGrpc.getGetStackMethod) == null) {
          StacksServiceGrpc.getGetStackMethod = getGetStackMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.GetStackRequest, io.stepwell.v1.GetStackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetStack"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetStackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.GetStackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("GetStack"))
              .build();
        }
      }
    }
    return getGetStackMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.UpdateStackRequest,
      io.stepwell.v1.UpdateStackResponse> getUpdateStackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateStack",
      requestType = io.stepwell.v1.UpdateStackRequest.class,
      responseType = io.stepwell.v1.UpdateStackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.UpdateStackRequest,
      io.stepwell.v1.UpdateStackResponse> getUpdateStackMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.UpdateStackRequest, io.stepwell.v1.UpdateStackResponse> getUpdateStackMethod;
    if ((getUpdateStackMethod = StacksServiceGrpc.getUpdateStackMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getUpdateStackMethod = StacksServiceGrpc.getUpdateStackMethod) == null) {
          StacksServiceGrpc.getUpdateStackMethod = getUpdateStackMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.UpdateStackRequest, io.stepwell.v1.UpdateStackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateStack"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UpdateStackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.UpdateStackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("UpdateStack"))
              .build();
        }
      }
    }
    return getUpdateStackMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.RenameStackRequest,
      io.stepwell.v1.RenameStackResponse> getRenameStackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RenameStack",
      requestType = io.stepwell.v1.RenameStackRequest.class,
      responseType = io.stepwell.v1.RenameStackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.RenameStackRequest,
      io.stepwell.v1.RenameStackResponse> getRenameStackMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.RenameStackRequest, io.stepwell.v1.RenameStackResponse> getRenameStackMethod;
    if ((getRenameStackMethod = StacksServiceGrpc.getRenameStackMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getRenameStackMethod = StacksServiceGrpc.getRenameStackMethod) == null) {
          StacksServiceGrpc.getRenameStackMethod = getRenameStackMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.RenameStackRequest, io.stepwell.v1.RenameStackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RenameStack"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RenameStackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.RenameStackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("RenameStack"))
              .build();
        }
      }
    }
    return getRenameStackMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.CopyStackRequest,
      io.stepwell.v1.CopyStackResponse> getCopyStackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CopyStack",
      requestType = io.stepwell.v1.CopyStackRequest.class,
      responseType = io.stepwell.v1.CopyStackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.CopyStackRequest,
      io.stepwell.v1.CopyStackResponse> getCopyStackMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.CopyStackRequest, io.stepwell.v1.CopyStackResponse> getCopyStackMethod;
    if ((getCopyStackMethod = StacksServiceGrpc.getCopyStackMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getCopyStackMethod = StacksServiceGrpc.getCopyStackMethod) == null) {
          StacksServiceGrpc.getCopyStackMethod = getCopyStackMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.CopyStackRequest, io.stepwell.v1.CopyStackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CopyStack"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.CopyStackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.CopyStackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("CopyStack"))
              .build();
        }
      }
    }
    return getCopyStackMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.DeleteStackRequest,
      io.stepwell.v1.DeleteStackResponse> getDeleteStackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteStack",
      requestType = io.stepwell.v1.DeleteStackRequest.class,
      responseType = io.stepwell.v1.DeleteStackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.DeleteStackRequest,
      io.stepwell.v1.DeleteStackResponse> getDeleteStackMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.DeleteStackRequest, io.stepwell.v1.DeleteStackResponse> getDeleteStackMethod;
    if ((getDeleteStackMethod = StacksServiceGrpc.getDeleteStackMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getDeleteStackMethod = StacksServiceGrpc.getDeleteStackMethod) == null) {
          StacksServiceGrpc.getDeleteStackMethod = getDeleteStackMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.DeleteStackRequest, io.stepwell.v1.DeleteStackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteStack"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.DeleteStackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.DeleteStackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("DeleteStack"))
              .build();
        }
      }
    }
    return getDeleteStackMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ImportStackRequest,
      io.stepwell.v1.ImportStackResponse> getImportStackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ImportStack",
      requestType = io.stepwell.v1.ImportStackRequest.class,
      responseType = io.stepwell.v1.ImportStackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ImportStackRequest,
      io.stepwell.v1.ImportStackResponse> getImportStackMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ImportStackRequest, io.stepwell.v1.ImportStackResponse> getImportStackMethod;
    if ((getImportStackMethod = StacksServiceGrpc.getImportStackMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getImportStackMethod = StacksServiceGrpc.getImportStackMethod) == null) {
          StacksServiceGrpc.getImportStackMethod = getImportStackMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ImportStackRequest, io.stepwell.v1.ImportStackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ImportStack"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ImportStackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ImportStackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("ImportStack"))
              .build();
        }
      }
    }
    return getImportStackMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.stepwell.v1.ValidateStackRequest,
      io.stepwell.v1.ValidateStackResponse> getValidateStackMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ValidateStack",
      requestType = io.stepwell.v1.ValidateStackRequest.class,
      responseType = io.stepwell.v1.ValidateStackResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.stepwell.v1.ValidateStackRequest,
      io.stepwell.v1.ValidateStackResponse> getValidateStackMethod() {
    io.grpc.MethodDescriptor<io.stepwell.v1.ValidateStackRequest, io.stepwell.v1.ValidateStackResponse> getValidateStackMethod;
    if ((getValidateStackMethod = StacksServiceGrpc.getValidateStackMethod) == null) {
      synchronized (StacksServiceGrpc.class) {
        if ((getValidateStackMethod = StacksServiceGrpc.getValidateStackMethod) == null) {
          StacksServiceGrpc.getValidateStackMethod = getValidateStackMethod =
              io.grpc.MethodDescriptor.<io.stepwell.v1.ValidateStackRequest, io.stepwell.v1.ValidateStackResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ValidateStack"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ValidateStackRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.stepwell.v1.ValidateStackResponse.getDefaultInstance()))
              .setSchemaDescriptor(new StacksServiceMethodDescriptorSupplier("ValidateStack"))
              .build();
        }
      }
    }
    return getValidateStackMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static StacksServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StacksServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StacksServiceStub>() {
        @java.lang.Override
        public StacksServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StacksServiceStub(channel, callOptions);
        }
      };
    return StacksServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static StacksServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StacksServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StacksServiceBlockingV2Stub>() {
        @java.lang.Override
        public StacksServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StacksServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return StacksServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static StacksServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StacksServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StacksServiceBlockingStub>() {
        @java.lang.Override
        public StacksServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StacksServiceBlockingStub(channel, callOptions);
        }
      };
    return StacksServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static StacksServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<StacksServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<StacksServiceFutureStub>() {
        @java.lang.Override
        public StacksServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new StacksServiceFutureStub(channel, callOptions);
        }
      };
    return StacksServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * StacksService owns components and the stacks that are made of them.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * RegisterComponent adds a component. A credential in plain text is moved into a secret.
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN; INVALID_ARGUMENT STEPWELL_CONFIG_INVALID.
     * </pre>
     */
    default void registerComponent(io.stepwell.v1.RegisterComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RegisterComponentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRegisterComponentMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListComponents answers components of a type in pieces, all as they were when it was called.
     * INVALID_ARGUMENT STEPWELL_FILTER_INVALID.
     * </pre>
     */
    default void listComponents(io.stepwell.v1.ListComponentsRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListComponentsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListComponentsMethod(), responseObserver);
    }

    /**
     * <pre>
     * RegisterStack adds a stack. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN;
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    default void registerStack(io.stepwell.v1.RegisterStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RegisterStackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRegisterStackMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListStacks answers stacks in pieces, all as they were when it was called.
     * INVALID_ARGUMENT STEPWELL_FILTER_INVALID.
     * </pre>
     */
    default void listStacks(io.stepwell.v1.ListStacksRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListStacksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListStacksMethod(), responseObserver);
    }

    /**
     * <pre>
     * SetActiveStack makes a stack the active one. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    default void setActiveStack(io.stepwell.v1.SetActiveStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.SetActiveStackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetActiveStackMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetComponent answers one component and the stacks it is in. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    default void getComponent(io.stepwell.v1.GetComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetComponentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetComponentMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateComponent merges settings and labels; a credential in plain text is moved into a secret. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * INVALID_ARGUMENT STEPWELL_CONFIG_INVALID. Runs that go on keep the backend they began with.
     * </pre>
     */
    default void updateComponent(io.stepwell.v1.UpdateComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UpdateComponentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateComponentMethod(), responseObserver);
    }

    /**
     * <pre>
     * RenameComponent gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    default void renameComponent(io.stepwell.v1.RenameComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RenameComponentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRenameComponentMethod(), responseObserver);
    }

    /**
     * <pre>
     * CopyComponent adds one with the same flavor, settings and labels. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    default void copyComponent(io.stepwell.v1.CopyComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.CopyComponentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCopyComponentMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteComponent removes one that no stack holds. FAILED_PRECONDITION STEPWELL_COMPONENT_IN_USE
     * or STEPWELL_DEFAULT_FIXED. Runs that go on keep the backend they began with.
     * </pre>
     */
    default void deleteComponent(io.stepwell.v1.DeleteComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.DeleteComponentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteComponentMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetStack answers one stack. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    default void getStack(io.stepwell.v1.GetStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetStackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetStackMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateStack replaces parts of a stack. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    default void updateStack(io.stepwell.v1.UpdateStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UpdateStackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateStackMethod(), responseObserver);
    }

    /**
     * <pre>
     * RenameStack gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    default void renameStack(io.stepwell.v1.RenameStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RenameStackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRenameStackMethod(), responseObserver);
    }

    /**
     * <pre>
     * CopyStack adds a stack with the same components. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    default void copyStack(io.stepwell.v1.CopyStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.CopyStackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCopyStackMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteStack removes a stack. FAILED_PRECONDITION STEPWELL_STACK_ACTIVE or STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    default void deleteStack(io.stepwell.v1.DeleteStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.DeleteStackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteStackMethod(), responseObserver);
    }

    /**
     * <pre>
     * ImportStack adds a stack with its components in one change; those that are there already with
     * the same flavor and settings are used as they are. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    default void importStack(io.stepwell.v1.ImportStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ImportStackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getImportStackMethod(), responseObserver);
    }

    /**
     * <pre>
     * ValidateStack says what would keep runs of a stack from being delivered.
     * </pre>
     */
    default void validateStack(io.stepwell.v1.ValidateStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ValidateStackResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getValidateStackMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service StacksService.
   * <pre>
   * StacksService owns components and the stacks that are made of them.
   * </pre>
   */
  public static abstract class StacksServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return StacksServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service StacksService.
   * <pre>
   * StacksService owns components and the stacks that are made of them.
   * </pre>
   */
  public static final class StacksServiceStub
      extends io.grpc.stub.AbstractAsyncStub<StacksServiceStub> {
    private StacksServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StacksServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StacksServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * RegisterComponent adds a component. A credential in plain text is moved into a secret.
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN; INVALID_ARGUMENT STEPWELL_CONFIG_INVALID.
     * </pre>
     */
    public void registerComponent(io.stepwell.v1.RegisterComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RegisterComponentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRegisterComponentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListComponents answers components of a type in pieces, all as they were when it was called.
     * INVALID_ARGUMENT STEPWELL_FILTER_INVALID.
     * </pre>
     */
    public void listComponents(io.stepwell.v1.ListComponentsRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListComponentsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getListComponentsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RegisterStack adds a stack. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN;
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public void registerStack(io.stepwell.v1.RegisterStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RegisterStackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRegisterStackMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListStacks answers stacks in pieces, all as they were when it was called.
     * INVALID_ARGUMENT STEPWELL_FILTER_INVALID.
     * </pre>
     */
    public void listStacks(io.stepwell.v1.ListStacksRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ListStacksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getListStacksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SetActiveStack makes a stack the active one. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    public void setActiveStack(io.stepwell.v1.SetActiveStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.SetActiveStackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetActiveStackMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetComponent answers one component and the stacks it is in. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public void getComponent(io.stepwell.v1.GetComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetComponentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetComponentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateComponent merges settings and labels; a credential in plain text is moved into a secret. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * INVALID_ARGUMENT STEPWELL_CONFIG_INVALID. Runs that go on keep the backend they began with.
     * </pre>
     */
    public void updateComponent(io.stepwell.v1.UpdateComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UpdateComponentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateComponentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RenameComponent gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public void renameComponent(io.stepwell.v1.RenameComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RenameComponentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRenameComponentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CopyComponent adds one with the same flavor, settings and labels. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public void copyComponent(io.stepwell.v1.CopyComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.CopyComponentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCopyComponentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteComponent removes one that no stack holds. FAILED_PRECONDITION STEPWELL_COMPONENT_IN_USE
     * or STEPWELL_DEFAULT_FIXED. Runs that go on keep the backend they began with.
     * </pre>
     */
    public void deleteComponent(io.stepwell.v1.DeleteComponentRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.DeleteComponentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteComponentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetStack answers one stack. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    public void getStack(io.stepwell.v1.GetStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.GetStackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetStackMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateStack replaces parts of a stack. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public void updateStack(io.stepwell.v1.UpdateStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.UpdateStackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateStackMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RenameStack gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public void renameStack(io.stepwell.v1.RenameStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.RenameStackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRenameStackMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CopyStack adds a stack with the same components. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public void copyStack(io.stepwell.v1.CopyStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.CopyStackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCopyStackMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteStack removes a stack. FAILED_PRECONDITION STEPWELL_STACK_ACTIVE or STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public void deleteStack(io.stepwell.v1.DeleteStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.DeleteStackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteStackMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ImportStack adds a stack with its components in one change; those that are there already with
     * the same flavor and settings are used as they are. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public void importStack(io.stepwell.v1.ImportStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ImportStackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getImportStackMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ValidateStack says what would keep runs of a stack from being delivered.
     * </pre>
     */
    public void validateStack(io.stepwell.v1.ValidateStackRequest request,
        io.grpc.stub.StreamObserver<io.stepwell.v1.ValidateStackResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getValidateStackMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service StacksService.
   * <pre>
   * StacksService owns components and the stacks that are made of them.
   * </pre>
   */
  public static final class StacksServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<StacksServiceBlockingV2Stub> {
    private StacksServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StacksServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StacksServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * RegisterComponent adds a component. A credential in plain text is moved into a secret.
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN; INVALID_ARGUMENT STEPWELL_CONFIG_INVALID.
     * </pre>
     */
    public io.stepwell.v1.RegisterComponentResponse registerComponent(io.stepwell.v1.RegisterComponentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRegisterComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListComponents answers components of a type in pieces, all as they were when it was called.
     * INVALID_ARGUMENT STEPWELL_FILTER_INVALID.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.stepwell.v1.ListComponentsResponse>
        listComponents(io.stepwell.v1.ListComponentsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getListComponentsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RegisterStack adds a stack. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN;
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public io.stepwell.v1.RegisterStackResponse registerStack(io.stepwell.v1.RegisterStackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRegisterStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListStacks answers stacks in pieces, all as they were when it was called.
     * INVALID_ARGUMENT STEPWELL_FILTER_INVALID.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.stepwell.v1.ListStacksResponse>
        listStacks(io.stepwell.v1.ListStacksRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getListStacksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetActiveStack makes a stack the active one. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.SetActiveStackResponse setActiveStack(io.stepwell.v1.SetActiveStackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetActiveStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetComponent answers one component and the stacks it is in. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetComponentResponse getComponent(io.stepwell.v1.GetComponentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateComponent merges settings and labels; a credential in plain text is moved into a secret. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * INVALID_ARGUMENT STEPWELL_CONFIG_INVALID. Runs that go on keep the backend they began with.
     * </pre>
     */
    public io.stepwell.v1.UpdateComponentResponse updateComponent(io.stepwell.v1.UpdateComponentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenameComponent gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public io.stepwell.v1.RenameComponentResponse renameComponent(io.stepwell.v1.RenameComponentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRenameComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CopyComponent adds one with the same flavor, settings and labels. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public io.stepwell.v1.CopyComponentResponse copyComponent(io.stepwell.v1.CopyComponentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCopyComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteComponent removes one that no stack holds. FAILED_PRECONDITION STEPWELL_COMPONENT_IN_USE
     * or STEPWELL_DEFAULT_FIXED. Runs that go on keep the backend they began with.
     * </pre>
     */
    public io.stepwell.v1.DeleteComponentResponse deleteComponent(io.stepwell.v1.DeleteComponentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetStack answers one stack. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetStackResponse getStack(io.stepwell.v1.GetStackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateStack replaces parts of a stack. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.UpdateStackResponse updateStack(io.stepwell.v1.UpdateStackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenameStack gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public io.stepwell.v1.RenameStackResponse renameStack(io.stepwell.v1.RenameStackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRenameStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CopyStack adds a stack with the same components. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public io.stepwell.v1.CopyStackResponse copyStack(io.stepwell.v1.CopyStackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCopyStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteStack removes a stack. FAILED_PRECONDITION STEPWELL_STACK_ACTIVE or STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public io.stepwell.v1.DeleteStackResponse deleteStack(io.stepwell.v1.DeleteStackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ImportStack adds a stack with its components in one change; those that are there already with
     * the same flavor and settings are used as they are. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public io.stepwell.v1.ImportStackResponse importStack(io.stepwell.v1.ImportStackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getImportStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ValidateStack says what would keep runs of a stack from being delivered.
     * </pre>
     */
    public io.stepwell.v1.ValidateStackResponse validateStack(io.stepwell.v1.ValidateStackRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getValidateStackMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service StacksService.
   * <pre>
   * StacksService owns components and the stacks that are made of them.
   * </pre>
   */
  public static final class StacksServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<StacksServiceBlockingStub> {
    private StacksServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StacksServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StacksServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * RegisterComponent adds a component. A credential in plain text is moved into a secret.
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN; INVALID_ARGUMENT STEPWELL_CONFIG_INVALID.
     * </pre>
     */
    public io.stepwell.v1.RegisterComponentResponse registerComponent(io.stepwell.v1.RegisterComponentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRegisterComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListComponents answers components of a type in pieces, all as they were when it was called.
     * INVALID_ARGUMENT STEPWELL_FILTER_INVALID.
     * </pre>
     */
    public java.util.Iterator<io.stepwell.v1.ListComponentsResponse> listComponents(
        io.stepwell.v1.ListComponentsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getListComponentsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RegisterStack adds a stack. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN;
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public io.stepwell.v1.RegisterStackResponse registerStack(io.stepwell.v1.RegisterStackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRegisterStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListStacks answers stacks in pieces, all as they were when it was called.
     * INVALID_ARGUMENT STEPWELL_FILTER_INVALID.
     * </pre>
     */
    public java.util.Iterator<io.stepwell.v1.ListStacksResponse> listStacks(
        io.stepwell.v1.ListStacksRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getListStacksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetActiveStack makes a stack the active one. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.SetActiveStackResponse setActiveStack(io.stepwell.v1.SetActiveStackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetActiveStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetComponent answers one component and the stacks it is in. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetComponentResponse getComponent(io.stepwell.v1.GetComponentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateComponent merges settings and labels; a credential in plain text is moved into a secret. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * INVALID_ARGUMENT STEPWELL_CONFIG_INVALID. Runs that go on keep the backend they began with.
     * </pre>
     */
    public io.stepwell.v1.UpdateComponentResponse updateComponent(io.stepwell.v1.UpdateComponentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenameComponent gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public io.stepwell.v1.RenameComponentResponse renameComponent(io.stepwell.v1.RenameComponentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRenameComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CopyComponent adds one with the same flavor, settings and labels. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public io.stepwell.v1.CopyComponentResponse copyComponent(io.stepwell.v1.CopyComponentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCopyComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteComponent removes one that no stack holds. FAILED_PRECONDITION STEPWELL_COMPONENT_IN_USE
     * or STEPWELL_DEFAULT_FIXED. Runs that go on keep the backend they began with.
     * </pre>
     */
    public io.stepwell.v1.DeleteComponentResponse deleteComponent(io.stepwell.v1.DeleteComponentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteComponentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetStack answers one stack. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.GetStackResponse getStack(io.stepwell.v1.GetStackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateStack replaces parts of a stack. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public io.stepwell.v1.UpdateStackResponse updateStack(io.stepwell.v1.UpdateStackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenameStack gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public io.stepwell.v1.RenameStackResponse renameStack(io.stepwell.v1.RenameStackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRenameStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CopyStack adds a stack with the same components. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public io.stepwell.v1.CopyStackResponse copyStack(io.stepwell.v1.CopyStackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCopyStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteStack removes a stack. FAILED_PRECONDITION STEPWELL_STACK_ACTIVE or STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public io.stepwell.v1.DeleteStackResponse deleteStack(io.stepwell.v1.DeleteStackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ImportStack adds a stack with its components in one change; those that are there already with
     * the same flavor and settings are used as they are. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public io.stepwell.v1.ImportStackResponse importStack(io.stepwell.v1.ImportStackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getImportStackMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ValidateStack says what would keep runs of a stack from being delivered.
     * </pre>
     */
    public io.stepwell.v1.ValidateStackResponse validateStack(io.stepwell.v1.ValidateStackRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getValidateStackMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service StacksService.
   * <pre>
   * StacksService owns components and the stacks that are made of them.
   * </pre>
   */
  public static final class StacksServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<StacksServiceFutureStub> {
    private StacksServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected StacksServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new StacksServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * RegisterComponent adds a component. A credential in plain text is moved into a secret.
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN; INVALID_ARGUMENT STEPWELL_CONFIG_INVALID.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.RegisterComponentResponse> registerComponent(
        io.stepwell.v1.RegisterComponentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRegisterComponentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RegisterStack adds a stack. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN;
     * ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.RegisterStackResponse> registerStack(
        io.stepwell.v1.RegisterStackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRegisterStackMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SetActiveStack makes a stack the active one. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.SetActiveStackResponse> setActiveStack(
        io.stepwell.v1.SetActiveStackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetActiveStackMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetComponent answers one component and the stacks it is in. NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetComponentResponse> getComponent(
        io.stepwell.v1.GetComponentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetComponentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateComponent merges settings and labels; a credential in plain text is moved into a secret. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * INVALID_ARGUMENT STEPWELL_CONFIG_INVALID. Runs that go on keep the backend they began with.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.UpdateComponentResponse> updateComponent(
        io.stepwell.v1.UpdateComponentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateComponentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RenameComponent gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.RenameComponentResponse> renameComponent(
        io.stepwell.v1.RenameComponentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRenameComponentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CopyComponent adds one with the same flavor, settings and labels. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.CopyComponentResponse> copyComponent(
        io.stepwell.v1.CopyComponentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCopyComponentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteComponent removes one that no stack holds. FAILED_PRECONDITION STEPWELL_COMPONENT_IN_USE
     * or STEPWELL_DEFAULT_FIXED. Runs that go on keep the backend they began with.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.DeleteComponentResponse> deleteComponent(
        io.stepwell.v1.DeleteComponentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteComponentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetStack answers one stack. NOT_FOUND STEPWELL_STACK_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.GetStackResponse> getStack(
        io.stepwell.v1.GetStackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetStackMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateStack replaces parts of a stack. FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED;
     * NOT_FOUND STEPWELL_COMPONENT_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.UpdateStackResponse> updateStack(
        io.stepwell.v1.UpdateStackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateStackMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RenameStack gives another name. ALREADY_EXISTS STEPWELL_NAME_TAKEN;
     * FAILED_PRECONDITION STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.RenameStackResponse> renameStack(
        io.stepwell.v1.RenameStackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRenameStackMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CopyStack adds a stack with the same components. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.CopyStackResponse> copyStack(
        io.stepwell.v1.CopyStackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCopyStackMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteStack removes a stack. FAILED_PRECONDITION STEPWELL_STACK_ACTIVE or STEPWELL_DEFAULT_FIXED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.DeleteStackResponse> deleteStack(
        io.stepwell.v1.DeleteStackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteStackMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ImportStack adds a stack with its components in one change; those that are there already with
     * the same flavor and settings are used as they are. ALREADY_EXISTS STEPWELL_NAME_TAKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.ImportStackResponse> importStack(
        io.stepwell.v1.ImportStackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getImportStackMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ValidateStack says what would keep runs of a stack from being delivered.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.stepwell.v1.ValidateStackResponse> validateStack(
        io.stepwell.v1.ValidateStackRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getValidateStackMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_REGISTER_COMPONENT = 0;
  private static final int METHODID_LIST_COMPONENTS = 1;
  private static final int METHODID_REGISTER_STACK = 2;
  private static final int METHODID_LIST_STACKS = 3;
  private static final int METHODID_SET_ACTIVE_STACK = 4;
  private static final int METHODID_GET_COMPONENT = 5;
  private static final int METHODID_UPDATE_COMPONENT = 6;
  private static final int METHODID_RENAME_COMPONENT = 7;
  private static final int METHODID_COPY_COMPONENT = 8;
  private static final int METHODID_DELETE_COMPONENT = 9;
  private static final int METHODID_GET_STACK = 10;
  private static final int METHODID_UPDATE_STACK = 11;
  private static final int METHODID_RENAME_STACK = 12;
  private static final int METHODID_COPY_STACK = 13;
  private static final int METHODID_DELETE_STACK = 14;
  private static final int METHODID_IMPORT_STACK = 15;
  private static final int METHODID_VALIDATE_STACK = 16;

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
        case METHODID_REGISTER_COMPONENT:
          serviceImpl.registerComponent((io.stepwell.v1.RegisterComponentRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.RegisterComponentResponse>) responseObserver);
          break;
        case METHODID_LIST_COMPONENTS:
          serviceImpl.listComponents((io.stepwell.v1.ListComponentsRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ListComponentsResponse>) responseObserver);
          break;
        case METHODID_REGISTER_STACK:
          serviceImpl.registerStack((io.stepwell.v1.RegisterStackRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.RegisterStackResponse>) responseObserver);
          break;
        case METHODID_LIST_STACKS:
          serviceImpl.listStacks((io.stepwell.v1.ListStacksRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ListStacksResponse>) responseObserver);
          break;
        case METHODID_SET_ACTIVE_STACK:
          serviceImpl.setActiveStack((io.stepwell.v1.SetActiveStackRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.SetActiveStackResponse>) responseObserver);
          break;
        case METHODID_GET_COMPONENT:
          serviceImpl.getComponent((io.stepwell.v1.GetComponentRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetComponentResponse>) responseObserver);
          break;
        case METHODID_UPDATE_COMPONENT:
          serviceImpl.updateComponent((io.stepwell.v1.UpdateComponentRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.UpdateComponentResponse>) responseObserver);
          break;
        case METHODID_RENAME_COMPONENT:
          serviceImpl.renameComponent((io.stepwell.v1.RenameComponentRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.RenameComponentResponse>) responseObserver);
          break;
        case METHODID_COPY_COMPONENT:
          serviceImpl.copyComponent((io.stepwell.v1.CopyComponentRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.CopyComponentResponse>) responseObserver);
          break;
        case METHODID_DELETE_COMPONENT:
          serviceImpl.deleteComponent((io.stepwell.v1.DeleteComponentRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.DeleteComponentResponse>) responseObserver);
          break;
        case METHODID_GET_STACK:
          serviceImpl.getStack((io.stepwell.v1.GetStackRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.GetStackResponse>) responseObserver);
          break;
        case METHODID_UPDATE_STACK:
          serviceImpl.updateStack((io.stepwell.v1.UpdateStackRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.UpdateStackResponse>) responseObserver);
          break;
        case METHODID_RENAME_STACK:
          serviceImpl.renameStack((io.stepwell.v1.RenameStackRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.RenameStackResponse>) responseObserver);
          break;
        case METHODID_COPY_STACK:
          serviceImpl.copyStack((io.stepwell.v1.CopyStackRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.CopyStackResponse>) responseObserver);
          break;
        case METHODID_DELETE_STACK:
          serviceImpl.deleteStack((io.stepwell.v1.DeleteStackRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.DeleteStackResponse>) responseObserver);
          break;
        case METHODID_IMPORT_STACK:
          serviceImpl.importStack((io.stepwell.v1.ImportStackRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ImportStackResponse>) responseObserver);
          break;
        case METHODID_VALIDATE_STACK:
          serviceImpl.validateStack((io.stepwell.v1.ValidateStackRequest) request,
              (io.grpc.stub.StreamObserver<io.stepwell.v1.ValidateStackResponse>) responseObserver);
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
          getRegisterComponentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.RegisterComponentRequest,
              io.stepwell.v1.RegisterComponentResponse>(
                service, METHODID_REGISTER_COMPONENT)))
        .addMethod(
          getListComponentsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.stepwell.v1.ListComponentsRequest,
              io.stepwell.v1.ListComponentsResponse>(
                service, METHODID_LIST_COMPONENTS)))
        .addMethod(
          getRegisterStackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.RegisterStackRequest,
              io.stepwell.v1.RegisterStackResponse>(
                service, METHODID_REGISTER_STACK)))
        .addMethod(
          getListStacksMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.stepwell.v1.ListStacksRequest,
              io.stepwell.v1.ListStacksResponse>(
                service, METHODID_LIST_STACKS)))
        .addMethod(
          getSetActiveStackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.SetActiveStackRequest,
              io.stepwell.v1.SetActiveStackResponse>(
                service, METHODID_SET_ACTIVE_STACK)))
        .addMethod(
          getGetComponentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetComponentRequest,
              io.stepwell.v1.GetComponentResponse>(
                service, METHODID_GET_COMPONENT)))
        .addMethod(
          getUpdateComponentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.UpdateComponentRequest,
              io.stepwell.v1.UpdateComponentResponse>(
                service, METHODID_UPDATE_COMPONENT)))
        .addMethod(
          getRenameComponentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.RenameComponentRequest,
              io.stepwell.v1.RenameComponentResponse>(
                service, METHODID_RENAME_COMPONENT)))
        .addMethod(
          getCopyComponentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.CopyComponentRequest,
              io.stepwell.v1.CopyComponentResponse>(
                service, METHODID_COPY_COMPONENT)))
        .addMethod(
          getDeleteComponentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.DeleteComponentRequest,
              io.stepwell.v1.DeleteComponentResponse>(
                service, METHODID_DELETE_COMPONENT)))
        .addMethod(
          getGetStackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.GetStackRequest,
              io.stepwell.v1.GetStackResponse>(
                service, METHODID_GET_STACK)))
        .addMethod(
          getUpdateStackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.UpdateStackRequest,
              io.stepwell.v1.UpdateStackResponse>(
                service, METHODID_UPDATE_STACK)))
        .addMethod(
          getRenameStackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.RenameStackRequest,
              io.stepwell.v1.RenameStackResponse>(
                service, METHODID_RENAME_STACK)))
        .addMethod(
          getCopyStackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.CopyStackRequest,
              io.stepwell.v1.CopyStackResponse>(
                service, METHODID_COPY_STACK)))
        .addMethod(
          getDeleteStackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.DeleteStackRequest,
              io.stepwell.v1.DeleteStackResponse>(
                service, METHODID_DELETE_STACK)))
        .addMethod(
          getImportStackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.ImportStackRequest,
              io.stepwell.v1.ImportStackResponse>(
                service, METHODID_IMPORT_STACK)))
        .addMethod(
          getValidateStackMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.stepwell.v1.ValidateStackRequest,
              io.stepwell.v1.ValidateStackResponse>(
                service, METHODID_VALIDATE_STACK)))
        .build();
  }

  private static abstract class StacksServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    StacksServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.stepwell.v1.Stacks.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("StacksService");
    }
  }

  private static final class StacksServiceFileDescriptorSupplier
      extends StacksServiceBaseDescriptorSupplier {
    StacksServiceFileDescriptorSupplier() {}
  }

  private static final class StacksServiceMethodDescriptorSupplier
      extends StacksServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    StacksServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (StacksServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new StacksServiceFileDescriptorSupplier())
              .addMethod(getRegisterComponentMethod())
              .addMethod(getListComponentsMethod())
              .addMethod(getRegisterStackMethod())
              .addMethod(getListStacksMethod())
              .addMethod(getSetActiveStackMethod())
              .addMethod(getGetComponentMethod())
              .addMethod(getUpdateComponentMethod())
              .addMethod(getRenameComponentMethod())
              .addMethod(getCopyComponentMethod())
              .addMethod(getDeleteComponentMethod())
              .addMethod(getGetStackMethod())
              .addMethod(getUpdateStackMethod())
              .addMethod(getRenameStackMethod())
              .addMethod(getCopyStackMethod())
              .addMethod(getDeleteStackMethod())
              .addMethod(getImportStackMethod())
              .addMethod(getValidateStackMethod())
              .build();
        }
      }
    }
    return result;
  }
}

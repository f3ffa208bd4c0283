package com.sitq.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Service discovery and load balancing: the instances of services, their health, and which one to call.
 * An instance is registered and kept alive by heartbeats, or by its worker's stream: `hello` with a service registers it, the
 * end of the stream removes it. An instance that misses its heartbeat is UNHEALTHY: it is not picked, and removed after ten times
 * its `ttl`. One that drains is DRAINING: it finishes what it has, and is not picked. If both exist with the same service and id, the registration takes precedence; the worker appears again when the
 * registration is removed.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class RegistryServiceGrpc {

  private RegistryServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sitq.v1.RegistryService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.RegisterInstanceRequest,
      com.sitq.v1.RegisterInstanceResponse> getRegisterInstanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RegisterInstance",
      requestType = com.sitq.v1.RegisterInstanceRequest.class,
      responseType = com.sitq.v1.RegisterInstanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.RegisterInstanceRequest,
      com.sitq.v1.RegisterInstanceResponse> getRegisterInstanceMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.RegisterInstanceRequest, com.sitq.v1.RegisterInstanceResponse> getRegisterInstanceMethod;
    if ((getRegisterInstanceMethod = RegistryServiceGrpc.getRegisterInstanceMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getRegisterInstanceMethod = RegistryServiceGrpc.getRegisterInstanceMethod) == null) {
          RegistryServiceGrpc.getRegisterInstanceMethod = getRegisterInstanceMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.RegisterInstanceRequest, com.sitq.v1.RegisterInstanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RegisterInstance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RegisterInstanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RegisterInstanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("RegisterInstance"))
              .build();
        }
      }
    }
    return getRegisterInstanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.HeartbeatRequest,
      com.sitq.v1.HeartbeatResponse> getHeartbeatMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Heartbeat",
      requestType = com.sitq.v1.HeartbeatRequest.class,
      responseType = com.sitq.v1.HeartbeatResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.HeartbeatRequest,
      com.sitq.v1.HeartbeatResponse> getHeartbeatMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.HeartbeatRequest, com.sitq.v1.HeartbeatResponse> getHeartbeatMethod;
    if ((getHeartbeatMethod = RegistryServiceGrpc.getHeartbeatMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getHeartbeatMethod = RegistryServiceGrpc.getHeartbeatMethod) == null) {
          RegistryServiceGrpc.getHeartbeatMethod = getHeartbeatMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.HeartbeatRequest, com.sitq.v1.HeartbeatResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Heartbeat"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.HeartbeatRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.HeartbeatResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("Heartbeat"))
              .build();
        }
      }
    }
    return getHeartbeatMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.DeregisterInstanceRequest,
      com.sitq.v1.DeregisterInstanceResponse> getDeregisterInstanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeregisterInstance",
      requestType = com.sitq.v1.DeregisterInstanceRequest.class,
      responseType = com.sitq.v1.DeregisterInstanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.DeregisterInstanceRequest,
      com.sitq.v1.DeregisterInstanceResponse> getDeregisterInstanceMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.DeregisterInstanceRequest, com.sitq.v1.DeregisterInstanceResponse> getDeregisterInstanceMethod;
    if ((getDeregisterInstanceMethod = RegistryServiceGrpc.getDeregisterInstanceMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getDeregisterInstanceMethod = RegistryServiceGrpc.getDeregisterInstanceMethod) == null) {
          RegistryServiceGrpc.getDeregisterInstanceMethod = getDeregisterInstanceMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.DeregisterInstanceRequest, com.sitq.v1.DeregisterInstanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeregisterInstance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeregisterInstanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeregisterInstanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("DeregisterInstance"))
              .build();
        }
      }
    }
    return getDeregisterInstanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.DiscoverInstancesRequest,
      com.sitq.v1.DiscoverInstancesResponse> getDiscoverInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DiscoverInstances",
      requestType = com.sitq.v1.DiscoverInstancesRequest.class,
      responseType = com.sitq.v1.DiscoverInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.DiscoverInstancesRequest,
      com.sitq.v1.DiscoverInstancesResponse> getDiscoverInstancesMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.DiscoverInstancesRequest, com.sitq.v1.DiscoverInstancesResponse> getDiscoverInstancesMethod;
    if ((getDiscoverInstancesMethod = RegistryServiceGrpc.getDiscoverInstancesMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getDiscoverInstancesMethod = RegistryServiceGrpc.getDiscoverInstancesMethod) == null) {
          RegistryServiceGrpc.getDiscoverInstancesMethod = getDiscoverInstancesMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.DiscoverInstancesRequest, com.sitq.v1.DiscoverInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DiscoverInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DiscoverInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DiscoverInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("DiscoverInstances"))
              .build();
        }
      }
    }
    return getDiscoverInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.WatchInstancesRequest,
      com.sitq.v1.WatchInstancesResponse> getWatchInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchInstances",
      requestType = com.sitq.v1.WatchInstancesRequest.class,
      responseType = com.sitq.v1.WatchInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.sitq.v1.WatchInstancesRequest,
      com.sitq.v1.WatchInstancesResponse> getWatchInstancesMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.WatchInstancesRequest, com.sitq.v1.WatchInstancesResponse> getWatchInstancesMethod;
    if ((getWatchInstancesMethod = RegistryServiceGrpc.getWatchInstancesMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getWatchInstancesMethod = RegistryServiceGrpc.getWatchInstancesMethod) == null) {
          RegistryServiceGrpc.getWatchInstancesMethod = getWatchInstancesMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.WatchInstancesRequest, com.sitq.v1.WatchInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WatchInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WatchInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("WatchInstances"))
              .build();
        }
      }
    }
    return getWatchInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.PickInstanceRequest,
      com.sitq.v1.PickInstanceResponse> getPickInstanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PickInstance",
      requestType = com.sitq.v1.PickInstanceRequest.class,
      responseType = com.sitq.v1.PickInstanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.PickInstanceRequest,
      com.sitq.v1.PickInstanceResponse> getPickInstanceMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.PickInstanceRequest, com.sitq.v1.PickInstanceResponse> getPickInstanceMethod;
    if ((getPickInstanceMethod = RegistryServiceGrpc.getPickInstanceMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getPickInstanceMethod = RegistryServiceGrpc.getPickInstanceMethod) == null) {
          RegistryServiceGrpc.getPickInstanceMethod = getPickInstanceMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.PickInstanceRequest, com.sitq.v1.PickInstanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PickInstance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.PickInstanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.PickInstanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("PickInstance"))
              .build();
        }
      }
    }
    return getPickInstanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ReleaseInstanceRequest,
      com.sitq.v1.ReleaseInstanceResponse> getReleaseInstanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReleaseInstance",
      requestType = com.sitq.v1.ReleaseInstanceRequest.class,
      responseType = com.sitq.v1.ReleaseInstanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ReleaseInstanceRequest,
      com.sitq.v1.ReleaseInstanceResponse> getReleaseInstanceMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ReleaseInstanceRequest, com.sitq.v1.ReleaseInstanceResponse> getReleaseInstanceMethod;
    if ((getReleaseInstanceMethod = RegistryServiceGrpc.getReleaseInstanceMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getReleaseInstanceMethod = RegistryServiceGrpc.getReleaseInstanceMethod) == null) {
          RegistryServiceGrpc.getReleaseInstanceMethod = getReleaseInstanceMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ReleaseInstanceRequest, com.sitq.v1.ReleaseInstanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReleaseInstance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ReleaseInstanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ReleaseInstanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("ReleaseInstance"))
              .build();
        }
      }
    }
    return getReleaseInstanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.CheckHealthRequest,
      com.sitq.v1.CheckHealthResponse> getCheckHealthMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CheckHealth",
      requestType = com.sitq.v1.CheckHealthRequest.class,
      responseType = com.sitq.v1.CheckHealthResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.CheckHealthRequest,
      com.sitq.v1.CheckHealthResponse> getCheckHealthMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.CheckHealthRequest, com.sitq.v1.CheckHealthResponse> getCheckHealthMethod;
    if ((getCheckHealthMethod = RegistryServiceGrpc.getCheckHealthMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getCheckHealthMethod = RegistryServiceGrpc.getCheckHealthMethod) == null) {
          RegistryServiceGrpc.getCheckHealthMethod = getCheckHealthMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.CheckHealthRequest, com.sitq.v1.CheckHealthResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CheckHealth"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CheckHealthRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CheckHealthResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("CheckHealth"))
              .build();
        }
      }
    }
    return getCheckHealthMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetServiceRequest,
      com.sitq.v1.GetServiceResponse> getGetServiceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetService",
      requestType = com.sitq.v1.GetServiceRequest.class,
      responseType = com.sitq.v1.GetServiceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetServiceRequest,
      com.sitq.v1.GetServiceResponse> getGetServiceMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetServiceRequest, com.sitq.v1.GetServiceResponse> getGetServiceMethod;
    if ((getGetServiceMethod = RegistryServiceGrpc.getGetServiceMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getGetServiceMethod = RegistryServiceGrpc.getGetServiceMethod) == null) {
          RegistryServiceGrpc.getGetServiceMethod = getGetServiceMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetServiceRequest, com.sitq.v1.GetServiceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetService"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetServiceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetServiceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("GetService"))
              .build();
        }
      }
    }
    return getGetServiceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListServicesRequest,
      com.sitq.v1.ListServicesResponse> getListServicesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListServices",
      requestType = com.sitq.v1.ListServicesRequest.class,
      responseType = com.sitq.v1.ListServicesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListServicesRequest,
      com.sitq.v1.ListServicesResponse> getListServicesMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListServicesRequest, com.sitq.v1.ListServicesResponse> getListServicesMethod;
    if ((getListServicesMethod = RegistryServiceGrpc.getListServicesMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getListServicesMethod = RegistryServiceGrpc.getListServicesMethod) == null) {
          RegistryServiceGrpc.getListServicesMethod = getListServicesMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListServicesRequest, com.sitq.v1.ListServicesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListServices"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListServicesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListServicesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("ListServices"))
              .build();
        }
      }
    }
    return getListServicesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.UpdateServiceRequest,
      com.sitq.v1.UpdateServiceResponse> getUpdateServiceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateService",
      requestType = com.sitq.v1.UpdateServiceRequest.class,
      responseType = com.sitq.v1.UpdateServiceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.UpdateServiceRequest,
      com.sitq.v1.UpdateServiceResponse> getUpdateServiceMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.UpdateServiceRequest, com.sitq.v1.UpdateServiceResponse> getUpdateServiceMethod;
    if ((getUpdateServiceMethod = RegistryServiceGrpc.getUpdateServiceMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getUpdateServiceMethod = RegistryServiceGrpc.getUpdateServiceMethod) == null) {
          RegistryServiceGrpc.getUpdateServiceMethod = getUpdateServiceMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.UpdateServiceRequest, com.sitq.v1.UpdateServiceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateService"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdateServiceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdateServiceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("UpdateService"))
              .build();
        }
      }
    }
    return getUpdateServiceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetLoadStatisticsRequest,
      com.sitq.v1.GetLoadStatisticsResponse> getGetLoadStatisticsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetLoadStatistics",
      requestType = com.sitq.v1.GetLoadStatisticsRequest.class,
      responseType = com.sitq.v1.GetLoadStatisticsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetLoadStatisticsRequest,
      com.sitq.v1.GetLoadStatisticsResponse> getGetLoadStatisticsMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetLoadStatisticsRequest, com.sitq.v1.GetLoadStatisticsResponse> getGetLoadStatisticsMethod;
    if ((getGetLoadStatisticsMethod = RegistryServiceGrpc.getGetLoadStatisticsMethod) == null) {
      synchronized (RegistryServiceGrpc.class) {
        if ((getGetLoadStatisticsMethod = RegistryServiceGrpc.getGetLoadStatisticsMethod) == null) {
          RegistryServiceGrpc.getGetLoadStatisticsMethod = getGetLoadStatisticsMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetLoadStatisticsRequest, com.sitq.v1.GetLoadStatisticsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetLoadStatistics"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetLoadStatisticsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetLoadStatisticsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RegistryServiceMethodDescriptorSupplier("GetLoadStatistics"))
              .build();
        }
      }
    }
    return getGetLoadStatisticsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static RegistryServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RegistryServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RegistryServiceStub>() {
        @java.lang.Override
        public RegistryServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RegistryServiceStub(channel, callOptions);
        }
      };
    return RegistryServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static RegistryServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RegistryServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RegistryServiceBlockingV2Stub>() {
        @java.lang.Override
        public RegistryServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RegistryServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return RegistryServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static RegistryServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RegistryServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RegistryServiceBlockingStub>() {
        @java.lang.Override
        public RegistryServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RegistryServiceBlockingStub(channel, callOptions);
        }
      };
    return RegistryServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static RegistryServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RegistryServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RegistryServiceFutureStub>() {
        @java.lang.Override
        public RegistryServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RegistryServiceFutureStub(channel, callOptions);
        }
      };
    return RegistryServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Service discovery and load balancing: the instances of services, their health, and which one to call.
   * An instance is registered and kept alive by heartbeats, or by its worker's stream: `hello` with a service registers it, the
   * end of the stream removes it. An instance that misses its heartbeat is UNHEALTHY: it is not picked, and removed after ten times
   * its `ttl`. One that drains is DRAINING: it finishes what it has, and is not picked. If both exist with the same service and id, the registration takes precedence; the worker appears again when the
   * registration is removed.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Registers an instance, or replaces its registration. The answer comes once the registration is on the disk.
     * If two processes register under one name, the later one replaces the earlier one, and the server logs a warning. The earlier
     * one gets `INSTANCE_REPLACED` at its next heartbeat with its `registration_id` and must stop: registering again would replace
     * the other one in turn.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    default void registerInstance(com.sitq.v1.RegisterInstanceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RegisterInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRegisterInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * Keeps a registered instance alive for another `ttl`, reports its load, and says whether it drains.
     * Errors: NOT_FOUND with `INSTANCE_NOT_FOUND`: it was removed or never registered; register again. FAILED_PRECONDITION with
     * `INSTANCE_REPLACED`: another registration has replaced the named one.
     * </pre>
     */
    default void heartbeat(com.sitq.v1.HeartbeatRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.HeartbeatResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getHeartbeatMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a registration at once. It is idempotent. A worker's instance lasts as long as its stream.
     * Errors: FAILED_PRECONDITION with `INSTANCE_REPLACED`: another registration has replaced the named one, and is
     * kept.
     * </pre>
     */
    default void deregisterInstance(com.sitq.v1.DeregisterInstanceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeregisterInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeregisterInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists instances by service and id. Without instances the list is empty.
     * </pre>
     */
    default void discoverInstances(com.sitq.v1.DiscoverInstancesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DiscoverInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDiscoverInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams the matching instances, in every state: first all of them, then the changes, except changes of load alone. A watcher that reconnects
     * with its last resume token gets the changes since, or all instances again if these are no longer known.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW`; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    default void watchInstances(com.sitq.v1.WatchInstancesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.WatchInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Picks a healthy instance with free capacity and reserves a place on it. One without an address is picked only if none has one.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` when no instance matches; UNAVAILABLE with `NO_HEALTHY_INSTANCE`;
     * RESOURCE_EXHAUSTED with `SERVICE_FULL`.
     * </pre>
     */
    default void pickInstance(com.sitq.v1.PickInstanceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.PickInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPickInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * Releases a place that PickInstance reserved. It is idempotent. With authentication on, the principal that picked may, and operators
     * of the service.
     * </pre>
     */
    default void releaseInstance(com.sitq.v1.ReleaseInstanceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ReleaseInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReleaseInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * Probes the health of instances, of one service or of all, in parallel: over `grpc.health.v1`, or with the metadata
     * `health_check` = `http` by a GET of `health_path` (default `/health`), where 200 to 299 is healthy.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` or `INSTANCE_NOT_FOUND`.
     * </pre>
     */
    default void checkHealth(com.sitq.v1.CheckHealthRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CheckHealthResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCheckHealthMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a service: its settings, its load, and how its clients by xDS do.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND`: it has neither instances nor settings.
     * </pre>
     */
    default void getService(com.sitq.v1.GetServiceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetServiceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetServiceMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the services that have instances or settings, by name.
     * </pre>
     */
    default void listServices(com.sitq.v1.ListServicesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListServicesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListServicesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the settings of a service, which need not have instances yet. The answer comes once they are on the disk; callers by
     * PickInstance and clients by xDS follow them at once.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    default void updateService(com.sitq.v1.UpdateServiceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdateServiceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateServiceMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the load of services.
     * </pre>
     */
    default void getLoadStatistics(com.sitq.v1.GetLoadStatisticsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetLoadStatisticsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetLoadStatisticsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service RegistryService.
   * <pre>
   * Service discovery and load balancing: the instances of services, their health, and which one to call.
   * An instance is registered and kept alive by heartbeats, or by its worker's stream: `hello` with a service registers it, the
   * end of the stream removes it. An instance that misses its heartbeat is UNHEALTHY: it is not picked, and removed after ten times
   * its `ttl`. One that drains is DRAINING: it finishes what it has, and is not picked. If both exist with the same service and id, the registration takes precedence; the worker appears again when the
   * registration is removed.
   * </pre>
   */
  public static abstract class RegistryServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return RegistryServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service RegistryService.
   * <pre>
   * Service discovery and load balancing: the instances of services, their health, and which one to call.
   * An instance is registered and kept alive by heartbeats, or by its worker's stream: `hello` with a service registers it, the
   * end of the stream removes it. An instance that misses its heartbeat is UNHEALTHY: it is not picked, and removed after ten times
   * its `ttl`. One that drains is DRAINING: it finishes what it has, and is not picked. If both exist with the same service and id, the registration takes precedence; the worker appears again when the
   * registration is removed.
   * </pre>
   */
  public static final class RegistryServiceStub
      extends io.grpc.stub.AbstractAsyncStub<RegistryServiceStub> {
    private RegistryServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RegistryServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RegistryServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers an instance, or replaces its registration. The answer comes once the registration is on the disk.
     * If two processes register under one name, the later one replaces the earlier one, and the server logs a warning. The earlier
     * one gets `INSTANCE_REPLACED` at its next heartbeat with its `registration_id` and must stop: registering again would replace
     * the other one in turn.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public void registerInstance(com.sitq.v1.RegisterInstanceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RegisterInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRegisterInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Keeps a registered instance alive for another `ttl`, reports its load, and says whether it drains.
     * Errors: NOT_FOUND with `INSTANCE_NOT_FOUND`: it was removed or never registered; register again. FAILED_PRECONDITION with
     * `INSTANCE_REPLACED`: another registration has replaced the named one.
     * </pre>
     */
    public void heartbeat(com.sitq.v1.HeartbeatRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.HeartbeatResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getHeartbeatMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a registration at once. It is idempotent. A worker's instance lasts as long as its stream.
     * Errors: FAILED_PRECONDITION with `INSTANCE_REPLACED`: another registration has replaced the named one, and is
     * kept.
     * </pre>
     */
    public void deregisterInstance(com.sitq.v1.DeregisterInstanceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeregisterInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeregisterInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists instances by service and id. Without instances the list is empty.
     * </pre>
     */
    public void discoverInstances(com.sitq.v1.DiscoverInstancesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DiscoverInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDiscoverInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams the matching instances, in every state: first all of them, then the changes, except changes of load alone. A watcher that reconnects
     * with its last resume token gets the changes since, or all instances again if these are no longer known.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW`; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public void watchInstances(com.sitq.v1.WatchInstancesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.WatchInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Picks a healthy instance with free capacity and reserves a place on it. One without an address is picked only if none has one.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` when no instance matches; UNAVAILABLE with `NO_HEALTHY_INSTANCE`;
     * RESOURCE_EXHAUSTED with `SERVICE_FULL`.
     * </pre>
     */
    public void pickInstance(com.sitq.v1.PickInstanceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.PickInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPickInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Releases a place that PickInstance reserved. It is idempotent. With authentication on, the principal that picked may, and operators
     * of the service.
     * </pre>
     */
    public void releaseInstance(com.sitq.v1.ReleaseInstanceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ReleaseInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReleaseInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Probes the health of instances, of one service or of all, in parallel: over `grpc.health.v1`, or with the metadata
     * `health_check` = `http` by a GET of `health_path` (default `/health`), where 200 to 299 is healthy.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` or `INSTANCE_NOT_FOUND`.
     * </pre>
     */
    public void checkHealth(com.sitq.v1.CheckHealthRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CheckHealthResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCheckHealthMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a service: its settings, its load, and how its clients by xDS do.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND`: it has neither instances nor settings.
     * </pre>
     */
    public void getService(com.sitq.v1.GetServiceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetServiceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetServiceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the services that have instances or settings, by name.
     * </pre>
     */
    public void listServices(com.sitq.v1.ListServicesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListServicesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListServicesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the settings of a service, which need not have instances yet. The answer comes once they are on the disk; callers by
     * PickInstance and clients by xDS follow them at once.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public void updateService(com.sitq.v1.UpdateServiceRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdateServiceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateServiceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the load of services.
     * </pre>
     */
    public void getLoadStatistics(com.sitq.v1.GetLoadStatisticsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetLoadStatisticsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetLoadStatisticsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service RegistryService.
   * <pre>
   * Service discovery and load balancing: the instances of services, their health, and which one to call.
   * An instance is registered and kept alive by heartbeats, or by its worker's stream: `hello` with a service registers it, the
   * end of the stream removes it. An instance that misses its heartbeat is UNHEALTHY: it is not picked, and removed after ten times
   * its `ttl`. One that drains is DRAINING: it finishes what it has, and is not picked. If both exist with the same service and id, the registration takes precedence; the worker appears again when the
   * registration is removed.
   * </pre>
   */
  public static final class RegistryServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<RegistryServiceBlockingV2Stub> {
    private RegistryServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RegistryServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RegistryServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers an instance, or replaces its registration. The answer comes once the registration is on the disk.
     * If two processes register under one name, the later one replaces the earlier one, and the server logs a warning. The earlier
     * one gets `INSTANCE_REPLACED` at its next heartbeat with its `registration_id` and must stop: registering again would replace
     * the other one in turn.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public com.sitq.v1.RegisterInstanceResponse registerInstance(com.sitq.v1.RegisterInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRegisterInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Keeps a registered instance alive for another `ttl`, reports its load, and says whether it drains.
     * Errors: NOT_FOUND with `INSTANCE_NOT_FOUND`: it was removed or never registered; register again. FAILED_PRECONDITION with
     * `INSTANCE_REPLACED`: another registration has replaced the named one.
     * </pre>
     */
    public com.sitq.v1.HeartbeatResponse heartbeat(com.sitq.v1.HeartbeatRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getHeartbeatMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a registration at once. It is idempotent. A worker's instance lasts as long as its stream.
     * Errors: FAILED_PRECONDITION with `INSTANCE_REPLACED`: another registration has replaced the named one, and is
     * kept.
     * </pre>
     */
    public com.sitq.v1.DeregisterInstanceResponse deregisterInstance(com.sitq.v1.DeregisterInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeregisterInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists instances by service and id. Without instances the list is empty.
     * </pre>
     */
    public com.sitq.v1.DiscoverInstancesResponse discoverInstances(com.sitq.v1.DiscoverInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDiscoverInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the matching instances, in every state: first all of them, then the changes, except changes of load alone. A watcher that reconnects
     * with its last resume token gets the changes since, or all instances again if these are no longer known.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW`; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.sitq.v1.WatchInstancesResponse>
        watchInstances(com.sitq.v1.WatchInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Picks a healthy instance with free capacity and reserves a place on it. One without an address is picked only if none has one.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` when no instance matches; UNAVAILABLE with `NO_HEALTHY_INSTANCE`;
     * RESOURCE_EXHAUSTED with `SERVICE_FULL`.
     * </pre>
     */
    public com.sitq.v1.PickInstanceResponse pickInstance(com.sitq.v1.PickInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPickInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Releases a place that PickInstance reserved. It is idempotent. With authentication on, the principal that picked may, and operators
     * of the service.
     * </pre>
     */
    public com.sitq.v1.ReleaseInstanceResponse releaseInstance(com.sitq.v1.ReleaseInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReleaseInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Probes the health of instances, of one service or of all, in parallel: over `grpc.health.v1`, or with the metadata
     * `health_check` = `http` by a GET of `health_path` (default `/health`), where 200 to 299 is healthy.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` or `INSTANCE_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.CheckHealthResponse checkHealth(com.sitq.v1.CheckHealthRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCheckHealthMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a service: its settings, its load, and how its clients by xDS do.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND`: it has neither instances nor settings.
     * </pre>
     */
    public com.sitq.v1.GetServiceResponse getService(com.sitq.v1.GetServiceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetServiceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the services that have instances or settings, by name.
     * </pre>
     */
    public com.sitq.v1.ListServicesResponse listServices(com.sitq.v1.ListServicesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListServicesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the settings of a service, which need not have instances yet. The answer comes once they are on the disk; callers by
     * PickInstance and clients by xDS follow them at once.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public com.sitq.v1.UpdateServiceResponse updateService(com.sitq.v1.UpdateServiceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateServiceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the load of services.
     * </pre>
     */
    public com.sitq.v1.GetLoadStatisticsResponse getLoadStatistics(com.sitq.v1.GetLoadStatisticsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetLoadStatisticsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service RegistryService.
   * <pre>
   * Service discovery and load balancing: the instances of services, their health, and which one to call.
   * An instance is registered and kept alive by heartbeats, or by its worker's stream: `hello` with a service registers it, the
   * end of the stream removes it. An instance that misses its heartbeat is UNHEALTHY: it is not picked, and removed after ten times
   * its `ttl`. One that drains is DRAINING: it finishes what it has, and is not picked. If both exist with the same service and id, the registration takes precedence; the worker appears again when the
   * registration is removed.
   * </pre>
   */
  public static final class RegistryServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<RegistryServiceBlockingStub> {
    private RegistryServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RegistryServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RegistryServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers an instance, or replaces its registration. The answer comes once the registration is on the disk.
     * If two processes register under one name, the later one replaces the earlier one, and the server logs a warning. The earlier
     * one gets `INSTANCE_REPLACED` at its next heartbeat with its `registration_id` and must stop: registering again would replace
     * the other one in turn.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public com.sitq.v1.RegisterInstanceResponse registerInstance(com.sitq.v1.RegisterInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRegisterInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Keeps a registered instance alive for another `ttl`, reports its load, and says whether it drains.
     * Errors: NOT_FOUND with `INSTANCE_NOT_FOUND`: it was removed or never registered; register again. FAILED_PRECONDITION with
     * `INSTANCE_REPLACED`: another registration has replaced the named one.
     * </pre>
     */
    public com.sitq.v1.HeartbeatResponse heartbeat(com.sitq.v1.HeartbeatRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getHeartbeatMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a registration at once. It is idempotent. A worker's instance lasts as long as its stream.
     * Errors: FAILED_PRECONDITION with `INSTANCE_REPLACED`: another registration has replaced the named one, and is
     * kept.
     * </pre>
     */
    public com.sitq.v1.DeregisterInstanceResponse deregisterInstance(com.sitq.v1.DeregisterInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeregisterInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists instances by service and id. Without instances the list is empty.
     * </pre>
     */
    public com.sitq.v1.DiscoverInstancesResponse discoverInstances(com.sitq.v1.DiscoverInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDiscoverInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the matching instances, in every state: first all of them, then the changes, except changes of load alone. A watcher that reconnects
     * with its last resume token gets the changes since, or all instances again if these are no longer known.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW`; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public java.util.Iterator<com.sitq.v1.WatchInstancesResponse> watchInstances(
        com.sitq.v1.WatchInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Picks a healthy instance with free capacity and reserves a place on it. One without an address is picked only if none has one.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` when no instance matches; UNAVAILABLE with `NO_HEALTHY_INSTANCE`;
     * RESOURCE_EXHAUSTED with `SERVICE_FULL`.
     * </pre>
     */
    public com.sitq.v1.PickInstanceResponse pickInstance(com.sitq.v1.PickInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPickInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Releases a place that PickInstance reserved. It is idempotent. With authentication on, the principal that picked may, and operators
     * of the service.
     * </pre>
     */
    public com.sitq.v1.ReleaseInstanceResponse releaseInstance(com.sitq.v1.ReleaseInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReleaseInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Probes the health of instances, of one service or of all, in parallel: over `grpc.health.v1`, or with the metadata
     * `health_check` = `http` by a GET of `health_path` (default `/health`), where 200 to 299 is healthy.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` or `INSTANCE_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.CheckHealthResponse checkHealth(com.sitq.v1.CheckHealthRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCheckHealthMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a service: its settings, its load, and how its clients by xDS do.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND`: it has neither instances nor settings.
     * </pre>
     */
    public com.sitq.v1.GetServiceResponse getService(com.sitq.v1.GetServiceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetServiceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the services that have instances or settings, by name.
     * </pre>
     */
    public com.sitq.v1.ListServicesResponse listServices(com.sitq.v1.ListServicesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListServicesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the settings of a service, which need not have instances yet. The answer comes once they are on the disk; callers by
     * PickInstance and clients by xDS follow them at once.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public com.sitq.v1.UpdateServiceResponse updateService(com.sitq.v1.UpdateServiceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateServiceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the load of services.
     * </pre>
     */
    public com.sitq.v1.GetLoadStatisticsResponse getLoadStatistics(com.sitq.v1.GetLoadStatisticsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetLoadStatisticsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service RegistryService.
   * <pre>
   * Service discovery and load balancing: the instances of services, their health, and which one to call.
   * An instance is registered and kept alive by heartbeats, or by its worker's stream: `hello` with a service registers it, the
   * end of the stream removes it. An instance that misses its heartbeat is UNHEALTHY: it is not picked, and removed after ten times
   * its `ttl`. One that drains is DRAINING: it finishes what it has, and is not picked. If both exist with the same service and id, the registration takes precedence; the worker appears again when the
   * registration is removed.
   * </pre>
   */
  public static final class RegistryServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<RegistryServiceFutureStub> {
    private RegistryServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RegistryServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RegistryServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers an instance, or replaces its registration. The answer comes once the registration is on the disk.
     * If two processes register under one name, the later one replaces the earlier one, and the server logs a warning. The earlier
     * one gets `INSTANCE_REPLACED` at its next heartbeat with its `registration_id` and must stop: registering again would replace
     * the other one in turn.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.RegisterInstanceResponse> registerInstance(
        com.sitq.v1.RegisterInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRegisterInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Keeps a registered instance alive for another `ttl`, reports its load, and says whether it drains.
     * Errors: NOT_FOUND with `INSTANCE_NOT_FOUND`: it was removed or never registered; register again. FAILED_PRECONDITION with
     * `INSTANCE_REPLACED`: another registration has replaced the named one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.HeartbeatResponse> heartbeat(
        com.sitq.v1.HeartbeatRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getHeartbeatMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a registration at once. It is idempotent. A worker's instance lasts as long as its stream.
     * Errors: FAILED_PRECONDITION with `INSTANCE_REPLACED`: another registration has replaced the named one, and is
     * kept.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.DeregisterInstanceResponse> deregisterInstance(
        com.sitq.v1.DeregisterInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeregisterInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists instances by service and id. Without instances the list is empty.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.DiscoverInstancesResponse> discoverInstances(
        com.sitq.v1.DiscoverInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDiscoverInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Picks a healthy instance with free capacity and reserves a place on it. One without an address is picked only if none has one.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` when no instance matches; UNAVAILABLE with `NO_HEALTHY_INSTANCE`;
     * RESOURCE_EXHAUSTED with `SERVICE_FULL`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.PickInstanceResponse> pickInstance(
        com.sitq.v1.PickInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPickInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Releases a place that PickInstance reserved. It is idempotent. With authentication on, the principal that picked may, and operators
     * of the service.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ReleaseInstanceResponse> releaseInstance(
        com.sitq.v1.ReleaseInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReleaseInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Probes the health of instances, of one service or of all, in parallel: over `grpc.health.v1`, or with the metadata
     * `health_check` = `http` by a GET of `health_path` (default `/health`), where 200 to 299 is healthy.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND` or `INSTANCE_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.CheckHealthResponse> checkHealth(
        com.sitq.v1.CheckHealthRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCheckHealthMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a service: its settings, its load, and how its clients by xDS do.
     * Errors: NOT_FOUND with `SERVICE_NOT_FOUND`: it has neither instances nor settings.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetServiceResponse> getService(
        com.sitq.v1.GetServiceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetServiceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the services that have instances or settings, by name.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListServicesResponse> listServices(
        com.sitq.v1.ListServicesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListServicesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the settings of a service, which need not have instances yet. The answer comes once they are on the disk; callers by
     * PickInstance and clients by xDS follow them at once.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.UpdateServiceResponse> updateService(
        com.sitq.v1.UpdateServiceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateServiceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the load of services.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetLoadStatisticsResponse> getLoadStatistics(
        com.sitq.v1.GetLoadStatisticsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetLoadStatisticsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_REGISTER_INSTANCE = 0;
  private static final int METHODID_HEARTBEAT = 1;
  private static final int METHODID_DEREGISTER_INSTANCE = 2;
  private static final int METHODID_DISCOVER_INSTANCES = 3;
  private static final int METHODID_WATCH_INSTANCES = 4;
  private static final int METHODID_PICK_INSTANCE = 5;
  private static final int METHODID_RELEASE_INSTANCE = 6;
  private static final int METHODID_CHECK_HEALTH = 7;
  private static final int METHODID_GET_SERVICE = 8;
  private static final int METHODID_LIST_SERVICES = 9;
  private static final int METHODID_UPDATE_SERVICE = 10;
  private static final int METHODID_GET_LOAD_STATISTICS = 11;

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
        case METHODID_REGISTER_INSTANCE:
          serviceImpl.registerInstance((com.sitq.v1.RegisterInstanceRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.RegisterInstanceResponse>) responseObserver);
          break;
        case METHODID_HEARTBEAT:
          serviceImpl.heartbeat((com.sitq.v1.HeartbeatRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.HeartbeatResponse>) responseObserver);
          break;
        case METHODID_DEREGISTER_INSTANCE:
          serviceImpl.deregisterInstance((com.sitq.v1.DeregisterInstanceRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.DeregisterInstanceResponse>) responseObserver);
          break;
        case METHODID_DISCOVER_INSTANCES:
          serviceImpl.discoverInstances((com.sitq.v1.DiscoverInstancesRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.DiscoverInstancesResponse>) responseObserver);
          break;
        case METHODID_WATCH_INSTANCES:
          serviceImpl.watchInstances((com.sitq.v1.WatchInstancesRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.WatchInstancesResponse>) responseObserver);
          break;
        case METHODID_PICK_INSTANCE:
          serviceImpl.pickInstance((com.sitq.v1.PickInstanceRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.PickInstanceResponse>) responseObserver);
          break;
        case METHODID_RELEASE_INSTANCE:
          serviceImpl.releaseInstance((com.sitq.v1.ReleaseInstanceRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ReleaseInstanceResponse>) responseObserver);
          break;
        case METHODID_CHECK_HEALTH:
          serviceImpl.checkHealth((com.sitq.v1.CheckHealthRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.CheckHealthResponse>) responseObserver);
          break;
        case METHODID_GET_SERVICE:
          serviceImpl.getService((com.sitq.v1.GetServiceRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetServiceResponse>) responseObserver);
          break;
        case METHODID_LIST_SERVICES:
          serviceImpl.listServices((com.sitq.v1.ListServicesRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListServicesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SERVICE:
          serviceImpl.updateService((com.sitq.v1.UpdateServiceRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.UpdateServiceResponse>) responseObserver);
          break;
        case METHODID_GET_LOAD_STATISTICS:
          serviceImpl.getLoadStatistics((com.sitq.v1.GetLoadStatisticsRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetLoadStatisticsResponse>) responseObserver);
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
          getRegisterInstanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.RegisterInstanceRequest,
              com.sitq.v1.RegisterInstanceResponse>(
                service, METHODID_REGISTER_INSTANCE)))
        .addMethod(
          getHeartbeatMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.HeartbeatRequest,
              com.sitq.v1.HeartbeatResponse>(
                service, METHODID_HEARTBEAT)))
        .addMethod(
          getDeregisterInstanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.DeregisterInstanceRequest,
              com.sitq.v1.DeregisterInstanceResponse>(
                service, METHODID_DEREGISTER_INSTANCE)))
        .addMethod(
          getDiscoverInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.DiscoverInstancesRequest,
              com.sitq.v1.DiscoverInstancesResponse>(
                service, METHODID_DISCOVER_INSTANCES)))
        .addMethod(
          getWatchInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.sitq.v1.WatchInstancesRequest,
              com.sitq.v1.WatchInstancesResponse>(
                service, METHODID_WATCH_INSTANCES)))
        .addMethod(
          getPickInstanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.PickInstanceRequest,
              com.sitq.v1.PickInstanceResponse>(
                service, METHODID_PICK_INSTANCE)))
        .addMethod(
          getReleaseInstanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ReleaseInstanceRequest,
              com.sitq.v1.ReleaseInstanceResponse>(
                service, METHODID_RELEASE_INSTANCE)))
        .addMethod(
          getCheckHealthMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.CheckHealthRequest,
              com.sitq.v1.CheckHealthResponse>(
                service, METHODID_CHECK_HEALTH)))
        .addMethod(
          getGetServiceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetServiceRequest,
              com.sitq.v1.GetServiceResponse>(
                service, METHODID_GET_SERVICE)))
        .addMethod(
          getListServicesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListServicesRequest,
              com.sitq.v1.ListServicesResponse>(
                service, METHODID_LIST_SERVICES)))
        .addMethod(
          getUpdateServiceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.UpdateServiceRequest,
              com.sitq.v1.UpdateServiceResponse>(
                service, METHODID_UPDATE_SERVICE)))
        .addMethod(
          getGetLoadStatisticsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetLoadStatisticsRequest,
              com.sitq.v1.GetLoadStatisticsResponse>(
                service, METHODID_GET_LOAD_STATISTICS)))
        .build();
  }

  private static abstract class RegistryServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    RegistryServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.sitq.v1.RegistryServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("RegistryService");
    }
  }

  private static final class RegistryServiceFileDescriptorSupplier
      extends RegistryServiceBaseDescriptorSupplier {
    RegistryServiceFileDescriptorSupplier() {}
  }

  private static final class RegistryServiceMethodDescriptorSupplier
      extends RegistryServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    RegistryServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (RegistryServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new RegistryServiceFileDescriptorSupplier())
              .addMethod(getRegisterInstanceMethod())
              .addMethod(getHeartbeatMethod())
              .addMethod(getDeregisterInstanceMethod())
              .addMethod(getDiscoverInstancesMethod())
              .addMethod(getWatchInstancesMethod())
              .addMethod(getPickInstanceMethod())
              .addMethod(getReleaseInstanceMethod())
              .addMethod(getCheckHealthMethod())
              .addMethod(getGetServiceMethod())
              .addMethod(getListServicesMethod())
              .addMethod(getUpdateServiceMethod())
              .addMethod(getGetLoadStatisticsMethod())
              .build();
        }
      }
    }
    return result;
  }
}

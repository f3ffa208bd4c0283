package com.sitq.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * How everything is now, and what is wrong. All answers come from counters and bounded reads, however much is stored.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class MonitorServiceGrpc {

  private MonitorServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sitq.v1.MonitorService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetStatusRequest,
      com.sitq.v1.GetStatusResponse> getGetStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetStatus",
      requestType = com.sitq.v1.GetStatusRequest.class,
      responseType = com.sitq.v1.GetStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetStatusRequest,
      com.sitq.v1.GetStatusResponse> getGetStatusMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetStatusRequest, com.sitq.v1.GetStatusResponse> getGetStatusMethod;
    if ((getGetStatusMethod = MonitorServiceGrpc.getGetStatusMethod) == null) {
      synchronized (MonitorServiceGrpc.class) {
        if ((getGetStatusMethod = MonitorServiceGrpc.getGetStatusMethod) == null) {
          MonitorServiceGrpc.getGetStatusMethod = getGetStatusMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetStatusRequest, com.sitq.v1.GetStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MonitorServiceMethodDescriptorSupplier("GetStatus"))
              .build();
        }
      }
    }
    return getGetStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetOverviewRequest,
      com.sitq.v1.GetOverviewResponse> getGetOverviewMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetOverview",
      requestType = com.sitq.v1.GetOverviewRequest.class,
      responseType = com.sitq.v1.GetOverviewResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetOverviewRequest,
      com.sitq.v1.GetOverviewResponse> getGetOverviewMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetOverviewRequest, com.sitq.v1.GetOverviewResponse> getGetOverviewMethod;
    if ((getGetOverviewMethod = MonitorServiceGrpc.getGetOverviewMethod) == null) {
      synchronized (MonitorServiceGrpc.class) {
        if ((getGetOverviewMethod = MonitorServiceGrpc.getGetOverviewMethod) == null) {
          MonitorServiceGrpc.getGetOverviewMethod = getGetOverviewMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetOverviewRequest, com.sitq.v1.GetOverviewResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetOverview"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetOverviewRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetOverviewResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MonitorServiceMethodDescriptorSupplier("GetOverview"))
              .build();
        }
      }
    }
    return getGetOverviewMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.WatchOverviewRequest,
      com.sitq.v1.WatchOverviewResponse> getWatchOverviewMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchOverview",
      requestType = com.sitq.v1.WatchOverviewRequest.class,
      responseType = com.sitq.v1.WatchOverviewResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.sitq.v1.WatchOverviewRequest,
      com.sitq.v1.WatchOverviewResponse> getWatchOverviewMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.WatchOverviewRequest, com.sitq.v1.WatchOverviewResponse> getWatchOverviewMethod;
    if ((getWatchOverviewMethod = MonitorServiceGrpc.getWatchOverviewMethod) == null) {
      synchronized (MonitorServiceGrpc.class) {
        if ((getWatchOverviewMethod = MonitorServiceGrpc.getWatchOverviewMethod) == null) {
          MonitorServiceGrpc.getWatchOverviewMethod = getWatchOverviewMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.WatchOverviewRequest, com.sitq.v1.WatchOverviewResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchOverview"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WatchOverviewRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WatchOverviewResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MonitorServiceMethodDescriptorSupplier("WatchOverview"))
              .build();
        }
      }
    }
    return getWatchOverviewMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static MonitorServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<MonitorServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<MonitorServiceStub>() {
        @java.lang.Override
        public MonitorServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new MonitorServiceStub(channel, callOptions);
        }
      };
    return MonitorServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static MonitorServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<MonitorServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<MonitorServiceBlockingV2Stub>() {
        @java.lang.Override
        public MonitorServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new MonitorServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return MonitorServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static MonitorServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<MonitorServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<MonitorServiceBlockingStub>() {
        @java.lang.Override
        public MonitorServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new MonitorServiceBlockingStub(channel, callOptions);
        }
      };
    return MonitorServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static MonitorServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<MonitorServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<MonitorServiceFutureStub>() {
        @java.lang.Override
        public MonitorServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new MonitorServiceFutureStub(channel, callOptions);
        }
      };
    return MonitorServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * How everything is now, and what is wrong. All answers come from counters and bounded reads, however much is stored.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Returns everything that is wrong, worst first, with totals. Without problems all is well.
     * </pre>
     */
    default void getStatus(com.sitq.v1.GetStatusRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a page of queues with their rates and histories. The first page also has totals and problems.
     * </pre>
     */
    default void getOverview(com.sitq.v1.GetOverviewRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetOverviewResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetOverviewMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams the overview: first all of it, then what changes, at most once a second. One update can take several messages.
     * With `max_queues` only the first queues are shown: an update has those that changed and those that came to be among them, and names
     * those that no longer are. Totals and problems are of all queues whatever is shown.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW` when the watcher falls behind its bounded buffer.
     * </pre>
     */
    default void watchOverview(com.sitq.v1.WatchOverviewRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.WatchOverviewResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchOverviewMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service MonitorService.
   * <pre>
   * How everything is now, and what is wrong. All answers come from counters and bounded reads, however much is stored.
   * </pre>
   */
  public static abstract class MonitorServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return MonitorServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service MonitorService.
   * <pre>
   * How everything is now, and what is wrong. All answers come from counters and bounded reads, however much is stored.
   * </pre>
   */
  public static final class MonitorServiceStub
      extends io.grpc.stub.AbstractAsyncStub<MonitorServiceStub> {
    private MonitorServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected MonitorServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new MonitorServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns everything that is wrong, worst first, with totals. Without problems all is well.
     * </pre>
     */
    public void getStatus(com.sitq.v1.GetStatusRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a page of queues with their rates and histories. The first page also has totals and problems.
     * </pre>
     */
    public void getOverview(com.sitq.v1.GetOverviewRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetOverviewResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetOverviewMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams the overview: first all of it, then what changes, at most once a second. One update can take several messages.
     * With `max_queues` only the first queues are shown: an update has those that changed and those that came to be among them, and names
     * those that no longer are. Totals and problems are of all queues whatever is shown.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW` when the watcher falls behind its bounded buffer.
     * </pre>
     */
    public void watchOverview(com.sitq.v1.WatchOverviewRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.WatchOverviewResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchOverviewMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service MonitorService.
   * <pre>
   * How everything is now, and what is wrong. All answers come from counters and bounded reads, however much is stored.
   * </pre>
   */
  public static final class MonitorServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<MonitorServiceBlockingV2Stub> {
    private MonitorServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected MonitorServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new MonitorServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns everything that is wrong, worst first, with totals. Without problems all is well.
     * </pre>
     */
    public com.sitq.v1.GetStatusResponse getStatus(com.sitq.v1.GetStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a page of queues with their rates and histories. The first page also has totals and problems.
     * </pre>
     */
    public com.sitq.v1.GetOverviewResponse getOverview(com.sitq.v1.GetOverviewRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetOverviewMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the overview: first all of it, then what changes, at most once a second. One update can take several messages.
     * With `max_queues` only the first queues are shown: an update has those that changed and those that came to be among them, and names
     * those that no longer are. Totals and problems are of all queues whatever is shown.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW` when the watcher falls behind its bounded buffer.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.sitq.v1.WatchOverviewResponse>
        watchOverview(com.sitq.v1.WatchOverviewRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchOverviewMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service MonitorService.
   * <pre>
   * How everything is now, and what is wrong. All answers come from counters and bounded reads, however much is stored.
   * </pre>
   */
  public static final class MonitorServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<MonitorServiceBlockingStub> {
    private MonitorServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected MonitorServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new MonitorServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns everything that is wrong, worst first, with totals. Without problems all is well.
     * </pre>
     */
    public com.sitq.v1.GetStatusResponse getStatus(com.sitq.v1.GetStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a page of queues with their rates and histories. The first page also has totals and problems.
     * </pre>
     */
    public com.sitq.v1.GetOverviewResponse getOverview(com.sitq.v1.GetOverviewRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetOverviewMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the overview: first all of it, then what changes, at most once a second. One update can take several messages.
     * With `max_queues` only the first queues are shown: an update has those that changed and those that came to be among them, and names
     * those that no longer are. Totals and problems are of all queues whatever is shown.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW` when the watcher falls behind its bounded buffer.
     * </pre>
     */
    public java.util.Iterator<com.sitq.v1.WatchOverviewResponse> watchOverview(
        com.sitq.v1.WatchOverviewRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchOverviewMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service MonitorService.
   * <pre>
   * How everything is now, and what is wrong. All answers come from counters and bounded reads, however much is stored.
   * </pre>
   */
  public static final class MonitorServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<MonitorServiceFutureStub> {
    private MonitorServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected MonitorServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new MonitorServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns everything that is wrong, worst first, with totals. Without problems all is well.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetStatusResponse> getStatus(
        com.sitq.v1.GetStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetStatusMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a page of queues with their rates and histories. The first page also has totals and problems.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetOverviewResponse> getOverview(
        com.sitq.v1.GetOverviewRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetOverviewMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_STATUS = 0;
  private static final int METHODID_GET_OVERVIEW = 1;
  private static final int METHODID_WATCH_OVERVIEW = 2;

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
        case METHODID_GET_STATUS:
          serviceImpl.getStatus((com.sitq.v1.GetStatusRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetStatusResponse>) responseObserver);
          break;
        case METHODID_GET_OVERVIEW:
          serviceImpl.getOverview((com.sitq.v1.GetOverviewRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetOverviewResponse>) responseObserver);
          break;
        case METHODID_WATCH_OVERVIEW:
          serviceImpl.watchOverview((com.sitq.v1.WatchOverviewRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.WatchOverviewResponse>) responseObserver);
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
          getGetStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetStatusRequest,
              com.sitq.v1.GetStatusResponse>(
                service, METHODID_GET_STATUS)))
        .addMethod(
          getGetOverviewMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetOverviewRequest,
              com.sitq.v1.GetOverviewResponse>(
                service, METHODID_GET_OVERVIEW)))
        .addMethod(
          getWatchOverviewMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.sitq.v1.WatchOverviewRequest,
              com.sitq.v1.WatchOverviewResponse>(
                service, METHODID_WATCH_OVERVIEW)))
        .build();
  }

  private static abstract class MonitorServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    MonitorServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.sitq.v1.MonitorServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("MonitorService");
    }
  }

  private static final class MonitorServiceFileDescriptorSupplier
      extends MonitorServiceBaseDescriptorSupplier {
    MonitorServiceFileDescriptorSupplier() {}
  }

  private static final class MonitorServiceMethodDescriptorSupplier
      extends MonitorServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    MonitorServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (MonitorServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new MonitorServiceFileDescriptorSupplier())
              .addMethod(getGetStatusMethod())
              .addMethod(getGetOverviewMethod())
              .addMethod(getWatchOverviewMethod())
              .build();
        }
      }
    }
    return result;
  }
}

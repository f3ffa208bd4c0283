package com.sitq.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The calls of the server's operator.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AdminServiceGrpc {

  private AdminServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sitq.v1.AdminService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetServerInfoRequest,
      com.sitq.v1.GetServerInfoResponse> getGetServerInfoMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetServerInfo",
      requestType = com.sitq.v1.GetServerInfoRequest.class,
      responseType = com.sitq.v1.GetServerInfoResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetServerInfoRequest,
      com.sitq.v1.GetServerInfoResponse> getGetServerInfoMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetServerInfoRequest, com.sitq.v1.GetServerInfoResponse> getGetServerInfoMethod;
    if ((getGetServerInfoMethod = AdminServiceGrpc.getGetServerInfoMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getGetServerInfoMethod = AdminServiceGrpc.getGetServerInfoMethod) == null) {
          AdminServiceGrpc.getGetServerInfoMethod = getGetServerInfoMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetServerInfoRequest, com.sitq.v1.GetServerInfoResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetServerInfo"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetServerInfoRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetServerInfoResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("GetServerInfo"))
              .build();
        }
      }
    }
    return getGetServerInfoMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListServersRequest,
      com.sitq.v1.ListServersResponse> getListServersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListServers",
      requestType = com.sitq.v1.ListServersRequest.class,
      responseType = com.sitq.v1.ListServersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListServersRequest,
      com.sitq.v1.ListServersResponse> getListServersMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListServersRequest, com.sitq.v1.ListServersResponse> getListServersMethod;
    if ((getListServersMethod = AdminServiceGrpc.getListServersMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListServersMethod = AdminServiceGrpc.getListServersMethod) == null) {
          AdminServiceGrpc.getListServersMethod = getListServersMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListServersRequest, com.sitq.v1.ListServersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListServers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListServersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListServersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListServers"))
              .build();
        }
      }
    }
    return getListServersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.BackupRequest,
      com.sitq.v1.BackupResponse> getBackupMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Backup",
      requestType = com.sitq.v1.BackupRequest.class,
      responseType = com.sitq.v1.BackupResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.sitq.v1.BackupRequest,
      com.sitq.v1.BackupResponse> getBackupMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.BackupRequest, com.sitq.v1.BackupResponse> getBackupMethod;
    if ((getBackupMethod = AdminServiceGrpc.getBackupMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getBackupMethod = AdminServiceGrpc.getBackupMethod) == null) {
          AdminServiceGrpc.getBackupMethod = getBackupMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.BackupRequest, com.sitq.v1.BackupResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Backup"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.BackupRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.BackupResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("Backup"))
              .build();
        }
      }
    }
    return getBackupMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AdminServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceStub>() {
        @java.lang.Override
        public AdminServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceStub(channel, callOptions);
        }
      };
    return AdminServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AdminServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingV2Stub>() {
        @java.lang.Override
        public AdminServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AdminServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AdminServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingStub>() {
        @java.lang.Override
        public AdminServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceBlockingStub(channel, callOptions);
        }
      };
    return AdminServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AdminServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceFutureStub>() {
        @java.lang.Override
        public AdminServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceFutureStub(channel, callOptions);
        }
      };
    return AdminServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The calls of the server's operator.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Returns the server's version, contract, store and runtime. They do not change while the server runs.
     * </pre>
     */
    default void getServerInfo(com.sitq.v1.GetServerInfoRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetServerInfoResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetServerInfoMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the servers that share the storage and have not ended, as the one that answers found them when it last renewed its own time, a few
     * seconds ago. One that has its storage for itself, as on SQLite, lists itself alone.
     * Their workers are counted as far as the scope covers their queues.
     * </pre>
     */
    default void listServers(com.sitq.v1.ListServersRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListServersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListServersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Copies the database while it is in use, checks the copy, and streams it.
     * A task, event, result or workflow that is damaged on the disk is copied as it is, and the summary names it.
     * The copy is stored beside the database until it is sent. It is dropped when the call is cancelled.
     * Errors: FAILED_PRECONDITION with `BACKUP_RUNNING` while another one runs; RESOURCE_EXHAUSTED with `DISK_FULL` if there is no
     * room for the copy, in the metadata `needed_bytes`; DATA_LOSS with `DATA_LOSS` if the file is so damaged that no server could
     * start with a copy: the message names some of the damage.
     * </pre>
     */
    default void backup(com.sitq.v1.BackupRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.BackupResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBackupMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AdminService.
   * <pre>
   * The calls of the server's operator.
   * </pre>
   */
  public static abstract class AdminServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AdminServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AdminService.
   * <pre>
   * The calls of the server's operator.
   * </pre>
   */
  public static final class AdminServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AdminServiceStub> {
    private AdminServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns the server's version, contract, store and runtime. They do not change while the server runs.
     * </pre>
     */
    public void getServerInfo(com.sitq.v1.GetServerInfoRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetServerInfoResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetServerInfoMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the servers that share the storage and have not ended, as the one that answers found them when it last renewed its own time, a few
     * seconds ago. One that has its storage for itself, as on SQLite, lists itself alone.
     * Their workers are counted as far as the scope covers their queues.
     * </pre>
     */
    public void listServers(com.sitq.v1.ListServersRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListServersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListServersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Copies the database while it is in use, checks the copy, and streams it.
     * A task, event, result or workflow that is damaged on the disk is copied as it is, and the summary names it.
     * The copy is stored beside the database until it is sent. It is dropped when the call is cancelled.
     * Errors: FAILED_PRECONDITION with `BACKUP_RUNNING` while another one runs; RESOURCE_EXHAUSTED with `DISK_FULL` if there is no
     * room for the copy, in the metadata `needed_bytes`; DATA_LOSS with `DATA_LOSS` if the file is so damaged that no server could
     * start with a copy: the message names some of the damage.
     * </pre>
     */
    public void backup(com.sitq.v1.BackupRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.BackupResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getBackupMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AdminService.
   * <pre>
   * The calls of the server's operator.
   * </pre>
   */
  public static final class AdminServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AdminServiceBlockingV2Stub> {
    private AdminServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns the server's version, contract, store and runtime. They do not change while the server runs.
     * </pre>
     */
    public com.sitq.v1.GetServerInfoResponse getServerInfo(com.sitq.v1.GetServerInfoRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetServerInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the servers that share the storage and have not ended, as the one that answers found them when it last renewed its own time, a few
     * seconds ago. One that has its storage for itself, as on SQLite, lists itself alone.
     * Their workers are counted as far as the scope covers their queues.
     * </pre>
     */
    public com.sitq.v1.ListServersResponse listServers(com.sitq.v1.ListServersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListServersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Copies the database while it is in use, checks the copy, and streams it.
     * A task, event, result or workflow that is damaged on the disk is copied as it is, and the summary names it.
     * The copy is stored beside the database until it is sent. It is dropped when the call is cancelled.
     * Errors: FAILED_PRECONDITION with `BACKUP_RUNNING` while another one runs; RESOURCE_EXHAUSTED with `DISK_FULL` if there is no
     * room for the copy, in the metadata `needed_bytes`; DATA_LOSS with `DATA_LOSS` if the file is so damaged that no server could
     * start with a copy: the message names some of the damage.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.sitq.v1.BackupResponse>
        backup(com.sitq.v1.BackupRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getBackupMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AdminService.
   * <pre>
   * The calls of the server's operator.
   * </pre>
   */
  public static final class AdminServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AdminServiceBlockingStub> {
    private AdminServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns the server's version, contract, store and runtime. They do not change while the server runs.
     * </pre>
     */
    public com.sitq.v1.GetServerInfoResponse getServerInfo(com.sitq.v1.GetServerInfoRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetServerInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the servers that share the storage and have not ended, as the one that answers found them when it last renewed its own time, a few
     * seconds ago. One that has its storage for itself, as on SQLite, lists itself alone.
     * Their workers are counted as far as the scope covers their queues.
     * </pre>
     */
    public com.sitq.v1.ListServersResponse listServers(com.sitq.v1.ListServersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListServersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Copies the database while it is in use, checks the copy, and streams it.
     * A task, event, result or workflow that is damaged on the disk is copied as it is, and the summary names it.
     * The copy is stored beside the database until it is sent. It is dropped when the call is cancelled.
     * Errors: FAILED_PRECONDITION with `BACKUP_RUNNING` while another one runs; RESOURCE_EXHAUSTED with `DISK_FULL` if there is no
     * room for the copy, in the metadata `needed_bytes`; DATA_LOSS with `DATA_LOSS` if the file is so damaged that no server could
     * start with a copy: the message names some of the damage.
     * </pre>
     */
    public java.util.Iterator<com.sitq.v1.BackupResponse> backup(
        com.sitq.v1.BackupRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getBackupMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AdminService.
   * <pre>
   * The calls of the server's operator.
   * </pre>
   */
  public static final class AdminServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AdminServiceFutureStub> {
    private AdminServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns the server's version, contract, store and runtime. They do not change while the server runs.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetServerInfoResponse> getServerInfo(
        com.sitq.v1.GetServerInfoRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetServerInfoMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the servers that share the storage and have not ended, as the one that answers found them when it last renewed its own time, a few
     * seconds ago. One that has its storage for itself, as on SQLite, lists itself alone.
     * Their workers are counted as far as the scope covers their queues.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListServersResponse> listServers(
        com.sitq.v1.ListServersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListServersMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_SERVER_INFO = 0;
  private static final int METHODID_LIST_SERVERS = 1;
  private static final int METHODID_BACKUP = 2;

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
        case METHODID_GET_SERVER_INFO:
          serviceImpl.getServerInfo((com.sitq.v1.GetServerInfoRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetServerInfoResponse>) responseObserver);
          break;
        case METHODID_LIST_SERVERS:
          serviceImpl.listServers((com.sitq.v1.ListServersRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListServersResponse>) responseObserver);
          break;
        case METHODID_BACKUP:
          serviceImpl.backup((com.sitq.v1.BackupRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.BackupResponse>) responseObserver);
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
          getGetServerInfoMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetServerInfoRequest,
              com.sitq.v1.GetServerInfoResponse>(
                service, METHODID_GET_SERVER_INFO)))
        .addMethod(
          getListServersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListServersRequest,
              com.sitq.v1.ListServersResponse>(
                service, METHODID_LIST_SERVERS)))
        .addMethod(
          getBackupMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.sitq.v1.BackupRequest,
              com.sitq.v1.BackupResponse>(
                service, METHODID_BACKUP)))
        .build();
  }

  private static abstract class AdminServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AdminServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.sitq.v1.AdminServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AdminService");
    }
  }

  private static final class AdminServiceFileDescriptorSupplier
      extends AdminServiceBaseDescriptorSupplier {
    AdminServiceFileDescriptorSupplier() {}
  }

  private static final class AdminServiceMethodDescriptorSupplier
      extends AdminServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AdminServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AdminServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AdminServiceFileDescriptorSupplier())
              .addMethod(getGetServerInfoMethod())
              .addMethod(getListServersMethod())
              .addMethod(getBackupMethod())
              .build();
        }
      }
    }
    return result;
  }
}

package com.sitq.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Workflows: steps that depend on each other, each a task of a service's queue.
 * A step's task is BLOCKED until the steps that it depends on are COMPLETED; storing an outcome and releasing the steps that wait
 * for it are one transaction, so a finished step never runs again, even after a crash. A step that fails for good fails the
 * workflow: steps that have not started are cancelled, and completed ones are compensated in reverse order by `compensate_with`.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class WorkflowServiceGrpc {

  private WorkflowServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sitq.v1.WorkflowService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.StartWorkflowRequest,
      com.sitq.v1.StartWorkflowResponse> getStartWorkflowMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StartWorkflow",
      requestType = com.sitq.v1.StartWorkflowRequest.class,
      responseType = com.sitq.v1.StartWorkflowResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.StartWorkflowRequest,
      com.sitq.v1.StartWorkflowResponse> getStartWorkflowMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.StartWorkflowRequest, com.sitq.v1.StartWorkflowResponse> getStartWorkflowMethod;
    if ((getStartWorkflowMethod = WorkflowServiceGrpc.getStartWorkflowMethod) == null) {
      synchronized (WorkflowServiceGrpc.class) {
        if ((getStartWorkflowMethod = WorkflowServiceGrpc.getStartWorkflowMethod) == null) {
          WorkflowServiceGrpc.getStartWorkflowMethod = getStartWorkflowMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.StartWorkflowRequest, com.sitq.v1.StartWorkflowResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StartWorkflow"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.StartWorkflowRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.StartWorkflowResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkflowServiceMethodDescriptorSupplier("StartWorkflow"))
              .build();
        }
      }
    }
    return getStartWorkflowMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ExecuteWorkflowRequest,
      com.sitq.v1.ExecuteWorkflowResponse> getExecuteWorkflowMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExecuteWorkflow",
      requestType = com.sitq.v1.ExecuteWorkflowRequest.class,
      responseType = com.sitq.v1.ExecuteWorkflowResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ExecuteWorkflowRequest,
      com.sitq.v1.ExecuteWorkflowResponse> getExecuteWorkflowMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ExecuteWorkflowRequest, com.sitq.v1.ExecuteWorkflowResponse> getExecuteWorkflowMethod;
    if ((getExecuteWorkflowMethod = WorkflowServiceGrpc.getExecuteWorkflowMethod) == null) {
      synchronized (WorkflowServiceGrpc.class) {
        if ((getExecuteWorkflowMethod = WorkflowServiceGrpc.getExecuteWorkflowMethod) == null) {
          WorkflowServiceGrpc.getExecuteWorkflowMethod = getExecuteWorkflowMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ExecuteWorkflowRequest, com.sitq.v1.ExecuteWorkflowResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExecuteWorkflow"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ExecuteWorkflowRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ExecuteWorkflowResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkflowServiceMethodDescriptorSupplier("ExecuteWorkflow"))
              .build();
        }
      }
    }
    return getExecuteWorkflowMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetWorkflowRequest,
      com.sitq.v1.GetWorkflowResponse> getGetWorkflowMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetWorkflow",
      requestType = com.sitq.v1.GetWorkflowRequest.class,
      responseType = com.sitq.v1.GetWorkflowResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetWorkflowRequest,
      com.sitq.v1.GetWorkflowResponse> getGetWorkflowMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetWorkflowRequest, com.sitq.v1.GetWorkflowResponse> getGetWorkflowMethod;
    if ((getGetWorkflowMethod = WorkflowServiceGrpc.getGetWorkflowMethod) == null) {
      synchronized (WorkflowServiceGrpc.class) {
        if ((getGetWorkflowMethod = WorkflowServiceGrpc.getGetWorkflowMethod) == null) {
          WorkflowServiceGrpc.getGetWorkflowMethod = getGetWorkflowMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetWorkflowRequest, com.sitq.v1.GetWorkflowResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetWorkflow"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetWorkflowRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetWorkflowResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkflowServiceMethodDescriptorSupplier("GetWorkflow"))
              .build();
        }
      }
    }
    return getGetWorkflowMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListWorkflowsRequest,
      com.sitq.v1.ListWorkflowsResponse> getListWorkflowsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListWorkflows",
      requestType = com.sitq.v1.ListWorkflowsRequest.class,
      responseType = com.sitq.v1.ListWorkflowsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListWorkflowsRequest,
      com.sitq.v1.ListWorkflowsResponse> getListWorkflowsMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListWorkflowsRequest, com.sitq.v1.ListWorkflowsResponse> getListWorkflowsMethod;
    if ((getListWorkflowsMethod = WorkflowServiceGrpc.getListWorkflowsMethod) == null) {
      synchronized (WorkflowServiceGrpc.class) {
        if ((getListWorkflowsMethod = WorkflowServiceGrpc.getListWorkflowsMethod) == null) {
          WorkflowServiceGrpc.getListWorkflowsMethod = getListWorkflowsMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListWorkflowsRequest, com.sitq.v1.ListWorkflowsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListWorkflows"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListWorkflowsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListWorkflowsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkflowServiceMethodDescriptorSupplier("ListWorkflows"))
              .build();
        }
      }
    }
    return getListWorkflowsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.CancelWorkflowRequest,
      com.sitq.v1.CancelWorkflowResponse> getCancelWorkflowMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelWorkflow",
      requestType = com.sitq.v1.CancelWorkflowRequest.class,
      responseType = com.sitq.v1.CancelWorkflowResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.CancelWorkflowRequest,
      com.sitq.v1.CancelWorkflowResponse> getCancelWorkflowMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.CancelWorkflowRequest, com.sitq.v1.CancelWorkflowResponse> getCancelWorkflowMethod;
    if ((getCancelWorkflowMethod = WorkflowServiceGrpc.getCancelWorkflowMethod) == null) {
      synchronized (WorkflowServiceGrpc.class) {
        if ((getCancelWorkflowMethod = WorkflowServiceGrpc.getCancelWorkflowMethod) == null) {
          WorkflowServiceGrpc.getCancelWorkflowMethod = getCancelWorkflowMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.CancelWorkflowRequest, com.sitq.v1.CancelWorkflowResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelWorkflow"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CancelWorkflowRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CancelWorkflowResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkflowServiceMethodDescriptorSupplier("CancelWorkflow"))
              .build();
        }
      }
    }
    return getCancelWorkflowMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.RetryWorkflowRequest,
      com.sitq.v1.RetryWorkflowResponse> getRetryWorkflowMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RetryWorkflow",
      requestType = com.sitq.v1.RetryWorkflowRequest.class,
      responseType = com.sitq.v1.RetryWorkflowResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.RetryWorkflowRequest,
      com.sitq.v1.RetryWorkflowResponse> getRetryWorkflowMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.RetryWorkflowRequest, com.sitq.v1.RetryWorkflowResponse> getRetryWorkflowMethod;
    if ((getRetryWorkflowMethod = WorkflowServiceGrpc.getRetryWorkflowMethod) == null) {
      synchronized (WorkflowServiceGrpc.class) {
        if ((getRetryWorkflowMethod = WorkflowServiceGrpc.getRetryWorkflowMethod) == null) {
          WorkflowServiceGrpc.getRetryWorkflowMethod = getRetryWorkflowMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.RetryWorkflowRequest, com.sitq.v1.RetryWorkflowResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RetryWorkflow"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RetryWorkflowRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RetryWorkflowResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkflowServiceMethodDescriptorSupplier("RetryWorkflow"))
              .build();
        }
      }
    }
    return getRetryWorkflowMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.WatchWorkflowRequest,
      com.sitq.v1.WatchWorkflowResponse> getWatchWorkflowMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchWorkflow",
      requestType = com.sitq.v1.WatchWorkflowRequest.class,
      responseType = com.sitq.v1.WatchWorkflowResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.sitq.v1.WatchWorkflowRequest,
      com.sitq.v1.WatchWorkflowResponse> getWatchWorkflowMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.WatchWorkflowRequest, com.sitq.v1.WatchWorkflowResponse> getWatchWorkflowMethod;
    if ((getWatchWorkflowMethod = WorkflowServiceGrpc.getWatchWorkflowMethod) == null) {
      synchronized (WorkflowServiceGrpc.class) {
        if ((getWatchWorkflowMethod = WorkflowServiceGrpc.getWatchWorkflowMethod) == null) {
          WorkflowServiceGrpc.getWatchWorkflowMethod = getWatchWorkflowMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.WatchWorkflowRequest, com.sitq.v1.WatchWorkflowResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchWorkflow"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WatchWorkflowRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WatchWorkflowResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkflowServiceMethodDescriptorSupplier("WatchWorkflow"))
              .build();
        }
      }
    }
    return getWatchWorkflowMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static WorkflowServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WorkflowServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WorkflowServiceStub>() {
        @java.lang.Override
        public WorkflowServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WorkflowServiceStub(channel, callOptions);
        }
      };
    return WorkflowServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static WorkflowServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WorkflowServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WorkflowServiceBlockingV2Stub>() {
        @java.lang.Override
        public WorkflowServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WorkflowServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return WorkflowServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static WorkflowServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WorkflowServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WorkflowServiceBlockingStub>() {
        @java.lang.Override
        public WorkflowServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WorkflowServiceBlockingStub(channel, callOptions);
        }
      };
    return WorkflowServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static WorkflowServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WorkflowServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WorkflowServiceFutureStub>() {
        @java.lang.Override
        public WorkflowServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WorkflowServiceFutureStub(channel, callOptions);
        }
      };
    return WorkflowServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Workflows: steps that depend on each other, each a task of a service's queue.
   * A step's task is BLOCKED until the steps that it depends on are COMPLETED; storing an outcome and releasing the steps that wait
   * for it are one transaction, so a finished step never runs again, even after a crash. A step that fails for good fails the
   * workflow: steps that have not started are cancelled, and completed ones are compensated in reverse order by `compensate_with`.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Stores a workflow and releases the steps that depend on nothing. The answer comes once it is on the disk.
     * Errors: INVALID_ARGUMENT with the field path; ALREADY_EXISTS with `REQUEST_ID_REUSED`; RESOURCE_EXHAUSTED with `QUEUE_FULL`
     * and the field of the step whose queue has no room, or with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    default void startWorkflow(com.sitq.v1.StartWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.StartWorkflowResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStartWorkflowMethod(), responseObserver);
    }

    /**
     * <pre>
     * Starts a workflow that StartWorkflow stored as `pending`: releases the steps that depend on nothing. It is
     * idempotent.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it was cancelled.
     * </pre>
     */
    default void executeWorkflow(com.sitq.v1.ExecuteWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ExecuteWorkflowResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExecuteWorkflowMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a workflow in full.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`.
     * </pre>
     */
    default void getWorkflow(com.sitq.v1.GetWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetWorkflowResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetWorkflowMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists workflows, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    default void listWorkflows(com.sitq.v1.ListWorkflowsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListWorkflowsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListWorkflowsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Cancels a workflow: running steps are signalled to stop over their workers' streams, waiting steps never start. It
     * is idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    default void cancelWorkflow(com.sitq.v1.CancelWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CancelWorkflowResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelWorkflowMethod(), responseObserver);
    }

    /**
     * <pre>
     * Continues a FAILED or CANCELLED workflow: COMPLETED steps are kept, the others get fresh attempts. If a compensation failed,
     * compensation continues with it. A workflow that was cancelled before it was executed (StartWorkflow's `pending`) starts, as
     * by ExecuteWorkflow.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_NOT_RETRYABLE`: it is not at rest, or its steps have been compensated.
     * </pre>
     */
    default void retryWorkflow(com.sitq.v1.RetryWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RetryWorkflowResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRetryWorkflowMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams one workflow: first its current state, then every change. The stream ends after the change that brings the workflow
     * to rest (`finish_time`).
     * Errors: NOT_FOUND; RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW`.
     * </pre>
     */
    default void watchWorkflow(com.sitq.v1.WatchWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.WatchWorkflowResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchWorkflowMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service WorkflowService.
   * <pre>
   * Workflows: steps that depend on each other, each a task of a service's queue.
   * A step's task is BLOCKED until the steps that it depends on are COMPLETED; storing an outcome and releasing the steps that wait
   * for it are one transaction, so a finished step never runs again, even after a crash. A step that fails for good fails the
   * workflow: steps that have not started are cancelled, and completed ones are compensated in reverse order by `compensate_with`.
   * </pre>
   */
  public static abstract class WorkflowServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return WorkflowServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service WorkflowService.
   * <pre>
   * Workflows: steps that depend on each other, each a task of a service's queue.
   * A step's task is BLOCKED until the steps that it depends on are COMPLETED; storing an outcome and releasing the steps that wait
   * for it are one transaction, so a finished step never runs again, even after a crash. A step that fails for good fails the
   * workflow: steps that have not started are cancelled, and completed ones are compensated in reverse order by `compensate_with`.
   * </pre>
   */
  public static final class WorkflowServiceStub
      extends io.grpc.stub.AbstractAsyncStub<WorkflowServiceStub> {
    private WorkflowServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WorkflowServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WorkflowServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores a workflow and releases the steps that depend on nothing. The answer comes once it is on the disk.
     * Errors: INVALID_ARGUMENT with the field path; ALREADY_EXISTS with `REQUEST_ID_REUSED`; RESOURCE_EXHAUSTED with `QUEUE_FULL`
     * and the field of the step whose queue has no room, or with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    public void startWorkflow(com.sitq.v1.StartWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.StartWorkflowResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStartWorkflowMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Starts a workflow that StartWorkflow stored as `pending`: releases the steps that depend on nothing. It is
     * idempotent.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it was cancelled.
     * </pre>
     */
    public void executeWorkflow(com.sitq.v1.ExecuteWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ExecuteWorkflowResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExecuteWorkflowMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a workflow in full.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`.
     * </pre>
     */
    public void getWorkflow(com.sitq.v1.GetWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetWorkflowResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetWorkflowMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists workflows, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    public void listWorkflows(com.sitq.v1.ListWorkflowsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListWorkflowsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListWorkflowsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Cancels a workflow: running steps are signalled to stop over their workers' streams, waiting steps never start. It
     * is idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    public void cancelWorkflow(com.sitq.v1.CancelWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CancelWorkflowResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelWorkflowMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Continues a FAILED or CANCELLED workflow: COMPLETED steps are kept, the others get fresh attempts. If a compensation failed,
     * compensation continues with it. A workflow that was cancelled before it was executed (StartWorkflow's `pending`) starts, as
     * by ExecuteWorkflow.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_NOT_RETRYABLE`: it is not at rest, or its steps have been compensated.
     * </pre>
     */
    public void retryWorkflow(com.sitq.v1.RetryWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RetryWorkflowResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRetryWorkflowMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams one workflow: first its current state, then every change. The stream ends after the change that brings the workflow
     * to rest (`finish_time`).
     * Errors: NOT_FOUND; RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW`.
     * </pre>
     */
    public void watchWorkflow(com.sitq.v1.WatchWorkflowRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.WatchWorkflowResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchWorkflowMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service WorkflowService.
   * <pre>
   * Workflows: steps that depend on each other, each a task of a service's queue.
   * A step's task is BLOCKED until the steps that it depends on are COMPLETED; storing an outcome and releasing the steps that wait
   * for it are one transaction, so a finished step never runs again, even after a crash. A step that fails for good fails the
   * workflow: steps that have not started are cancelled, and completed ones are compensated in reverse order by `compensate_with`.
   * </pre>
   */
  public static final class WorkflowServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<WorkflowServiceBlockingV2Stub> {
    private WorkflowServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WorkflowServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WorkflowServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores a workflow and releases the steps that depend on nothing. The answer comes once it is on the disk.
     * Errors: INVALID_ARGUMENT with the field path; ALREADY_EXISTS with `REQUEST_ID_REUSED`; RESOURCE_EXHAUSTED with `QUEUE_FULL`
     * and the field of the step whose queue has no room, or with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    public com.sitq.v1.StartWorkflowResponse startWorkflow(com.sitq.v1.StartWorkflowRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStartWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Starts a workflow that StartWorkflow stored as `pending`: releases the steps that depend on nothing. It is
     * idempotent.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it was cancelled.
     * </pre>
     */
    public com.sitq.v1.ExecuteWorkflowResponse executeWorkflow(com.sitq.v1.ExecuteWorkflowRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExecuteWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a workflow in full.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetWorkflowResponse getWorkflow(com.sitq.v1.GetWorkflowRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists workflows, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    public com.sitq.v1.ListWorkflowsResponse listWorkflows(com.sitq.v1.ListWorkflowsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListWorkflowsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels a workflow: running steps are signalled to stop over their workers' streams, waiting steps never start. It
     * is idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    public com.sitq.v1.CancelWorkflowResponse cancelWorkflow(com.sitq.v1.CancelWorkflowRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Continues a FAILED or CANCELLED workflow: COMPLETED steps are kept, the others get fresh attempts. If a compensation failed,
     * compensation continues with it. A workflow that was cancelled before it was executed (StartWorkflow's `pending`) starts, as
     * by ExecuteWorkflow.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_NOT_RETRYABLE`: it is not at rest, or its steps have been compensated.
     * </pre>
     */
    public com.sitq.v1.RetryWorkflowResponse retryWorkflow(com.sitq.v1.RetryWorkflowRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRetryWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams one workflow: first its current state, then every change. The stream ends after the change that brings the workflow
     * to rest (`finish_time`).
     * Errors: NOT_FOUND; RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW`.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.sitq.v1.WatchWorkflowResponse>
        watchWorkflow(com.sitq.v1.WatchWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchWorkflowMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service WorkflowService.
   * <pre>
   * Workflows: steps that depend on each other, each a task of a service's queue.
   * A step's task is BLOCKED until the steps that it depends on are COMPLETED; storing an outcome and releasing the steps that wait
   * for it are one transaction, so a finished step never runs again, even after a crash. A step that fails for good fails the
   * workflow: steps that have not started are cancelled, and completed ones are compensated in reverse order by `compensate_with`.
   * </pre>
   */
  public static final class WorkflowServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<WorkflowServiceBlockingStub> {
    private WorkflowServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WorkflowServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WorkflowServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores a workflow and releases the steps that depend on nothing. The answer comes once it is on the disk.
     * Errors: INVALID_ARGUMENT with the field path; ALREADY_EXISTS with `REQUEST_ID_REUSED`; RESOURCE_EXHAUSTED with `QUEUE_FULL`
     * and the field of the step whose queue has no room, or with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    public com.sitq.v1.StartWorkflowResponse startWorkflow(com.sitq.v1.StartWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStartWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Starts a workflow that StartWorkflow stored as `pending`: releases the steps that depend on nothing. It is
     * idempotent.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it was cancelled.
     * </pre>
     */
    public com.sitq.v1.ExecuteWorkflowResponse executeWorkflow(com.sitq.v1.ExecuteWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExecuteWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a workflow in full.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetWorkflowResponse getWorkflow(com.sitq.v1.GetWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists workflows, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    public com.sitq.v1.ListWorkflowsResponse listWorkflows(com.sitq.v1.ListWorkflowsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListWorkflowsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels a workflow: running steps are signalled to stop over their workers' streams, waiting steps never start. It
     * is idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    public com.sitq.v1.CancelWorkflowResponse cancelWorkflow(com.sitq.v1.CancelWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Continues a FAILED or CANCELLED workflow: COMPLETED steps are kept, the others get fresh attempts. If a compensation failed,
     * compensation continues with it. A workflow that was cancelled before it was executed (StartWorkflow's `pending`) starts, as
     * by ExecuteWorkflow.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_NOT_RETRYABLE`: it is not at rest, or its steps have been compensated.
     * </pre>
     */
    public com.sitq.v1.RetryWorkflowResponse retryWorkflow(com.sitq.v1.RetryWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRetryWorkflowMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams one workflow: first its current state, then every change. The stream ends after the change that brings the workflow
     * to rest (`finish_time`).
     * Errors: NOT_FOUND; RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW`.
     * </pre>
     */
    public java.util.Iterator<com.sitq.v1.WatchWorkflowResponse> watchWorkflow(
        com.sitq.v1.WatchWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchWorkflowMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service WorkflowService.
   * <pre>
   * Workflows: steps that depend on each other, each a task of a service's queue.
   * A step's task is BLOCKED until the steps that it depends on are COMPLETED; storing an outcome and releasing the steps that wait
   * for it are one transaction, so a finished step never runs again, even after a crash. A step that fails for good fails the
   * workflow: steps that have not started are cancelled, and completed ones are compensated in reverse order by `compensate_with`.
   * </pre>
   */
  public static final class WorkflowServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<WorkflowServiceFutureStub> {
    private WorkflowServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WorkflowServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WorkflowServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores a workflow and releases the steps that depend on nothing. The answer comes once it is on the disk.
     * Errors: INVALID_ARGUMENT with the field path; ALREADY_EXISTS with `REQUEST_ID_REUSED`; RESOURCE_EXHAUSTED with `QUEUE_FULL`
     * and the field of the step whose queue has no room, or with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.StartWorkflowResponse> startWorkflow(
        com.sitq.v1.StartWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStartWorkflowMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Starts a workflow that StartWorkflow stored as `pending`: releases the steps that depend on nothing. It is
     * idempotent.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it was cancelled.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ExecuteWorkflowResponse> executeWorkflow(
        com.sitq.v1.ExecuteWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExecuteWorkflowMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a workflow in full.
     * Errors: NOT_FOUND with `WORKFLOW_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetWorkflowResponse> getWorkflow(
        com.sitq.v1.GetWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetWorkflowMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists workflows, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListWorkflowsResponse> listWorkflows(
        com.sitq.v1.ListWorkflowsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListWorkflowsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Cancels a workflow: running steps are signalled to stop over their workers' streams, waiting steps never start. It
     * is idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.CancelWorkflowResponse> cancelWorkflow(
        com.sitq.v1.CancelWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelWorkflowMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Continues a FAILED or CANCELLED workflow: COMPLETED steps are kept, the others get fresh attempts. If a compensation failed,
     * compensation continues with it. A workflow that was cancelled before it was executed (StartWorkflow's `pending`) starts, as
     * by ExecuteWorkflow.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `WORKFLOW_NOT_RETRYABLE`: it is not at rest, or its steps have been compensated.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.RetryWorkflowResponse> retryWorkflow(
        com.sitq.v1.RetryWorkflowRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRetryWorkflowMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_START_WORKFLOW = 0;
  private static final int METHODID_EXECUTE_WORKFLOW = 1;
  private static final int METHODID_GET_WORKFLOW = 2;
  private static final int METHODID_LIST_WORKFLOWS = 3;
  private static final int METHODID_CANCEL_WORKFLOW = 4;
  private static final int METHODID_RETRY_WORKFLOW = 5;
  private static final int METHODID_WATCH_WORKFLOW = 6;

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
        case METHODID_START_WORKFLOW:
          serviceImpl.startWorkflow((com.sitq.v1.StartWorkflowRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.StartWorkflowResponse>) responseObserver);
          break;
        case METHODID_EXECUTE_WORKFLOW:
          serviceImpl.executeWorkflow((com.sitq.v1.ExecuteWorkflowRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ExecuteWorkflowResponse>) responseObserver);
          break;
        case METHODID_GET_WORKFLOW:
          serviceImpl.getWorkflow((com.sitq.v1.GetWorkflowRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetWorkflowResponse>) responseObserver);
          break;
        case METHODID_LIST_WORKFLOWS:
          serviceImpl.listWorkflows((com.sitq.v1.ListWorkflowsRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListWorkflowsResponse>) responseObserver);
          break;
        case METHODID_CANCEL_WORKFLOW:
          serviceImpl.cancelWorkflow((com.sitq.v1.CancelWorkflowRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.CancelWorkflowResponse>) responseObserver);
          break;
        case METHODID_RETRY_WORKFLOW:
          serviceImpl.retryWorkflow((com.sitq.v1.RetryWorkflowRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.RetryWorkflowResponse>) responseObserver);
          break;
        case METHODID_WATCH_WORKFLOW:
          serviceImpl.watchWorkflow((com.sitq.v1.WatchWorkflowRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.WatchWorkflowResponse>) responseObserver);
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
          getStartWorkflowMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.StartWorkflowRequest,
              com.sitq.v1.StartWorkflowResponse>(
                service, METHODID_START_WORKFLOW)))
        .addMethod(
          getExecuteWorkflowMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ExecuteWorkflowRequest,
              com.sitq.v1.ExecuteWorkflowResponse>(
                service, METHODID_EXECUTE_WORKFLOW)))
        .addMethod(
          getGetWorkflowMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetWorkflowRequest,
              com.sitq.v1.GetWorkflowResponse>(
                service, METHODID_GET_WORKFLOW)))
        .addMethod(
          getListWorkflowsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListWorkflowsRequest,
              com.sitq.v1.ListWorkflowsResponse>(
                service, METHODID_LIST_WORKFLOWS)))
        .addMethod(
          getCancelWorkflowMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.CancelWorkflowRequest,
              com.sitq.v1.CancelWorkflowResponse>(
                service, METHODID_CANCEL_WORKFLOW)))
        .addMethod(
          getRetryWorkflowMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.RetryWorkflowRequest,
              com.sitq.v1.RetryWorkflowResponse>(
                service, METHODID_RETRY_WORKFLOW)))
        .addMethod(
          getWatchWorkflowMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.sitq.v1.WatchWorkflowRequest,
              com.sitq.v1.WatchWorkflowResponse>(
                service, METHODID_WATCH_WORKFLOW)))
        .build();
  }

  private static abstract class WorkflowServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    WorkflowServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.sitq.v1.WorkflowServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("WorkflowService");
    }
  }

  private static final class WorkflowServiceFileDescriptorSupplier
      extends WorkflowServiceBaseDescriptorSupplier {
    WorkflowServiceFileDescriptorSupplier() {}
  }

  private static final class WorkflowServiceMethodDescriptorSupplier
      extends WorkflowServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    WorkflowServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (WorkflowServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new WorkflowServiceFileDescriptorSupplier())
              .addMethod(getStartWorkflowMethod())
              .addMethod(getExecuteWorkflowMethod())
              .addMethod(getGetWorkflowMethod())
              .addMethod(getListWorkflowsMethod())
              .addMethod(getCancelWorkflowMethod())
              .addMethod(getRetryWorkflowMethod())
              .addMethod(getWatchWorkflowMethod())
              .build();
        }
      }
    }
    return result;
  }
}

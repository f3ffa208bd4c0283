package com.sitq.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The calls of workers, and what operators see of workers. A worker holds one Work stream; clients that cannot hold a stream
 * (scripts, serverless functions) use the unary calls ClaimTasks, CompleteTask, FailTask, ReleaseTask and ExtendLease.
 * A lease belongs to a task, an attempt and a worker. A message about a task from a worker that does not hold its lease is
 * answered STALE and changes nothing.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class WorkerServiceGrpc {

  private WorkerServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sitq.v1.WorkerService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.WorkRequest,
      com.sitq.v1.WorkResponse> getWorkMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Work",
      requestType = com.sitq.v1.WorkRequest.class,
      responseType = com.sitq.v1.WorkResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<com.sitq.v1.WorkRequest,
      com.sitq.v1.WorkResponse> getWorkMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.WorkRequest, com.sitq.v1.WorkResponse> getWorkMethod;
    if ((getWorkMethod = WorkerServiceGrpc.getWorkMethod) == null) {
      synchronized (WorkerServiceGrpc.class) {
        if ((getWorkMethod = WorkerServiceGrpc.getWorkMethod) == null) {
          WorkerServiceGrpc.getWorkMethod = getWorkMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.WorkRequest, com.sitq.v1.WorkResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Work"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WorkRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WorkResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkerServiceMethodDescriptorSupplier("Work"))
              .build();
        }
      }
    }
    return getWorkMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ClaimTasksRequest,
      com.sitq.v1.ClaimTasksResponse> getClaimTasksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ClaimTasks",
      requestType = com.sitq.v1.ClaimTasksRequest.class,
      responseType = com.sitq.v1.ClaimTasksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ClaimTasksRequest,
      com.sitq.v1.ClaimTasksResponse> getClaimTasksMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ClaimTasksRequest, com.sitq.v1.ClaimTasksResponse> getClaimTasksMethod;
    if ((getClaimTasksMethod = WorkerServiceGrpc.getClaimTasksMethod) == null) {
      synchronized (WorkerServiceGrpc.class) {
        if ((getClaimTasksMethod = WorkerServiceGrpc.getClaimTasksMethod) == null) {
          WorkerServiceGrpc.getClaimTasksMethod = getClaimTasksMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ClaimTasksRequest, com.sitq.v1.ClaimTasksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ClaimTasks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ClaimTasksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ClaimTasksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkerServiceMethodDescriptorSupplier("ClaimTasks"))
              .build();
        }
      }
    }
    return getClaimTasksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.CompleteTaskRequest,
      com.sitq.v1.CompleteTaskResponse> getCompleteTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CompleteTask",
      requestType = com.sitq.v1.CompleteTaskRequest.class,
      responseType = com.sitq.v1.CompleteTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.CompleteTaskRequest,
      com.sitq.v1.CompleteTaskResponse> getCompleteTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.CompleteTaskRequest, com.sitq.v1.CompleteTaskResponse> getCompleteTaskMethod;
    if ((getCompleteTaskMethod = WorkerServiceGrpc.getCompleteTaskMethod) == null) {
      synchronized (WorkerServiceGrpc.class) {
        if ((getCompleteTaskMethod = WorkerServiceGrpc.getCompleteTaskMethod) == null) {
          WorkerServiceGrpc.getCompleteTaskMethod = getCompleteTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.CompleteTaskRequest, com.sitq.v1.CompleteTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CompleteTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CompleteTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CompleteTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkerServiceMethodDescriptorSupplier("CompleteTask"))
              .build();
        }
      }
    }
    return getCompleteTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.FailTaskRequest,
      com.sitq.v1.FailTaskResponse> getFailTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "FailTask",
      requestType = com.sitq.v1.FailTaskRequest.class,
      responseType = com.sitq.v1.FailTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.FailTaskRequest,
      com.sitq.v1.FailTaskResponse> getFailTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.FailTaskRequest, com.sitq.v1.FailTaskResponse> getFailTaskMethod;
    if ((getFailTaskMethod = WorkerServiceGrpc.getFailTaskMethod) == null) {
      synchronized (WorkerServiceGrpc.class) {
        if ((getFailTaskMethod = WorkerServiceGrpc.getFailTaskMethod) == null) {
          WorkerServiceGrpc.getFailTaskMethod = getFailTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.FailTaskRequest, com.sitq.v1.FailTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "FailTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.FailTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.FailTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkerServiceMethodDescriptorSupplier("FailTask"))
              .build();
        }
      }
    }
    return getFailTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ReleaseTaskRequest,
      com.sitq.v1.ReleaseTaskResponse> getReleaseTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReleaseTask",
      requestType = com.sitq.v1.ReleaseTaskRequest.class,
      responseType = com.sitq.v1.ReleaseTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ReleaseTaskRequest,
      com.sitq.v1.ReleaseTaskResponse> getReleaseTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ReleaseTaskRequest, com.sitq.v1.ReleaseTaskResponse> getReleaseTaskMethod;
    if ((getReleaseTaskMethod = WorkerServiceGrpc.getReleaseTaskMethod) == null) {
      synchronized (WorkerServiceGrpc.class) {
        if ((getReleaseTaskMethod = WorkerServiceGrpc.getReleaseTaskMethod) == null) {
          WorkerServiceGrpc.getReleaseTaskMethod = getReleaseTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ReleaseTaskRequest, com.sitq.v1.ReleaseTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReleaseTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ReleaseTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ReleaseTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkerServiceMethodDescriptorSupplier("ReleaseTask"))
              .build();
        }
      }
    }
    return getReleaseTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.SettleTasksRequest,
      com.sitq.v1.SettleTasksResponse> getSettleTasksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SettleTasks",
      requestType = com.sitq.v1.SettleTasksRequest.class,
      responseType = com.sitq.v1.SettleTasksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.SettleTasksRequest,
      com.sitq.v1.SettleTasksResponse> getSettleTasksMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.SettleTasksRequest, com.sitq.v1.SettleTasksResponse> getSettleTasksMethod;
    if ((getSettleTasksMethod = WorkerServiceGrpc.getSettleTasksMethod) == null) {
      synchronized (WorkerServiceGrpc.class) {
        if ((getSettleTasksMethod = WorkerServiceGrpc.getSettleTasksMethod) == null) {
          WorkerServiceGrpc.getSettleTasksMethod = getSettleTasksMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.SettleTasksRequest, com.sitq.v1.SettleTasksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SettleTasks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.SettleTasksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.SettleTasksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkerServiceMethodDescriptorSupplier("SettleTasks"))
              .build();
        }
      }
    }
    return getSettleTasksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ExtendLeaseRequest,
      com.sitq.v1.ExtendLeaseResponse> getExtendLeaseMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExtendLease",
      requestType = com.sitq.v1.ExtendLeaseRequest.class,
      responseType = com.sitq.v1.ExtendLeaseResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ExtendLeaseRequest,
      com.sitq.v1.ExtendLeaseResponse> getExtendLeaseMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ExtendLeaseRequest, com.sitq.v1.ExtendLeaseResponse> getExtendLeaseMethod;
    if ((getExtendLeaseMethod = WorkerServiceGrpc.getExtendLeaseMethod) == null) {
      synchronized (WorkerServiceGrpc.class) {
        if ((getExtendLeaseMethod = WorkerServiceGrpc.getExtendLeaseMethod) == null) {
          WorkerServiceGrpc.getExtendLeaseMethod = getExtendLeaseMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ExtendLeaseRequest, com.sitq.v1.ExtendLeaseResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExtendLease"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ExtendLeaseRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ExtendLeaseResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkerServiceMethodDescriptorSupplier("ExtendLease"))
              .build();
        }
      }
    }
    return getExtendLeaseMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListWorkersRequest,
      com.sitq.v1.ListWorkersResponse> getListWorkersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListWorkers",
      requestType = com.sitq.v1.ListWorkersRequest.class,
      responseType = com.sitq.v1.ListWorkersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListWorkersRequest,
      com.sitq.v1.ListWorkersResponse> getListWorkersMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListWorkersRequest, com.sitq.v1.ListWorkersResponse> getListWorkersMethod;
    if ((getListWorkersMethod = WorkerServiceGrpc.getListWorkersMethod) == null) {
      synchronized (WorkerServiceGrpc.class) {
        if ((getListWorkersMethod = WorkerServiceGrpc.getListWorkersMethod) == null) {
          WorkerServiceGrpc.getListWorkersMethod = getListWorkersMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListWorkersRequest, com.sitq.v1.ListWorkersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListWorkers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListWorkersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListWorkersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkerServiceMethodDescriptorSupplier("ListWorkers"))
              .build();
        }
      }
    }
    return getListWorkersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.DrainWorkerRequest,
      com.sitq.v1.DrainWorkerResponse> getDrainWorkerMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DrainWorker",
      requestType = com.sitq.v1.DrainWorkerRequest.class,
      responseType = com.sitq.v1.DrainWorkerResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.DrainWorkerRequest,
      com.sitq.v1.DrainWorkerResponse> getDrainWorkerMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.DrainWorkerRequest, com.sitq.v1.DrainWorkerResponse> getDrainWorkerMethod;
    if ((getDrainWorkerMethod = WorkerServiceGrpc.getDrainWorkerMethod) == null) {
      synchronized (WorkerServiceGrpc.class) {
        if ((getDrainWorkerMethod = WorkerServiceGrpc.getDrainWorkerMethod) == null) {
          WorkerServiceGrpc.getDrainWorkerMethod = getDrainWorkerMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.DrainWorkerRequest, com.sitq.v1.DrainWorkerResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DrainWorker"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DrainWorkerRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DrainWorkerResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WorkerServiceMethodDescriptorSupplier("DrainWorker"))
              .build();
        }
      }
    }
    return getDrainWorkerMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static WorkerServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WorkerServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WorkerServiceStub>() {
        @java.lang.Override
        public WorkerServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WorkerServiceStub(channel, callOptions);
        }
      };
    return WorkerServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static WorkerServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WorkerServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WorkerServiceBlockingV2Stub>() {
        @java.lang.Override
        public WorkerServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WorkerServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return WorkerServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static WorkerServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WorkerServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WorkerServiceBlockingStub>() {
        @java.lang.Override
        public WorkerServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WorkerServiceBlockingStub(channel, callOptions);
        }
      };
    return WorkerServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static WorkerServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WorkerServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WorkerServiceFutureStub>() {
        @java.lang.Override
        public WorkerServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WorkerServiceFutureStub(channel, callOptions);
        }
      };
    return WorkerServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The calls of workers, and what operators see of workers. A worker holds one Work stream; clients that cannot hold a stream
   * (scripts, serverless functions) use the unary calls ClaimTasks, CompleteTask, FailTask, ReleaseTask and ExtendLease.
   * A lease belongs to a task, an attempt and a worker. A message about a task from a worker that does not hold its lease is
   * answered STALE and changes nothing.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Sends tasks to a worker and receives its outcomes.
     * The worker's first message is `hello`, and only the first. The server answers `welcome` and sends `tasks` as they come,
     * never more in flight than `capacity`. The worker sends each outcome again, after a reconnect too, until it is
     * `settled`, which confirms that it is on the disk. Any message of the worker keeps all its leases alive; it must send one
     * every `heartbeat_interval`. When the stream breaks, its leases last until `lease_duration` after the last message: a
     * worker that reconnects by then sends what it holds and continues.
     * A second stream with the same worker id and another `incarnation` is another process: it ends the first with ABORTED and
     * `WORKER_REPLACED`, and the replaced incarnation is refused with the same error from then on. One with the same incarnation is a
     * reconnect: it ends the first with ABORTED and `STREAM_REPLACED`.
     * Errors: INVALID_ARGUMENT with `HELLO_EXPECTED`, `HELLO_REPEATED` or a field path; DEADLINE_EXCEEDED with
     * `FIRST_MESSAGE_TIMEOUT`; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<com.sitq.v1.WorkRequest> work(
        io.grpc.stub.StreamObserver<com.sitq.v1.WorkResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getWorkMethod(), responseObserver);
    }

    /**
     * <pre>
     * Claims tasks, waiting for the first one if `wait` is set. The lease lasts for `lease_duration`; only ExtendLease extends
     * it. Tasks that do not fit into one message keep their place for the next call.
     * Errors: UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    default void claimTasks(com.sitq.v1.ClaimTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ClaimTasksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getClaimTasksMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stores the result of a claimed task. A repeat gets the same answer.
     * Errors: FAILED_PRECONDITION with `STALE`; NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    default void completeTask(com.sitq.v1.CompleteTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CompleteTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCompleteTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends a claimed task's attempt with an error: it is retried after its backoff, or FAILED. Errors: as CompleteTask.
     * </pre>
     */
    default void failTask(com.sitq.v1.FailTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.FailTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getFailTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Releases a claimed task; the attempt does not count. Errors: as CompleteTask.
     * </pre>
     */
    default void releaseTask(com.sitq.v1.ReleaseTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ReleaseTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReleaseTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Settles attempts of claimed tasks, like several calls of CompleteTask, FailTask and ReleaseTask, in one commit. An outcome
     * that is not valid, or not the worker's, gets its own answer and does not affect the others.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    default void settleTasks(com.sitq.v1.SettleTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.SettleTasksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSettleTasksMethod(), responseObserver);
    }

    /**
     * <pre>
     * Extends the lease of a claimed task, from now, and can report its progress. A cancelled task answers STALE. Errors as
     * CompleteTask.
     * </pre>
     */
    default void extendLease(com.sitq.v1.ExtendLeaseRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ExtendLeaseResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExtendLeaseMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the workers whose stream is open, or is closed while their leases still run, and those that claim without a stream, with what
     * became of their last attempts; with `include_lost` also those that were lost within the last hour.
     * </pre>
     */
    default void listWorkers(com.sitq.v1.ListWorkersRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListWorkersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListWorkersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stops handing tasks to a worker and sends it `drain`. This lasts until the worker reconnects.
     * Errors: NOT_FOUND with `WORKER_NOT_FOUND`.
     * </pre>
     */
    default void drainWorker(com.sitq.v1.DrainWorkerRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DrainWorkerResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDrainWorkerMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service WorkerService.
   * <pre>
   * The calls of workers, and what operators see of workers. A worker holds one Work stream; clients that cannot hold a stream
   * (scripts, serverless functions) use the unary calls ClaimTasks, CompleteTask, FailTask, ReleaseTask and ExtendLease.
   * A lease belongs to a task, an attempt and a worker. A message about a task from a worker that does not hold its lease is
   * answered STALE and changes nothing.
   * </pre>
   */
  public static abstract class WorkerServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return WorkerServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service WorkerService.
   * <pre>
   * The calls of workers, and what operators see of workers. A worker holds one Work stream; clients that cannot hold a stream
   * (scripts, serverless functions) use the unary calls ClaimTasks, CompleteTask, FailTask, ReleaseTask and ExtendLease.
   * A lease belongs to a task, an attempt and a worker. A message about a task from a worker that does not hold its lease is
   * answered STALE and changes nothing.
   * </pre>
   */
  public static final class WorkerServiceStub
      extends io.grpc.stub.AbstractAsyncStub<WorkerServiceStub> {
    private WorkerServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WorkerServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WorkerServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Sends tasks to a worker and receives its outcomes.
     * The worker's first message is `hello`, and only the first. The server answers `welcome` and sends `tasks` as they come,
     * never more in flight than `capacity`. The worker sends each outcome again, after a reconnect too, until it is
     * `settled`, which confirms that it is on the disk. Any message of the worker keeps all its leases alive; it must send one
     * every `heartbeat_interval`. When the stream breaks, its leases last until `lease_duration` after the last message: a
     * worker that reconnects by then sends what it holds and continues.
     * A second stream with the same worker id and another `incarnation` is another process: it ends the first with ABORTED and
     * `WORKER_REPLACED`, and the replaced incarnation is refused with the same error from then on. One with the same incarnation is a
     * reconnect: it ends the first with ABORTED and `STREAM_REPLACED`.
     * Errors: INVALID_ARGUMENT with `HELLO_EXPECTED`, `HELLO_REPEATED` or a field path; DEADLINE_EXCEEDED with
     * `FIRST_MESSAGE_TIMEOUT`; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<com.sitq.v1.WorkRequest> work(
        io.grpc.stub.StreamObserver<com.sitq.v1.WorkResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getWorkMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Claims tasks, waiting for the first one if `wait` is set. The lease lasts for `lease_duration`; only ExtendLease extends
     * it. Tasks that do not fit into one message keep their place for the next call.
     * Errors: UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public void claimTasks(com.sitq.v1.ClaimTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ClaimTasksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getClaimTasksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stores the result of a claimed task. A repeat gets the same answer.
     * Errors: FAILED_PRECONDITION with `STALE`; NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public void completeTask(com.sitq.v1.CompleteTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CompleteTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCompleteTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends a claimed task's attempt with an error: it is retried after its backoff, or FAILED. Errors: as CompleteTask.
     * </pre>
     */
    public void failTask(com.sitq.v1.FailTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.FailTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getFailTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Releases a claimed task; the attempt does not count. Errors: as CompleteTask.
     * </pre>
     */
    public void releaseTask(com.sitq.v1.ReleaseTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ReleaseTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReleaseTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Settles attempts of claimed tasks, like several calls of CompleteTask, FailTask and ReleaseTask, in one commit. An outcome
     * that is not valid, or not the worker's, gets its own answer and does not affect the others.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public void settleTasks(com.sitq.v1.SettleTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.SettleTasksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSettleTasksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Extends the lease of a claimed task, from now, and can report its progress. A cancelled task answers STALE. Errors as
     * CompleteTask.
     * </pre>
     */
    public void extendLease(com.sitq.v1.ExtendLeaseRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ExtendLeaseResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExtendLeaseMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the workers whose stream is open, or is closed while their leases still run, and those that claim without a stream, with what
     * became of their last attempts; with `include_lost` also those that were lost within the last hour.
     * </pre>
     */
    public void listWorkers(com.sitq.v1.ListWorkersRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListWorkersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListWorkersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stops handing tasks to a worker and sends it `drain`. This lasts until the worker reconnects.
     * Errors: NOT_FOUND with `WORKER_NOT_FOUND`.
     * </pre>
     */
    public void drainWorker(com.sitq.v1.DrainWorkerRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DrainWorkerResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDrainWorkerMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service WorkerService.
   * <pre>
   * The calls of workers, and what operators see of workers. A worker holds one Work stream; clients that cannot hold a stream
   * (scripts, serverless functions) use the unary calls ClaimTasks, CompleteTask, FailTask, ReleaseTask and ExtendLease.
   * A lease belongs to a task, an attempt and a worker. A message about a task from a worker that does not hold its lease is
   * answered STALE and changes nothing.
   * </pre>
   */
  public static final class WorkerServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<WorkerServiceBlockingV2Stub> {
    private WorkerServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WorkerServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WorkerServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Sends tasks to a worker and receives its outcomes.
     * The worker's first message is `hello`, and only the first. The server answers `welcome` and sends `tasks` as they come,
     * never more in flight than `capacity`. The worker sends each outcome again, after a reconnect too, until it is
     * `settled`, which confirms that it is on the disk. Any message of the worker keeps all its leases alive; it must send one
     * every `heartbeat_interval`. When the stream breaks, its leases last until `lease_duration` after the last message: a
     * worker that reconnects by then sends what it holds and continues.
     * A second stream with the same worker id and another `incarnation` is another process: it ends the first with ABORTED and
     * `WORKER_REPLACED`, and the replaced incarnation is refused with the same error from then on. One with the same incarnation is a
     * reconnect: it ends the first with ABORTED and `STREAM_REPLACED`.
     * Errors: INVALID_ARGUMENT with `HELLO_EXPECTED`, `HELLO_REPEATED` or a field path; DEADLINE_EXCEEDED with
     * `FIRST_MESSAGE_TIMEOUT`; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<com.sitq.v1.WorkRequest, com.sitq.v1.WorkResponse>
        work() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getWorkMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Claims tasks, waiting for the first one if `wait` is set. The lease lasts for `lease_duration`; only ExtendLease extends
     * it. Tasks that do not fit into one message keep their place for the next call.
     * Errors: UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public com.sitq.v1.ClaimTasksResponse claimTasks(com.sitq.v1.ClaimTasksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getClaimTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores the result of a claimed task. A repeat gets the same answer.
     * Errors: FAILED_PRECONDITION with `STALE`; NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.CompleteTaskResponse completeTask(com.sitq.v1.CompleteTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCompleteTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a claimed task's attempt with an error: it is retried after its backoff, or FAILED. Errors: as CompleteTask.
     * </pre>
     */
    public com.sitq.v1.FailTaskResponse failTask(com.sitq.v1.FailTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getFailTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Releases a claimed task; the attempt does not count. Errors: as CompleteTask.
     * </pre>
     */
    public com.sitq.v1.ReleaseTaskResponse releaseTask(com.sitq.v1.ReleaseTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReleaseTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Settles attempts of claimed tasks, like several calls of CompleteTask, FailTask and ReleaseTask, in one commit. An outcome
     * that is not valid, or not the worker's, gets its own answer and does not affect the others.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public com.sitq.v1.SettleTasksResponse settleTasks(com.sitq.v1.SettleTasksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSettleTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Extends the lease of a claimed task, from now, and can report its progress. A cancelled task answers STALE. Errors as
     * CompleteTask.
     * </pre>
     */
    public com.sitq.v1.ExtendLeaseResponse extendLease(com.sitq.v1.ExtendLeaseRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExtendLeaseMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the workers whose stream is open, or is closed while their leases still run, and those that claim without a stream, with what
     * became of their last attempts; with `include_lost` also those that were lost within the last hour.
     * </pre>
     */
    public com.sitq.v1.ListWorkersResponse listWorkers(com.sitq.v1.ListWorkersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListWorkersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops handing tasks to a worker and sends it `drain`. This lasts until the worker reconnects.
     * Errors: NOT_FOUND with `WORKER_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.DrainWorkerResponse drainWorker(com.sitq.v1.DrainWorkerRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDrainWorkerMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service WorkerService.
   * <pre>
   * The calls of workers, and what operators see of workers. A worker holds one Work stream; clients that cannot hold a stream
   * (scripts, serverless functions) use the unary calls ClaimTasks, CompleteTask, FailTask, ReleaseTask and ExtendLease.
   * A lease belongs to a task, an attempt and a worker. A message about a task from a worker that does not hold its lease is
   * answered STALE and changes nothing.
   * </pre>
   */
  public static final class WorkerServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<WorkerServiceBlockingStub> {
    private WorkerServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WorkerServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WorkerServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Claims tasks, waiting for the first one if `wait` is set. The lease lasts for `lease_duration`; only ExtendLease extends
     * it. Tasks that do not fit into one message keep their place for the next call.
     * Errors: UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public com.sitq.v1.ClaimTasksResponse claimTasks(com.sitq.v1.ClaimTasksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getClaimTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores the result of a claimed task. A repeat gets the same answer.
     * Errors: FAILED_PRECONDITION with `STALE`; NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.CompleteTaskResponse completeTask(com.sitq.v1.CompleteTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCompleteTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a claimed task's attempt with an error: it is retried after its backoff, or FAILED. Errors: as CompleteTask.
     * </pre>
     */
    public com.sitq.v1.FailTaskResponse failTask(com.sitq.v1.FailTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getFailTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Releases a claimed task; the attempt does not count. Errors: as CompleteTask.
     * </pre>
     */
    public com.sitq.v1.ReleaseTaskResponse releaseTask(com.sitq.v1.ReleaseTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReleaseTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Settles attempts of claimed tasks, like several calls of CompleteTask, FailTask and ReleaseTask, in one commit. An outcome
     * that is not valid, or not the worker's, gets its own answer and does not affect the others.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public com.sitq.v1.SettleTasksResponse settleTasks(com.sitq.v1.SettleTasksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSettleTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Extends the lease of a claimed task, from now, and can report its progress. A cancelled task answers STALE. Errors as
     * CompleteTask.
     * </pre>
     */
    public com.sitq.v1.ExtendLeaseResponse extendLease(com.sitq.v1.ExtendLeaseRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExtendLeaseMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the workers whose stream is open, or is closed while their leases still run, and those that claim without a stream, with what
     * became of their last attempts; with `include_lost` also those that were lost within the last hour.
     * </pre>
     */
    public com.sitq.v1.ListWorkersResponse listWorkers(com.sitq.v1.ListWorkersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListWorkersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops handing tasks to a worker and sends it `drain`. This lasts until the worker reconnects.
     * Errors: NOT_FOUND with `WORKER_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.DrainWorkerResponse drainWorker(com.sitq.v1.DrainWorkerRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDrainWorkerMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service WorkerService.
   * <pre>
   * The calls of workers, and what operators see of workers. A worker holds one Work stream; clients that cannot hold a stream
   * (scripts, serverless functions) use the unary calls ClaimTasks, CompleteTask, FailTask, ReleaseTask and ExtendLease.
   * A lease belongs to a task, an attempt and a worker. A message about a task from a worker that does not hold its lease is
   * answered STALE and changes nothing.
   * </pre>
   */
  public static final class WorkerServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<WorkerServiceFutureStub> {
    private WorkerServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WorkerServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WorkerServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Claims tasks, waiting for the first one if `wait` is set. The lease lasts for `lease_duration`; only ExtendLease extends
     * it. Tasks that do not fit into one message keep their place for the next call.
     * Errors: UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ClaimTasksResponse> claimTasks(
        com.sitq.v1.ClaimTasksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getClaimTasksMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stores the result of a claimed task. A repeat gets the same answer.
     * Errors: FAILED_PRECONDITION with `STALE`; NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.CompleteTaskResponse> completeTask(
        com.sitq.v1.CompleteTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCompleteTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends a claimed task's attempt with an error: it is retried after its backoff, or FAILED. Errors: as CompleteTask.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.FailTaskResponse> failTask(
        com.sitq.v1.FailTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getFailTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Releases a claimed task; the attempt does not count. Errors: as CompleteTask.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ReleaseTaskResponse> releaseTask(
        com.sitq.v1.ReleaseTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReleaseTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Settles attempts of claimed tasks, like several calls of CompleteTask, FailTask and ReleaseTask, in one commit. An outcome
     * that is not valid, or not the worker's, gets its own answer and does not affect the others.
     * Errors: INVALID_ARGUMENT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.SettleTasksResponse> settleTasks(
        com.sitq.v1.SettleTasksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSettleTasksMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Extends the lease of a claimed task, from now, and can report its progress. A cancelled task answers STALE. Errors as
     * CompleteTask.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ExtendLeaseResponse> extendLease(
        com.sitq.v1.ExtendLeaseRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExtendLeaseMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the workers whose stream is open, or is closed while their leases still run, and those that claim without a stream, with what
     * became of their last attempts; with `include_lost` also those that were lost within the last hour.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListWorkersResponse> listWorkers(
        com.sitq.v1.ListWorkersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListWorkersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stops handing tasks to a worker and sends it `drain`. This lasts until the worker reconnects.
     * Errors: NOT_FOUND with `WORKER_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.DrainWorkerResponse> drainWorker(
        com.sitq.v1.DrainWorkerRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDrainWorkerMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CLAIM_TASKS = 0;
  private static final int METHODID_COMPLETE_TASK = 1;
  private static final int METHODID_FAIL_TASK = 2;
  private static final int METHODID_RELEASE_TASK = 3;
  private static final int METHODID_SETTLE_TASKS = 4;
  private static final int METHODID_EXTEND_LEASE = 5;
  private static final int METHODID_LIST_WORKERS = 6;
  private static final int METHODID_DRAIN_WORKER = 7;
  private static final int METHODID_WORK = 8;

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
        case METHODID_CLAIM_TASKS:
          serviceImpl.claimTasks((com.sitq.v1.ClaimTasksRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ClaimTasksResponse>) responseObserver);
          break;
        case METHODID_COMPLETE_TASK:
          serviceImpl.completeTask((com.sitq.v1.CompleteTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.CompleteTaskResponse>) responseObserver);
          break;
        case METHODID_FAIL_TASK:
          serviceImpl.failTask((com.sitq.v1.FailTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.FailTaskResponse>) responseObserver);
          break;
        case METHODID_RELEASE_TASK:
          serviceImpl.releaseTask((com.sitq.v1.ReleaseTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ReleaseTaskResponse>) responseObserver);
          break;
        case METHODID_SETTLE_TASKS:
          serviceImpl.settleTasks((com.sitq.v1.SettleTasksRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.SettleTasksResponse>) responseObserver);
          break;
        case METHODID_EXTEND_LEASE:
          serviceImpl.extendLease((com.sitq.v1.ExtendLeaseRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ExtendLeaseResponse>) responseObserver);
          break;
        case METHODID_LIST_WORKERS:
          serviceImpl.listWorkers((com.sitq.v1.ListWorkersRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListWorkersResponse>) responseObserver);
          break;
        case METHODID_DRAIN_WORKER:
          serviceImpl.drainWorker((com.sitq.v1.DrainWorkerRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.DrainWorkerResponse>) responseObserver);
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
        case METHODID_WORK:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.work(
              (io.grpc.stub.StreamObserver<com.sitq.v1.WorkResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getWorkMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              com.sitq.v1.WorkRequest,
              com.sitq.v1.WorkResponse>(
                service, METHODID_WORK)))
        .addMethod(
          getClaimTasksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ClaimTasksRequest,
              com.sitq.v1.ClaimTasksResponse>(
                service, METHODID_CLAIM_TASKS)))
        .addMethod(
          getCompleteTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.CompleteTaskRequest,
              com.sitq.v1.CompleteTaskResponse>(
                service, METHODID_COMPLETE_TASK)))
        .addMethod(
          getFailTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.FailTaskRequest,
              com.sitq.v1.FailTaskResponse>(
                service, METHODID_FAIL_TASK)))
        .addMethod(
          getReleaseTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ReleaseTaskRequest,
              com.sitq.v1.ReleaseTaskResponse>(
                service, METHODID_RELEASE_TASK)))
        .addMethod(
          getSettleTasksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.SettleTasksRequest,
              com.sitq.v1.SettleTasksResponse>(
                service, METHODID_SETTLE_TASKS)))
        .addMethod(
          getExtendLeaseMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ExtendLeaseRequest,
              com.sitq.v1.ExtendLeaseResponse>(
                service, METHODID_EXTEND_LEASE)))
        .addMethod(
          getListWorkersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListWorkersRequest,
              com.sitq.v1.ListWorkersResponse>(
                service, METHODID_LIST_WORKERS)))
        .addMethod(
          getDrainWorkerMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.DrainWorkerRequest,
              com.sitq.v1.DrainWorkerResponse>(
                service, METHODID_DRAIN_WORKER)))
        .build();
  }

  private static abstract class WorkerServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    WorkerServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.sitq.v1.WorkerServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("WorkerService");
    }
  }

  private static final class WorkerServiceFileDescriptorSupplier
      extends WorkerServiceBaseDescriptorSupplier {
    WorkerServiceFileDescriptorSupplier() {}
  }

  private static final class WorkerServiceMethodDescriptorSupplier
      extends WorkerServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    WorkerServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (WorkerServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new WorkerServiceFileDescriptorSupplier())
              .addMethod(getWorkMethod())
              .addMethod(getClaimTasksMethod())
              .addMethod(getCompleteTaskMethod())
              .addMethod(getFailTaskMethod())
              .addMethod(getReleaseTaskMethod())
              .addMethod(getSettleTasksMethod())
              .addMethod(getExtendLeaseMethod())
              .addMethod(getListWorkersMethod())
              .addMethod(getDrainWorkerMethod())
              .build();
        }
      }
    }
    return result;
  }
}

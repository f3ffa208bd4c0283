package com.sitq.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The calls of producers and operators for tasks and queues.
 * Every error has a canonical code and, in `grpc-status-details-bin`, an ErrorInfo with a stable reason and the domain `sitq`.
 * A BadRequest names each invalid field by its path; a RetryInfo is included where waiting helps.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class QueueServiceGrpc {

  private QueueServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sitq.v1.QueueService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.EnqueueRequest,
      com.sitq.v1.EnqueueResponse> getEnqueueMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Enqueue",
      requestType = com.sitq.v1.EnqueueRequest.class,
      responseType = com.sitq.v1.EnqueueResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.EnqueueRequest,
      com.sitq.v1.EnqueueResponse> getEnqueueMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.EnqueueRequest, com.sitq.v1.EnqueueResponse> getEnqueueMethod;
    if ((getEnqueueMethod = QueueServiceGrpc.getEnqueueMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getEnqueueMethod = QueueServiceGrpc.getEnqueueMethod) == null) {
          QueueServiceGrpc.getEnqueueMethod = getEnqueueMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.EnqueueRequest, com.sitq.v1.EnqueueResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Enqueue"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.EnqueueRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.EnqueueResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("Enqueue"))
              .build();
        }
      }
    }
    return getEnqueueMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.EnqueueBatchRequest,
      com.sitq.v1.EnqueueBatchResponse> getEnqueueBatchMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EnqueueBatch",
      requestType = com.sitq.v1.EnqueueBatchRequest.class,
      responseType = com.sitq.v1.EnqueueBatchResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.EnqueueBatchRequest,
      com.sitq.v1.EnqueueBatchResponse> getEnqueueBatchMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.EnqueueBatchRequest, com.sitq.v1.EnqueueBatchResponse> getEnqueueBatchMethod;
    if ((getEnqueueBatchMethod = QueueServiceGrpc.getEnqueueBatchMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getEnqueueBatchMethod = QueueServiceGrpc.getEnqueueBatchMethod) == null) {
          QueueServiceGrpc.getEnqueueBatchMethod = getEnqueueBatchMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.EnqueueBatchRequest, com.sitq.v1.EnqueueBatchResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EnqueueBatch"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.EnqueueBatchRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.EnqueueBatchResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("EnqueueBatch"))
              .build();
        }
      }
    }
    return getEnqueueBatchMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.EnqueueStreamRequest,
      com.sitq.v1.EnqueueStreamResponse> getEnqueueStreamMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EnqueueStream",
      requestType = com.sitq.v1.EnqueueStreamRequest.class,
      responseType = com.sitq.v1.EnqueueStreamResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<com.sitq.v1.EnqueueStreamRequest,
      com.sitq.v1.EnqueueStreamResponse> getEnqueueStreamMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.EnqueueStreamRequest, com.sitq.v1.EnqueueStreamResponse> getEnqueueStreamMethod;
    if ((getEnqueueStreamMethod = QueueServiceGrpc.getEnqueueStreamMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getEnqueueStreamMethod = QueueServiceGrpc.getEnqueueStreamMethod) == null) {
          QueueServiceGrpc.getEnqueueStreamMethod = getEnqueueStreamMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.EnqueueStreamRequest, com.sitq.v1.EnqueueStreamResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EnqueueStream"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.EnqueueStreamRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.EnqueueStreamResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("EnqueueStream"))
              .build();
        }
      }
    }
    return getEnqueueStreamMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetTaskRequest,
      com.sitq.v1.GetTaskResponse> getGetTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetTask",
      requestType = com.sitq.v1.GetTaskRequest.class,
      responseType = com.sitq.v1.GetTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetTaskRequest,
      com.sitq.v1.GetTaskResponse> getGetTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetTaskRequest, com.sitq.v1.GetTaskResponse> getGetTaskMethod;
    if ((getGetTaskMethod = QueueServiceGrpc.getGetTaskMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getGetTaskMethod = QueueServiceGrpc.getGetTaskMethod) == null) {
          QueueServiceGrpc.getGetTaskMethod = getGetTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetTaskRequest, com.sitq.v1.GetTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("GetTask"))
              .build();
        }
      }
    }
    return getGetTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ExplainTaskRequest,
      com.sitq.v1.ExplainTaskResponse> getExplainTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExplainTask",
      requestType = com.sitq.v1.ExplainTaskRequest.class,
      responseType = com.sitq.v1.ExplainTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ExplainTaskRequest,
      com.sitq.v1.ExplainTaskResponse> getExplainTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ExplainTaskRequest, com.sitq.v1.ExplainTaskResponse> getExplainTaskMethod;
    if ((getExplainTaskMethod = QueueServiceGrpc.getExplainTaskMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getExplainTaskMethod = QueueServiceGrpc.getExplainTaskMethod) == null) {
          QueueServiceGrpc.getExplainTaskMethod = getExplainTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ExplainTaskRequest, com.sitq.v1.ExplainTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExplainTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ExplainTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ExplainTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("ExplainTask"))
              .build();
        }
      }
    }
    return getExplainTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListTasksRequest,
      com.sitq.v1.ListTasksResponse> getListTasksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListTasks",
      requestType = com.sitq.v1.ListTasksRequest.class,
      responseType = com.sitq.v1.ListTasksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListTasksRequest,
      com.sitq.v1.ListTasksResponse> getListTasksMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListTasksRequest, com.sitq.v1.ListTasksResponse> getListTasksMethod;
    if ((getListTasksMethod = QueueServiceGrpc.getListTasksMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getListTasksMethod = QueueServiceGrpc.getListTasksMethod) == null) {
          QueueServiceGrpc.getListTasksMethod = getListTasksMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListTasksRequest, com.sitq.v1.ListTasksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListTasks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListTasksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListTasksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("ListTasks"))
              .build();
        }
      }
    }
    return getListTasksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListFailuresRequest,
      com.sitq.v1.ListFailuresResponse> getListFailuresMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListFailures",
      requestType = com.sitq.v1.ListFailuresRequest.class,
      responseType = com.sitq.v1.ListFailuresResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListFailuresRequest,
      com.sitq.v1.ListFailuresResponse> getListFailuresMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListFailuresRequest, com.sitq.v1.ListFailuresResponse> getListFailuresMethod;
    if ((getListFailuresMethod = QueueServiceGrpc.getListFailuresMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getListFailuresMethod = QueueServiceGrpc.getListFailuresMethod) == null) {
          QueueServiceGrpc.getListFailuresMethod = getListFailuresMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListFailuresRequest, com.sitq.v1.ListFailuresResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListFailures"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListFailuresRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListFailuresResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("ListFailures"))
              .build();
        }
      }
    }
    return getListFailuresMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.AwaitTaskRequest,
      com.sitq.v1.AwaitTaskResponse> getAwaitTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AwaitTask",
      requestType = com.sitq.v1.AwaitTaskRequest.class,
      responseType = com.sitq.v1.AwaitTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.AwaitTaskRequest,
      com.sitq.v1.AwaitTaskResponse> getAwaitTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.AwaitTaskRequest, com.sitq.v1.AwaitTaskResponse> getAwaitTaskMethod;
    if ((getAwaitTaskMethod = QueueServiceGrpc.getAwaitTaskMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getAwaitTaskMethod = QueueServiceGrpc.getAwaitTaskMethod) == null) {
          QueueServiceGrpc.getAwaitTaskMethod = getAwaitTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.AwaitTaskRequest, com.sitq.v1.AwaitTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AwaitTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.AwaitTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.AwaitTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("AwaitTask"))
              .build();
        }
      }
    }
    return getAwaitTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.WatchTasksRequest,
      com.sitq.v1.WatchTasksResponse> getWatchTasksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchTasks",
      requestType = com.sitq.v1.WatchTasksRequest.class,
      responseType = com.sitq.v1.WatchTasksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.sitq.v1.WatchTasksRequest,
      com.sitq.v1.WatchTasksResponse> getWatchTasksMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.WatchTasksRequest, com.sitq.v1.WatchTasksResponse> getWatchTasksMethod;
    if ((getWatchTasksMethod = QueueServiceGrpc.getWatchTasksMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getWatchTasksMethod = QueueServiceGrpc.getWatchTasksMethod) == null) {
          QueueServiceGrpc.getWatchTasksMethod = getWatchTasksMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.WatchTasksRequest, com.sitq.v1.WatchTasksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchTasks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WatchTasksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.WatchTasksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("WatchTasks"))
              .build();
        }
      }
    }
    return getWatchTasksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.CancelTaskRequest,
      com.sitq.v1.CancelTaskResponse> getCancelTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelTask",
      requestType = com.sitq.v1.CancelTaskRequest.class,
      responseType = com.sitq.v1.CancelTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.CancelTaskRequest,
      com.sitq.v1.CancelTaskResponse> getCancelTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.CancelTaskRequest, com.sitq.v1.CancelTaskResponse> getCancelTaskMethod;
    if ((getCancelTaskMethod = QueueServiceGrpc.getCancelTaskMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getCancelTaskMethod = QueueServiceGrpc.getCancelTaskMethod) == null) {
          QueueServiceGrpc.getCancelTaskMethod = getCancelTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.CancelTaskRequest, com.sitq.v1.CancelTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CancelTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CancelTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("CancelTask"))
              .build();
        }
      }
    }
    return getCancelTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.CancelTasksRequest,
      com.sitq.v1.CancelTasksResponse> getCancelTasksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelTasks",
      requestType = com.sitq.v1.CancelTasksRequest.class,
      responseType = com.sitq.v1.CancelTasksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.CancelTasksRequest,
      com.sitq.v1.CancelTasksResponse> getCancelTasksMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.CancelTasksRequest, com.sitq.v1.CancelTasksResponse> getCancelTasksMethod;
    if ((getCancelTasksMethod = QueueServiceGrpc.getCancelTasksMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getCancelTasksMethod = QueueServiceGrpc.getCancelTasksMethod) == null) {
          QueueServiceGrpc.getCancelTasksMethod = getCancelTasksMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.CancelTasksRequest, com.sitq.v1.CancelTasksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelTasks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CancelTasksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CancelTasksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("CancelTasks"))
              .build();
        }
      }
    }
    return getCancelTasksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.RetryTaskRequest,
      com.sitq.v1.RetryTaskResponse> getRetryTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RetryTask",
      requestType = com.sitq.v1.RetryTaskRequest.class,
      responseType = com.sitq.v1.RetryTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.RetryTaskRequest,
      com.sitq.v1.RetryTaskResponse> getRetryTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.RetryTaskRequest, com.sitq.v1.RetryTaskResponse> getRetryTaskMethod;
    if ((getRetryTaskMethod = QueueServiceGrpc.getRetryTaskMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getRetryTaskMethod = QueueServiceGrpc.getRetryTaskMethod) == null) {
          QueueServiceGrpc.getRetryTaskMethod = getRetryTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.RetryTaskRequest, com.sitq.v1.RetryTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RetryTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RetryTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RetryTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("RetryTask"))
              .build();
        }
      }
    }
    return getRetryTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.RetryTasksRequest,
      com.sitq.v1.RetryTasksResponse> getRetryTasksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RetryTasks",
      requestType = com.sitq.v1.RetryTasksRequest.class,
      responseType = com.sitq.v1.RetryTasksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.RetryTasksRequest,
      com.sitq.v1.RetryTasksResponse> getRetryTasksMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.RetryTasksRequest, com.sitq.v1.RetryTasksResponse> getRetryTasksMethod;
    if ((getRetryTasksMethod = QueueServiceGrpc.getRetryTasksMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getRetryTasksMethod = QueueServiceGrpc.getRetryTasksMethod) == null) {
          QueueServiceGrpc.getRetryTasksMethod = getRetryTasksMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.RetryTasksRequest, com.sitq.v1.RetryTasksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RetryTasks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RetryTasksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RetryTasksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("RetryTasks"))
              .build();
        }
      }
    }
    return getRetryTasksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.UpdateTaskRequest,
      com.sitq.v1.UpdateTaskResponse> getUpdateTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateTask",
      requestType = com.sitq.v1.UpdateTaskRequest.class,
      responseType = com.sitq.v1.UpdateTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.UpdateTaskRequest,
      com.sitq.v1.UpdateTaskResponse> getUpdateTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.UpdateTaskRequest, com.sitq.v1.UpdateTaskResponse> getUpdateTaskMethod;
    if ((getUpdateTaskMethod = QueueServiceGrpc.getUpdateTaskMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getUpdateTaskMethod = QueueServiceGrpc.getUpdateTaskMethod) == null) {
          QueueServiceGrpc.getUpdateTaskMethod = getUpdateTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.UpdateTaskRequest, com.sitq.v1.UpdateTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdateTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdateTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("UpdateTask"))
              .build();
        }
      }
    }
    return getUpdateTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.RerunTaskRequest,
      com.sitq.v1.RerunTaskResponse> getRerunTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RerunTask",
      requestType = com.sitq.v1.RerunTaskRequest.class,
      responseType = com.sitq.v1.RerunTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.RerunTaskRequest,
      com.sitq.v1.RerunTaskResponse> getRerunTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.RerunTaskRequest, com.sitq.v1.RerunTaskResponse> getRerunTaskMethod;
    if ((getRerunTaskMethod = QueueServiceGrpc.getRerunTaskMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getRerunTaskMethod = QueueServiceGrpc.getRerunTaskMethod) == null) {
          QueueServiceGrpc.getRerunTaskMethod = getRerunTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.RerunTaskRequest, com.sitq.v1.RerunTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RerunTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RerunTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RerunTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("RerunTask"))
              .build();
        }
      }
    }
    return getRerunTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.DeleteTaskRequest,
      com.sitq.v1.DeleteTaskResponse> getDeleteTaskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteTask",
      requestType = com.sitq.v1.DeleteTaskRequest.class,
      responseType = com.sitq.v1.DeleteTaskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.DeleteTaskRequest,
      com.sitq.v1.DeleteTaskResponse> getDeleteTaskMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.DeleteTaskRequest, com.sitq.v1.DeleteTaskResponse> getDeleteTaskMethod;
    if ((getDeleteTaskMethod = QueueServiceGrpc.getDeleteTaskMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getDeleteTaskMethod = QueueServiceGrpc.getDeleteTaskMethod) == null) {
          QueueServiceGrpc.getDeleteTaskMethod = getDeleteTaskMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.DeleteTaskRequest, com.sitq.v1.DeleteTaskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteTask"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeleteTaskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeleteTaskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("DeleteTask"))
              .build();
        }
      }
    }
    return getDeleteTaskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.DeleteTasksRequest,
      com.sitq.v1.DeleteTasksResponse> getDeleteTasksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteTasks",
      requestType = com.sitq.v1.DeleteTasksRequest.class,
      responseType = com.sitq.v1.DeleteTasksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.DeleteTasksRequest,
      com.sitq.v1.DeleteTasksResponse> getDeleteTasksMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.DeleteTasksRequest, com.sitq.v1.DeleteTasksResponse> getDeleteTasksMethod;
    if ((getDeleteTasksMethod = QueueServiceGrpc.getDeleteTasksMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getDeleteTasksMethod = QueueServiceGrpc.getDeleteTasksMethod) == null) {
          QueueServiceGrpc.getDeleteTasksMethod = getDeleteTasksMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.DeleteTasksRequest, com.sitq.v1.DeleteTasksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteTasks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeleteTasksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeleteTasksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("DeleteTasks"))
              .build();
        }
      }
    }
    return getDeleteTasksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetQueueRequest,
      com.sitq.v1.GetQueueResponse> getGetQueueMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetQueue",
      requestType = com.sitq.v1.GetQueueRequest.class,
      responseType = com.sitq.v1.GetQueueResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetQueueRequest,
      com.sitq.v1.GetQueueResponse> getGetQueueMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetQueueRequest, com.sitq.v1.GetQueueResponse> getGetQueueMethod;
    if ((getGetQueueMethod = QueueServiceGrpc.getGetQueueMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getGetQueueMethod = QueueServiceGrpc.getGetQueueMethod) == null) {
          QueueServiceGrpc.getGetQueueMethod = getGetQueueMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetQueueRequest, com.sitq.v1.GetQueueResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetQueue"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetQueueRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetQueueResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("GetQueue"))
              .build();
        }
      }
    }
    return getGetQueueMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListQueuesRequest,
      com.sitq.v1.ListQueuesResponse> getListQueuesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListQueues",
      requestType = com.sitq.v1.ListQueuesRequest.class,
      responseType = com.sitq.v1.ListQueuesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListQueuesRequest,
      com.sitq.v1.ListQueuesResponse> getListQueuesMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListQueuesRequest, com.sitq.v1.ListQueuesResponse> getListQueuesMethod;
    if ((getListQueuesMethod = QueueServiceGrpc.getListQueuesMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getListQueuesMethod = QueueServiceGrpc.getListQueuesMethod) == null) {
          QueueServiceGrpc.getListQueuesMethod = getListQueuesMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListQueuesRequest, com.sitq.v1.ListQueuesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListQueues"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListQueuesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListQueuesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("ListQueues"))
              .build();
        }
      }
    }
    return getListQueuesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.UpdateQueueRequest,
      com.sitq.v1.UpdateQueueResponse> getUpdateQueueMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateQueue",
      requestType = com.sitq.v1.UpdateQueueRequest.class,
      responseType = com.sitq.v1.UpdateQueueResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.UpdateQueueRequest,
      com.sitq.v1.UpdateQueueResponse> getUpdateQueueMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.UpdateQueueRequest, com.sitq.v1.UpdateQueueResponse> getUpdateQueueMethod;
    if ((getUpdateQueueMethod = QueueServiceGrpc.getUpdateQueueMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getUpdateQueueMethod = QueueServiceGrpc.getUpdateQueueMethod) == null) {
          QueueServiceGrpc.getUpdateQueueMethod = getUpdateQueueMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.UpdateQueueRequest, com.sitq.v1.UpdateQueueResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateQueue"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdateQueueRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdateQueueResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("UpdateQueue"))
              .build();
        }
      }
    }
    return getUpdateQueueMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.PurgeQueueRequest,
      com.sitq.v1.PurgeQueueResponse> getPurgeQueueMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PurgeQueue",
      requestType = com.sitq.v1.PurgeQueueRequest.class,
      responseType = com.sitq.v1.PurgeQueueResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.PurgeQueueRequest,
      com.sitq.v1.PurgeQueueResponse> getPurgeQueueMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.PurgeQueueRequest, com.sitq.v1.PurgeQueueResponse> getPurgeQueueMethod;
    if ((getPurgeQueueMethod = QueueServiceGrpc.getPurgeQueueMethod) == null) {
      synchronized (QueueServiceGrpc.class) {
        if ((getPurgeQueueMethod = QueueServiceGrpc.getPurgeQueueMethod) == null) {
          QueueServiceGrpc.getPurgeQueueMethod = getPurgeQueueMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.PurgeQueueRequest, com.sitq.v1.PurgeQueueResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PurgeQueue"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.PurgeQueueRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.PurgeQueueResponse.getDefaultInstance()))
              .setSchemaDescriptor(new QueueServiceMethodDescriptorSupplier("PurgeQueue"))
              .build();
        }
      }
    }
    return getPurgeQueueMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static QueueServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<QueueServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<QueueServiceStub>() {
        @java.lang.Override
        public QueueServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new QueueServiceStub(channel, callOptions);
        }
      };
    return QueueServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static QueueServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<QueueServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<QueueServiceBlockingV2Stub>() {
        @java.lang.Override
        public QueueServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new QueueServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return QueueServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static QueueServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<QueueServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<QueueServiceBlockingStub>() {
        @java.lang.Override
        public QueueServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new QueueServiceBlockingStub(channel, callOptions);
        }
      };
    return QueueServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static QueueServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<QueueServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<QueueServiceFutureStub>() {
        @java.lang.Override
        public QueueServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new QueueServiceFutureStub(channel, callOptions);
        }
      };
    return QueueServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The calls of producers and operators for tasks and queues.
   * Every error has a canonical code and, in `grpc-status-details-bin`, an ErrorInfo with a stable reason and the domain `sitq`.
   * A BadRequest names each invalid field by its path; a RetryInfo is included where waiting helps.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Stores one task. The answer comes once the task is on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `REQUEST_ID_REUSED` or `DUPLICATE_TASK`; RESOURCE_EXHAUSTED with
     * `QUEUE_FULL`, or with `DISK_LOW` while the disk is nearly full; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    default void enqueue(com.sitq.v1.EnqueueRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEnqueueMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stores several tasks in one transaction and answers for each, in order. A refused item does not refuse the others, unless
     * `atomic` is set.
     * </pre>
     */
    default void enqueueBatch(com.sitq.v1.EnqueueBatchRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueBatchResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEnqueueBatchMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stores batches of tasks over one open stream, each as EnqueueBatch does: for producers with much to enqueue, since a message on
     * a stream costs a fraction of a call. The n-th response answers the n-th request, once its tasks are on the disk; requests may be
     * sent before earlier ones are answered. The server reads a bounded number of them ahead, so a sender is held back by flow control.
     * A refused request is answered with its `error`, and the stream goes on. Only a malformed request, or one that is too large, ends
     * it. When the server stops, it answers what it has read and ends the stream with UNAVAILABLE and `DRAINING`. Send what was not
     * answered again: with a `request_id`, nothing is stored twice. Without requests a stream stays open.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueStreamRequest> enqueueStream(
        io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueStreamResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getEnqueueStreamMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads one task in full.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    default void getTask(com.sitq.v1.GetTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Explains why a task is not running, and about when it will.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    default void explainTask(com.sitq.v1.ExplainTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ExplainTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExplainTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists tasks, newest first unless `order` says otherwise, a page at a time. A page can hold fewer tasks than asked for, even none, and still have a
     * next one: one call reads a bounded number of rows.
     * </pre>
     */
    default void listTasks(com.sitq.v1.ListTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListTasksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListTasksMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the kinds of failure among the FAILED tasks that are kept, largest first, a page at a time: queue, task type and error type,
     * with how many there are. It reads counters, however many tasks there are. While tasks fail or are put back, a group can be on two
     * pages, or on none.
     * </pre>
     */
    default void listFailures(com.sitq.v1.ListFailuresRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListFailuresResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListFailuresMethod(), responseObserver);
    }

    /**
     * <pre>
     * Waits until a task is finished, or until the timeout, and returns the task.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`, also when the task is deleted while waiting.
     * </pre>
     */
    default void awaitTask(com.sitq.v1.AwaitTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.AwaitTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAwaitTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams the changes of state of the tasks that match. The first message is empty: it confirms that no later change will be missed.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW` when the watcher falls behind its bounded buffer.
     * </pre>
     */
    default void watchTasks(com.sitq.v1.WatchTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.WatchTasksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchTasksMethod(), responseObserver);
    }

    /**
     * <pre>
     * Cancels a task in any unfinished state. A running handler is signalled over its worker's stream. It is
     * idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    default void cancelTask(com.sitq.v1.CancelTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CancelTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Cancels every matching unfinished task as CancelTask does, in bounded batches, newest first.
     * Errors: INVALID_ARGUMENT for a finished state in the filter.
     * </pre>
     */
    default void cancelTasks(com.sitq.v1.CancelTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CancelTasksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelTasksMethod(), responseObserver);
    }

    /**
     * <pre>
     * Retries a FAILED or CANCELLED task with fresh attempts, or brings a scheduled retry forward to now.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_NOT_RETRYABLE`, or with `TASK_IN_WORKFLOW`: retry the workflow.
     * </pre>
     */
    default void retryTask(com.sitq.v1.RetryTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RetryTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRetryTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Retries every matching FAILED task (or CANCELLED, if the filter says so), in bounded batches and in the order of their
     * creation, in which they are handed out. Tasks that are skipped, such as steps of workflows, are reported with the reason.
     * </pre>
     */
    default void retryTasks(com.sitq.v1.RetryTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RetryTasksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRetryTasksMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the queue, the priority or the time of a task that waits. It keeps its place in time among equals. A repeat of the request that
     * created it still finds it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING` or `TASK_FINISHED`; of the queue of a step or delivery with `TASK_IN_WORKFLOW`
     * or `TASK_IS_DELIVERY`; of the time of a BLOCKED task with `TASK_BLOCKED`; for the other queue ALREADY_EXISTS with `DUPLICATE_TASK`, or
     * RESOURCE_EXHAUSTED with `QUEUE_FULL`; DATA_LOSS of a task that is damaged on the disk.
     * </pre>
     */
    default void updateTask(com.sitq.v1.UpdateTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdateTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Runs a finished task again, as a new task with the same content, or with another payload. The old one stays as it is.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_UNFINISHED`, or with `TASK_IN_WORKFLOW` or `TASK_IS_DELIVERY`: retry the workflow, replay
     * the subscription; DATA_LOSS of a task that is damaged on the disk; otherwise as Enqueue.
     * </pre>
     */
    default void rerunTask(com.sitq.v1.RerunTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RerunTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRerunTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a task that is not running.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING`: cancel it first; or with `TASK_IN_WORKFLOW`: it is deleted with
     * its workflow.
     * </pre>
     */
    default void deleteTask(com.sitq.v1.DeleteTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeleteTaskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteTaskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes every matching task that is not running, in bounded batches, newest first. Tasks that are skipped, such as steps of
     * workflows, are reported with the reason.
     * Errors: INVALID_ARGUMENT for RUNNING in the filter: cancel such tasks first.
     * </pre>
     */
    default void deleteTasks(com.sitq.v1.DeleteTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeleteTasksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteTasksMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads one queue with its statistics.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    default void getQueue(com.sitq.v1.GetQueueRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetQueueResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetQueueMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the queues by name.
     * </pre>
     */
    default void listQueues(com.sitq.v1.ListQueuesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListQueuesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListQueuesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a queue's settings: pause, limits, strategy, defaults, retention.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND` unless `allow_missing`; INVALID_ARGUMENT.
     * </pre>
     */
    default void updateQueue(com.sitq.v1.UpdateQueueRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdateQueueResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateQueueMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes the tasks of a queue as DeleteTasks does. Running tasks are kept.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    default void purgeQueue(com.sitq.v1.PurgeQueueRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.PurgeQueueResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPurgeQueueMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service QueueService.
   * <pre>
   * The calls of producers and operators for tasks and queues.
   * Every error has a canonical code and, in `grpc-status-details-bin`, an ErrorInfo with a stable reason and the domain `sitq`.
   * A BadRequest names each invalid field by its path; a RetryInfo is included where waiting helps.
   * </pre>
   */
  public static abstract class QueueServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return QueueServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service QueueService.
   * <pre>
   * The calls of producers and operators for tasks and queues.
   * Every error has a canonical code and, in `grpc-status-details-bin`, an ErrorInfo with a stable reason and the domain `sitq`.
   * A BadRequest names each invalid field by its path; a RetryInfo is included where waiting helps.
   * </pre>
   */
  public static final class QueueServiceStub
      extends io.grpc.stub.AbstractAsyncStub<QueueServiceStub> {
    private QueueServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected QueueServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new QueueServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores one task. The answer comes once the task is on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `REQUEST_ID_REUSED` or `DUPLICATE_TASK`; RESOURCE_EXHAUSTED with
     * `QUEUE_FULL`, or with `DISK_LOW` while the disk is nearly full; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public void enqueue(com.sitq.v1.EnqueueRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEnqueueMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stores several tasks in one transaction and answers for each, in order. A refused item does not refuse the others, unless
     * `atomic` is set.
     * </pre>
     */
    public void enqueueBatch(com.sitq.v1.EnqueueBatchRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueBatchResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEnqueueBatchMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stores batches of tasks over one open stream, each as EnqueueBatch does: for producers with much to enqueue, since a message on
     * a stream costs a fraction of a call. The n-th response answers the n-th request, once its tasks are on the disk; requests may be
     * sent before earlier ones are answered. The server reads a bounded number of them ahead, so a sender is held back by flow control.
     * A refused request is answered with its `error`, and the stream goes on. Only a malformed request, or one that is too large, ends
     * it. When the server stops, it answers what it has read and ends the stream with UNAVAILABLE and `DRAINING`. Send what was not
     * answered again: with a `request_id`, nothing is stored twice. Without requests a stream stays open.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueStreamRequest> enqueueStream(
        io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueStreamResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getEnqueueStreamMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Reads one task in full.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public void getTask(com.sitq.v1.GetTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Explains why a task is not running, and about when it will.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public void explainTask(com.sitq.v1.ExplainTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ExplainTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExplainTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists tasks, newest first unless `order` says otherwise, a page at a time. A page can hold fewer tasks than asked for, even none, and still have a
     * next one: one call reads a bounded number of rows.
     * </pre>
     */
    public void listTasks(com.sitq.v1.ListTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListTasksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListTasksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the kinds of failure among the FAILED tasks that are kept, largest first, a page at a time: queue, task type and error type,
     * with how many there are. It reads counters, however many tasks there are. While tasks fail or are put back, a group can be on two
     * pages, or on none.
     * </pre>
     */
    public void listFailures(com.sitq.v1.ListFailuresRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListFailuresResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListFailuresMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Waits until a task is finished, or until the timeout, and returns the task.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`, also when the task is deleted while waiting.
     * </pre>
     */
    public void awaitTask(com.sitq.v1.AwaitTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.AwaitTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAwaitTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams the changes of state of the tasks that match. The first message is empty: it confirms that no later change will be missed.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW` when the watcher falls behind its bounded buffer.
     * </pre>
     */
    public void watchTasks(com.sitq.v1.WatchTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.WatchTasksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchTasksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Cancels a task in any unfinished state. A running handler is signalled over its worker's stream. It is
     * idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    public void cancelTask(com.sitq.v1.CancelTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CancelTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Cancels every matching unfinished task as CancelTask does, in bounded batches, newest first.
     * Errors: INVALID_ARGUMENT for a finished state in the filter.
     * </pre>
     */
    public void cancelTasks(com.sitq.v1.CancelTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CancelTasksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelTasksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Retries a FAILED or CANCELLED task with fresh attempts, or brings a scheduled retry forward to now.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_NOT_RETRYABLE`, or with `TASK_IN_WORKFLOW`: retry the workflow.
     * </pre>
     */
    public void retryTask(com.sitq.v1.RetryTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RetryTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRetryTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Retries every matching FAILED task (or CANCELLED, if the filter says so), in bounded batches and in the order of their
     * creation, in which they are handed out. Tasks that are skipped, such as steps of workflows, are reported with the reason.
     * </pre>
     */
    public void retryTasks(com.sitq.v1.RetryTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RetryTasksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRetryTasksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the queue, the priority or the time of a task that waits. It keeps its place in time among equals. A repeat of the request that
     * created it still finds it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING` or `TASK_FINISHED`; of the queue of a step or delivery with `TASK_IN_WORKFLOW`
     * or `TASK_IS_DELIVERY`; of the time of a BLOCKED task with `TASK_BLOCKED`; for the other queue ALREADY_EXISTS with `DUPLICATE_TASK`, or
     * RESOURCE_EXHAUSTED with `QUEUE_FULL`; DATA_LOSS of a task that is damaged on the disk.
     * </pre>
     */
    public void updateTask(com.sitq.v1.UpdateTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdateTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Runs a finished task again, as a new task with the same content, or with another payload. The old one stays as it is.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_UNFINISHED`, or with `TASK_IN_WORKFLOW` or `TASK_IS_DELIVERY`: retry the workflow, replay
     * the subscription; DATA_LOSS of a task that is damaged on the disk; otherwise as Enqueue.
     * </pre>
     */
    public void rerunTask(com.sitq.v1.RerunTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RerunTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRerunTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a task that is not running.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING`: cancel it first; or with `TASK_IN_WORKFLOW`: it is deleted with
     * its workflow.
     * </pre>
     */
    public void deleteTask(com.sitq.v1.DeleteTaskRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeleteTaskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteTaskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes every matching task that is not running, in bounded batches, newest first. Tasks that are skipped, such as steps of
     * workflows, are reported with the reason.
     * Errors: INVALID_ARGUMENT for RUNNING in the filter: cancel such tasks first.
     * </pre>
     */
    public void deleteTasks(com.sitq.v1.DeleteTasksRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeleteTasksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteTasksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads one queue with its statistics.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    public void getQueue(com.sitq.v1.GetQueueRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetQueueResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetQueueMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the queues by name.
     * </pre>
     */
    public void listQueues(com.sitq.v1.ListQueuesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListQueuesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListQueuesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a queue's settings: pause, limits, strategy, defaults, retention.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND` unless `allow_missing`; INVALID_ARGUMENT.
     * </pre>
     */
    public void updateQueue(com.sitq.v1.UpdateQueueRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdateQueueResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateQueueMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes the tasks of a queue as DeleteTasks does. Running tasks are kept.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    public void purgeQueue(com.sitq.v1.PurgeQueueRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.PurgeQueueResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPurgeQueueMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service QueueService.
   * <pre>
   * The calls of producers and operators for tasks and queues.
   * Every error has a canonical code and, in `grpc-status-details-bin`, an ErrorInfo with a stable reason and the domain `sitq`.
   * A BadRequest names each invalid field by its path; a RetryInfo is included where waiting helps.
   * </pre>
   */
  public static final class QueueServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<QueueServiceBlockingV2Stub> {
    private QueueServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected QueueServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new QueueServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores one task. The answer comes once the task is on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `REQUEST_ID_REUSED` or `DUPLICATE_TASK`; RESOURCE_EXHAUSTED with
     * `QUEUE_FULL`, or with `DISK_LOW` while the disk is nearly full; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public com.sitq.v1.EnqueueResponse enqueue(com.sitq.v1.EnqueueRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEnqueueMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores several tasks in one transaction and answers for each, in order. A refused item does not refuse the others, unless
     * `atomic` is set.
     * </pre>
     */
    public com.sitq.v1.EnqueueBatchResponse enqueueBatch(com.sitq.v1.EnqueueBatchRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEnqueueBatchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores batches of tasks over one open stream, each as EnqueueBatch does: for producers with much to enqueue, since a message on
     * a stream costs a fraction of a call. The n-th response answers the n-th request, once its tasks are on the disk; requests may be
     * sent before earlier ones are answered. The server reads a bounded number of them ahead, so a sender is held back by flow control.
     * A refused request is answered with its `error`, and the stream goes on. Only a malformed request, or one that is too large, ends
     * it. When the server stops, it answers what it has read and ends the stream with UNAVAILABLE and `DRAINING`. Send what was not
     * answered again: with a `request_id`, nothing is stored twice. Without requests a stream stays open.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<com.sitq.v1.EnqueueStreamRequest, com.sitq.v1.EnqueueStreamResponse>
        enqueueStream() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getEnqueueStreamMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Reads one task in full.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetTaskResponse getTask(com.sitq.v1.GetTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Explains why a task is not running, and about when it will.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.ExplainTaskResponse explainTask(com.sitq.v1.ExplainTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExplainTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists tasks, newest first unless `order` says otherwise, a page at a time. A page can hold fewer tasks than asked for, even none, and still have a
     * next one: one call reads a bounded number of rows.
     * </pre>
     */
    public com.sitq.v1.ListTasksResponse listTasks(com.sitq.v1.ListTasksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the kinds of failure among the FAILED tasks that are kept, largest first, a page at a time: queue, task type and error type,
     * with how many there are. It reads counters, however many tasks there are. While tasks fail or are put back, a group can be on two
     * pages, or on none.
     * </pre>
     */
    public com.sitq.v1.ListFailuresResponse listFailures(com.sitq.v1.ListFailuresRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListFailuresMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Waits until a task is finished, or until the timeout, and returns the task.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`, also when the task is deleted while waiting.
     * </pre>
     */
    public com.sitq.v1.AwaitTaskResponse awaitTask(com.sitq.v1.AwaitTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAwaitTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the changes of state of the tasks that match. The first message is empty: it confirms that no later change will be missed.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW` when the watcher falls behind its bounded buffer.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.sitq.v1.WatchTasksResponse>
        watchTasks(com.sitq.v1.WatchTasksRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels a task in any unfinished state. A running handler is signalled over its worker's stream. It is
     * idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    public com.sitq.v1.CancelTaskResponse cancelTask(com.sitq.v1.CancelTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels every matching unfinished task as CancelTask does, in bounded batches, newest first.
     * Errors: INVALID_ARGUMENT for a finished state in the filter.
     * </pre>
     */
    public com.sitq.v1.CancelTasksResponse cancelTasks(com.sitq.v1.CancelTasksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Retries a FAILED or CANCELLED task with fresh attempts, or brings a scheduled retry forward to now.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_NOT_RETRYABLE`, or with `TASK_IN_WORKFLOW`: retry the workflow.
     * </pre>
     */
    public com.sitq.v1.RetryTaskResponse retryTask(com.sitq.v1.RetryTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRetryTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Retries every matching FAILED task (or CANCELLED, if the filter says so), in bounded batches and in the order of their
     * creation, in which they are handed out. Tasks that are skipped, such as steps of workflows, are reported with the reason.
     * </pre>
     */
    public com.sitq.v1.RetryTasksResponse retryTasks(com.sitq.v1.RetryTasksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRetryTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the queue, the priority or the time of a task that waits. It keeps its place in time among equals. A repeat of the request that
     * created it still finds it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING` or `TASK_FINISHED`; of the queue of a step or delivery with `TASK_IN_WORKFLOW`
     * or `TASK_IS_DELIVERY`; of the time of a BLOCKED task with `TASK_BLOCKED`; for the other queue ALREADY_EXISTS with `DUPLICATE_TASK`, or
     * RESOURCE_EXHAUSTED with `QUEUE_FULL`; DATA_LOSS of a task that is damaged on the disk.
     * </pre>
     */
    public com.sitq.v1.UpdateTaskResponse updateTask(com.sitq.v1.UpdateTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Runs a finished task again, as a new task with the same content, or with another payload. The old one stays as it is.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_UNFINISHED`, or with `TASK_IN_WORKFLOW` or `TASK_IS_DELIVERY`: retry the workflow, replay
     * the subscription; DATA_LOSS of a task that is damaged on the disk; otherwise as Enqueue.
     * </pre>
     */
    public com.sitq.v1.RerunTaskResponse rerunTask(com.sitq.v1.RerunTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRerunTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a task that is not running.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING`: cancel it first; or with `TASK_IN_WORKFLOW`: it is deleted with
     * its workflow.
     * </pre>
     */
    public com.sitq.v1.DeleteTaskResponse deleteTask(com.sitq.v1.DeleteTaskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes every matching task that is not running, in bounded batches, newest first. Tasks that are skipped, such as steps of
     * workflows, are reported with the reason.
     * Errors: INVALID_ARGUMENT for RUNNING in the filter: cancel such tasks first.
     * </pre>
     */
    public com.sitq.v1.DeleteTasksResponse deleteTasks(com.sitq.v1.DeleteTasksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one queue with its statistics.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetQueueResponse getQueue(com.sitq.v1.GetQueueRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetQueueMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the queues by name.
     * </pre>
     */
    public com.sitq.v1.ListQueuesResponse listQueues(com.sitq.v1.ListQueuesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListQueuesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a queue's settings: pause, limits, strategy, defaults, retention.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND` unless `allow_missing`; INVALID_ARGUMENT.
     * </pre>
     */
    public com.sitq.v1.UpdateQueueResponse updateQueue(com.sitq.v1.UpdateQueueRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateQueueMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes the tasks of a queue as DeleteTasks does. Running tasks are kept.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.PurgeQueueResponse purgeQueue(com.sitq.v1.PurgeQueueRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPurgeQueueMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service QueueService.
   * <pre>
   * The calls of producers and operators for tasks and queues.
   * Every error has a canonical code and, in `grpc-status-details-bin`, an ErrorInfo with a stable reason and the domain `sitq`.
   * A BadRequest names each invalid field by its path; a RetryInfo is included where waiting helps.
   * </pre>
   */
  public static final class QueueServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<QueueServiceBlockingStub> {
    private QueueServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected QueueServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new QueueServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores one task. The answer comes once the task is on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `REQUEST_ID_REUSED` or `DUPLICATE_TASK`; RESOURCE_EXHAUSTED with
     * `QUEUE_FULL`, or with `DISK_LOW` while the disk is nearly full; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public com.sitq.v1.EnqueueResponse enqueue(com.sitq.v1.EnqueueRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEnqueueMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores several tasks in one transaction and answers for each, in order. A refused item does not refuse the others, unless
     * `atomic` is set.
     * </pre>
     */
    public com.sitq.v1.EnqueueBatchResponse enqueueBatch(com.sitq.v1.EnqueueBatchRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEnqueueBatchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one task in full.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetTaskResponse getTask(com.sitq.v1.GetTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Explains why a task is not running, and about when it will.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.ExplainTaskResponse explainTask(com.sitq.v1.ExplainTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExplainTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists tasks, newest first unless `order` says otherwise, a page at a time. A page can hold fewer tasks than asked for, even none, and still have a
     * next one: one call reads a bounded number of rows.
     * </pre>
     */
    public com.sitq.v1.ListTasksResponse listTasks(com.sitq.v1.ListTasksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the kinds of failure among the FAILED tasks that are kept, largest first, a page at a time: queue, task type and error type,
     * with how many there are. It reads counters, however many tasks there are. While tasks fail or are put back, a group can be on two
     * pages, or on none.
     * </pre>
     */
    public com.sitq.v1.ListFailuresResponse listFailures(com.sitq.v1.ListFailuresRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListFailuresMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Waits until a task is finished, or until the timeout, and returns the task.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`, also when the task is deleted while waiting.
     * </pre>
     */
    public com.sitq.v1.AwaitTaskResponse awaitTask(com.sitq.v1.AwaitTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAwaitTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the changes of state of the tasks that match. The first message is empty: it confirms that no later change will be missed.
     * Errors: RESOURCE_EXHAUSTED with `WATCH_TOO_SLOW` when the watcher falls behind its bounded buffer.
     * </pre>
     */
    public java.util.Iterator<com.sitq.v1.WatchTasksResponse> watchTasks(
        com.sitq.v1.WatchTasksRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels a task in any unfinished state. A running handler is signalled over its worker's stream. It is
     * idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    public com.sitq.v1.CancelTaskResponse cancelTask(com.sitq.v1.CancelTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels every matching unfinished task as CancelTask does, in bounded batches, newest first.
     * Errors: INVALID_ARGUMENT for a finished state in the filter.
     * </pre>
     */
    public com.sitq.v1.CancelTasksResponse cancelTasks(com.sitq.v1.CancelTasksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Retries a FAILED or CANCELLED task with fresh attempts, or brings a scheduled retry forward to now.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_NOT_RETRYABLE`, or with `TASK_IN_WORKFLOW`: retry the workflow.
     * </pre>
     */
    public com.sitq.v1.RetryTaskResponse retryTask(com.sitq.v1.RetryTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRetryTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Retries every matching FAILED task (or CANCELLED, if the filter says so), in bounded batches and in the order of their
     * creation, in which they are handed out. Tasks that are skipped, such as steps of workflows, are reported with the reason.
     * </pre>
     */
    public com.sitq.v1.RetryTasksResponse retryTasks(com.sitq.v1.RetryTasksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRetryTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the queue, the priority or the time of a task that waits. It keeps its place in time among equals. A repeat of the request that
     * created it still finds it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING` or `TASK_FINISHED`; of the queue of a step or delivery with `TASK_IN_WORKFLOW`
     * or `TASK_IS_DELIVERY`; of the time of a BLOCKED task with `TASK_BLOCKED`; for the other queue ALREADY_EXISTS with `DUPLICATE_TASK`, or
     * RESOURCE_EXHAUSTED with `QUEUE_FULL`; DATA_LOSS of a task that is damaged on the disk.
     * </pre>
     */
    public com.sitq.v1.UpdateTaskResponse updateTask(com.sitq.v1.UpdateTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Runs a finished task again, as a new task with the same content, or with another payload. The old one stays as it is.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_UNFINISHED`, or with `TASK_IN_WORKFLOW` or `TASK_IS_DELIVERY`: retry the workflow, replay
     * the subscription; DATA_LOSS of a task that is damaged on the disk; otherwise as Enqueue.
     * </pre>
     */
    public com.sitq.v1.RerunTaskResponse rerunTask(com.sitq.v1.RerunTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRerunTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a task that is not running.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING`: cancel it first; or with `TASK_IN_WORKFLOW`: it is deleted with
     * its workflow.
     * </pre>
     */
    public com.sitq.v1.DeleteTaskResponse deleteTask(com.sitq.v1.DeleteTaskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteTaskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes every matching task that is not running, in bounded batches, newest first. Tasks that are skipped, such as steps of
     * workflows, are reported with the reason.
     * Errors: INVALID_ARGUMENT for RUNNING in the filter: cancel such tasks first.
     * </pre>
     */
    public com.sitq.v1.DeleteTasksResponse deleteTasks(com.sitq.v1.DeleteTasksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteTasksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads one queue with its statistics.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetQueueResponse getQueue(com.sitq.v1.GetQueueRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetQueueMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the queues by name.
     * </pre>
     */
    public com.sitq.v1.ListQueuesResponse listQueues(com.sitq.v1.ListQueuesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListQueuesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a queue's settings: pause, limits, strategy, defaults, retention.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND` unless `allow_missing`; INVALID_ARGUMENT.
     * </pre>
     */
    public com.sitq.v1.UpdateQueueResponse updateQueue(com.sitq.v1.UpdateQueueRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateQueueMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes the tasks of a queue as DeleteTasks does. Running tasks are kept.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.PurgeQueueResponse purgeQueue(com.sitq.v1.PurgeQueueRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPurgeQueueMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service QueueService.
   * <pre>
   * The calls of producers and operators for tasks and queues.
   * Every error has a canonical code and, in `grpc-status-details-bin`, an ErrorInfo with a stable reason and the domain `sitq`.
   * A BadRequest names each invalid field by its path; a RetryInfo is included where waiting helps.
   * </pre>
   */
  public static final class QueueServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<QueueServiceFutureStub> {
    private QueueServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected QueueServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new QueueServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores one task. The answer comes once the task is on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `REQUEST_ID_REUSED` or `DUPLICATE_TASK`; RESOURCE_EXHAUSTED with
     * `QUEUE_FULL`, or with `DISK_LOW` while the disk is nearly full; UNAVAILABLE with `DRAINING`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.EnqueueResponse> enqueue(
        com.sitq.v1.EnqueueRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEnqueueMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stores several tasks in one transaction and answers for each, in order. A refused item does not refuse the others, unless
     * `atomic` is set.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.EnqueueBatchResponse> enqueueBatch(
        com.sitq.v1.EnqueueBatchRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEnqueueBatchMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads one task in full.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetTaskResponse> getTask(
        com.sitq.v1.GetTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Explains why a task is not running, and about when it will.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ExplainTaskResponse> explainTask(
        com.sitq.v1.ExplainTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExplainTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists tasks, newest first unless `order` says otherwise, a page at a time. A page can hold fewer tasks than asked for, even none, and still have a
     * next one: one call reads a bounded number of rows.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListTasksResponse> listTasks(
        com.sitq.v1.ListTasksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListTasksMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the kinds of failure among the FAILED tasks that are kept, largest first, a page at a time: queue, task type and error type,
     * with how many there are. It reads counters, however many tasks there are. While tasks fail or are put back, a group can be on two
     * pages, or on none.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListFailuresResponse> listFailures(
        com.sitq.v1.ListFailuresRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListFailuresMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Waits until a task is finished, or until the timeout, and returns the task.
     * Errors: NOT_FOUND with `TASK_NOT_FOUND`, also when the task is deleted while waiting.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.AwaitTaskResponse> awaitTask(
        com.sitq.v1.AwaitTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAwaitTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Cancels a task in any unfinished state. A running handler is signalled over its worker's stream. It is
     * idempotent.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_FINISHED` when it is COMPLETED or FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.CancelTaskResponse> cancelTask(
        com.sitq.v1.CancelTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Cancels every matching unfinished task as CancelTask does, in bounded batches, newest first.
     * Errors: INVALID_ARGUMENT for a finished state in the filter.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.CancelTasksResponse> cancelTasks(
        com.sitq.v1.CancelTasksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelTasksMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Retries a FAILED or CANCELLED task with fresh attempts, or brings a scheduled retry forward to now.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_NOT_RETRYABLE`, or with `TASK_IN_WORKFLOW`: retry the workflow.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.RetryTaskResponse> retryTask(
        com.sitq.v1.RetryTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRetryTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Retries every matching FAILED task (or CANCELLED, if the filter says so), in bounded batches and in the order of their
     * creation, in which they are handed out. Tasks that are skipped, such as steps of workflows, are reported with the reason.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.RetryTasksResponse> retryTasks(
        com.sitq.v1.RetryTasksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRetryTasksMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the queue, the priority or the time of a task that waits. It keeps its place in time among equals. A repeat of the request that
     * created it still finds it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING` or `TASK_FINISHED`; of the queue of a step or delivery with `TASK_IN_WORKFLOW`
     * or `TASK_IS_DELIVERY`; of the time of a BLOCKED task with `TASK_BLOCKED`; for the other queue ALREADY_EXISTS with `DUPLICATE_TASK`, or
     * RESOURCE_EXHAUSTED with `QUEUE_FULL`; DATA_LOSS of a task that is damaged on the disk.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.UpdateTaskResponse> updateTask(
        com.sitq.v1.UpdateTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Runs a finished task again, as a new task with the same content, or with another payload. The old one stays as it is.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_UNFINISHED`, or with `TASK_IN_WORKFLOW` or `TASK_IS_DELIVERY`: retry the workflow, replay
     * the subscription; DATA_LOSS of a task that is damaged on the disk; otherwise as Enqueue.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.RerunTaskResponse> rerunTask(
        com.sitq.v1.RerunTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRerunTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a task that is not running.
     * Errors: NOT_FOUND; FAILED_PRECONDITION with `TASK_RUNNING`: cancel it first; or with `TASK_IN_WORKFLOW`: it is deleted with
     * its workflow.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.DeleteTaskResponse> deleteTask(
        com.sitq.v1.DeleteTaskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteTaskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes every matching task that is not running, in bounded batches, newest first. Tasks that are skipped, such as steps of
     * workflows, are reported with the reason.
     * Errors: INVALID_ARGUMENT for RUNNING in the filter: cancel such tasks first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.DeleteTasksResponse> deleteTasks(
        com.sitq.v1.DeleteTasksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteTasksMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads one queue with its statistics.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetQueueResponse> getQueue(
        com.sitq.v1.GetQueueRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetQueueMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the queues by name.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListQueuesResponse> listQueues(
        com.sitq.v1.ListQueuesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListQueuesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a queue's settings: pause, limits, strategy, defaults, retention.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND` unless `allow_missing`; INVALID_ARGUMENT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.UpdateQueueResponse> updateQueue(
        com.sitq.v1.UpdateQueueRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateQueueMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes the tasks of a queue as DeleteTasks does. Running tasks are kept.
     * Errors: NOT_FOUND with `QUEUE_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.PurgeQueueResponse> purgeQueue(
        com.sitq.v1.PurgeQueueRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPurgeQueueMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_ENQUEUE = 0;
  private static final int METHODID_ENQUEUE_BATCH = 1;
  private static final int METHODID_GET_TASK = 2;
  private static final int METHODID_EXPLAIN_TASK = 3;
  private static final int METHODID_LIST_TASKS = 4;
  private static final int METHODID_LIST_FAILURES = 5;
  private static final int METHODID_AWAIT_TASK = 6;
  private static final int METHODID_WATCH_TASKS = 7;
  private static final int METHODID_CANCEL_TASK = 8;
  private static final int METHODID_CANCEL_TASKS = 9;
  private static final int METHODID_RETRY_TASK = 10;
  private static final int METHODID_RETRY_TASKS = 11;
  private static final int METHODID_UPDATE_TASK = 12;
  private static final int METHODID_RERUN_TASK = 13;
  private static final int METHODID_DELETE_TASK = 14;
  private static final int METHODID_DELETE_TASKS = 15;
  private static final int METHODID_GET_QUEUE = 16;
  private static final int METHODID_LIST_QUEUES = 17;
  private static final int METHODID_UPDATE_QUEUE = 18;
  private static final int METHODID_PURGE_QUEUE = 19;
  private static final int METHODID_ENQUEUE_STREAM = 20;

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
        case METHODID_ENQUEUE:
          serviceImpl.enqueue((com.sitq.v1.EnqueueRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueResponse>) responseObserver);
          break;
        case METHODID_ENQUEUE_BATCH:
          serviceImpl.enqueueBatch((com.sitq.v1.EnqueueBatchRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueBatchResponse>) responseObserver);
          break;
        case METHODID_GET_TASK:
          serviceImpl.getTask((com.sitq.v1.GetTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetTaskResponse>) responseObserver);
          break;
        case METHODID_EXPLAIN_TASK:
          serviceImpl.explainTask((com.sitq.v1.ExplainTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ExplainTaskResponse>) responseObserver);
          break;
        case METHODID_LIST_TASKS:
          serviceImpl.listTasks((com.sitq.v1.ListTasksRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListTasksResponse>) responseObserver);
          break;
        case METHODID_LIST_FAILURES:
          serviceImpl.listFailures((com.sitq.v1.ListFailuresRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListFailuresResponse>) responseObserver);
          break;
        case METHODID_AWAIT_TASK:
          serviceImpl.awaitTask((com.sitq.v1.AwaitTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.AwaitTaskResponse>) responseObserver);
          break;
        case METHODID_WATCH_TASKS:
          serviceImpl.watchTasks((com.sitq.v1.WatchTasksRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.WatchTasksResponse>) responseObserver);
          break;
        case METHODID_CANCEL_TASK:
          serviceImpl.cancelTask((com.sitq.v1.CancelTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.CancelTaskResponse>) responseObserver);
          break;
        case METHODID_CANCEL_TASKS:
          serviceImpl.cancelTasks((com.sitq.v1.CancelTasksRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.CancelTasksResponse>) responseObserver);
          break;
        case METHODID_RETRY_TASK:
          serviceImpl.retryTask((com.sitq.v1.RetryTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.RetryTaskResponse>) responseObserver);
          break;
        case METHODID_RETRY_TASKS:
          serviceImpl.retryTasks((com.sitq.v1.RetryTasksRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.RetryTasksResponse>) responseObserver);
          break;
        case METHODID_UPDATE_TASK:
          serviceImpl.updateTask((com.sitq.v1.UpdateTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.UpdateTaskResponse>) responseObserver);
          break;
        case METHODID_RERUN_TASK:
          serviceImpl.rerunTask((com.sitq.v1.RerunTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.RerunTaskResponse>) responseObserver);
          break;
        case METHODID_DELETE_TASK:
          serviceImpl.deleteTask((com.sitq.v1.DeleteTaskRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.DeleteTaskResponse>) responseObserver);
          break;
        case METHODID_DELETE_TASKS:
          serviceImpl.deleteTasks((com.sitq.v1.DeleteTasksRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.DeleteTasksResponse>) responseObserver);
          break;
        case METHODID_GET_QUEUE:
          serviceImpl.getQueue((com.sitq.v1.GetQueueRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetQueueResponse>) responseObserver);
          break;
        case METHODID_LIST_QUEUES:
          serviceImpl.listQueues((com.sitq.v1.ListQueuesRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListQueuesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_QUEUE:
          serviceImpl.updateQueue((com.sitq.v1.UpdateQueueRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.UpdateQueueResponse>) responseObserver);
          break;
        case METHODID_PURGE_QUEUE:
          serviceImpl.purgeQueue((com.sitq.v1.PurgeQueueRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.PurgeQueueResponse>) responseObserver);
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
        case METHODID_ENQUEUE_STREAM:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.enqueueStream(
              (io.grpc.stub.StreamObserver<com.sitq.v1.EnqueueStreamResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getEnqueueMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.EnqueueRequest,
              com.sitq.v1.EnqueueResponse>(
                service, METHODID_ENQUEUE)))
        .addMethod(
          getEnqueueBatchMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.EnqueueBatchRequest,
              com.sitq.v1.EnqueueBatchResponse>(
                service, METHODID_ENQUEUE_BATCH)))
        .addMethod(
          getEnqueueStreamMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              com.sitq.v1.EnqueueStreamRequest,
              com.sitq.v1.EnqueueStreamResponse>(
                service, METHODID_ENQUEUE_STREAM)))
        .addMethod(
          getGetTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetTaskRequest,
              com.sitq.v1.GetTaskResponse>(
                service, METHODID_GET_TASK)))
        .addMethod(
          getExplainTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ExplainTaskRequest,
              com.sitq.v1.ExplainTaskResponse>(
                service, METHODID_EXPLAIN_TASK)))
        .addMethod(
          getListTasksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListTasksRequest,
              com.sitq.v1.ListTasksResponse>(
                service, METHODID_LIST_TASKS)))
        .addMethod(
          getListFailuresMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListFailuresRequest,
              com.sitq.v1.ListFailuresResponse>(
                service, METHODID_LIST_FAILURES)))
        .addMethod(
          getAwaitTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.AwaitTaskRequest,
              com.sitq.v1.AwaitTaskResponse>(
                service, METHODID_AWAIT_TASK)))
        .addMethod(
          getWatchTasksMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.sitq.v1.WatchTasksRequest,
              com.sitq.v1.WatchTasksResponse>(
                service, METHODID_WATCH_TASKS)))
        .addMethod(
          getCancelTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.CancelTaskRequest,
              com.sitq.v1.CancelTaskResponse>(
                service, METHODID_CANCEL_TASK)))
        .addMethod(
          getCancelTasksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.CancelTasksRequest,
              com.sitq.v1.CancelTasksResponse>(
                service, METHODID_CANCEL_TASKS)))
        .addMethod(
          getRetryTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.RetryTaskRequest,
              com.sitq.v1.RetryTaskResponse>(
                service, METHODID_RETRY_TASK)))
        .addMethod(
          getRetryTasksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.RetryTasksRequest,
              com.sitq.v1.RetryTasksResponse>(
                service, METHODID_RETRY_TASKS)))
        .addMethod(
          getUpdateTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.UpdateTaskRequest,
              com.sitq.v1.UpdateTaskResponse>(
                service, METHODID_UPDATE_TASK)))
        .addMethod(
          getRerunTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.RerunTaskRequest,
              com.sitq.v1.RerunTaskResponse>(
                service, METHODID_RERUN_TASK)))
        .addMethod(
          getDeleteTaskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.DeleteTaskRequest,
              com.sitq.v1.DeleteTaskResponse>(
                service, METHODID_DELETE_TASK)))
        .addMethod(
          getDeleteTasksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.DeleteTasksRequest,
              com.sitq.v1.DeleteTasksResponse>(
                service, METHODID_DELETE_TASKS)))
        .addMethod(
          getGetQueueMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetQueueRequest,
              com.sitq.v1.GetQueueResponse>(
                service, METHODID_GET_QUEUE)))
        .addMethod(
          getListQueuesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListQueuesRequest,
              com.sitq.v1.ListQueuesResponse>(
                service, METHODID_LIST_QUEUES)))
        .addMethod(
          getUpdateQueueMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.UpdateQueueRequest,
              com.sitq.v1.UpdateQueueResponse>(
                service, METHODID_UPDATE_QUEUE)))
        .addMethod(
          getPurgeQueueMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.PurgeQueueRequest,
              com.sitq.v1.PurgeQueueResponse>(
                service, METHODID_PURGE_QUEUE)))
        .build();
  }

  private static abstract class QueueServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    QueueServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.sitq.v1.QueueServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("QueueService");
    }
  }

  private static final class QueueServiceFileDescriptorSupplier
      extends QueueServiceBaseDescriptorSupplier {
    QueueServiceFileDescriptorSupplier() {}
  }

  private static final class QueueServiceMethodDescriptorSupplier
      extends QueueServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    QueueServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (QueueServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new QueueServiceFileDescriptorSupplier())
              .addMethod(getEnqueueMethod())
              .addMethod(getEnqueueBatchMethod())
              .addMethod(getEnqueueStreamMethod())
              .addMethod(getGetTaskMethod())
              .addMethod(getExplainTaskMethod())
              .addMethod(getListTasksMethod())
              .addMethod(getListFailuresMethod())
              .addMethod(getAwaitTaskMethod())
              .addMethod(getWatchTasksMethod())
              .addMethod(getCancelTaskMethod())
              .addMethod(getCancelTasksMethod())
              .addMethod(getRetryTaskMethod())
              .addMethod(getRetryTasksMethod())
              .addMethod(getUpdateTaskMethod())
              .addMethod(getRerunTaskMethod())
              .addMethod(getDeleteTaskMethod())
              .addMethod(getDeleteTasksMethod())
              .addMethod(getGetQueueMethod())
              .addMethod(getListQueuesMethod())
              .addMethod(getUpdateQueueMethod())
              .addMethod(getPurgeQueueMethod())
              .build();
        }
      }
    }
    return result;
  }
}

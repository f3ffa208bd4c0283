package com.sitq.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Events, subscriptions and deliveries.
 * A subscription is durable: each matching event becomes a task in its queue (a delivery), in the transaction that stores the
 * event, with leases, retries and a result like any task. A worker processes deliveries like other tasks; `Task.event` holds the
 * event. Watchers that do not need durability use Subscribe.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class EventServiceGrpc {

  private EventServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sitq.v1.EventService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.PublishRequest,
      com.sitq.v1.PublishResponse> getPublishMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Publish",
      requestType = com.sitq.v1.PublishRequest.class,
      responseType = com.sitq.v1.PublishResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.PublishRequest,
      com.sitq.v1.PublishResponse> getPublishMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.PublishRequest, com.sitq.v1.PublishResponse> getPublishMethod;
    if ((getPublishMethod = EventServiceGrpc.getPublishMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getPublishMethod = EventServiceGrpc.getPublishMethod) == null) {
          EventServiceGrpc.getPublishMethod = getPublishMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.PublishRequest, com.sitq.v1.PublishResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Publish"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.PublishRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.PublishResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("Publish"))
              .build();
        }
      }
    }
    return getPublishMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.PublishBatchRequest,
      com.sitq.v1.PublishBatchResponse> getPublishBatchMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PublishBatch",
      requestType = com.sitq.v1.PublishBatchRequest.class,
      responseType = com.sitq.v1.PublishBatchResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.PublishBatchRequest,
      com.sitq.v1.PublishBatchResponse> getPublishBatchMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.PublishBatchRequest, com.sitq.v1.PublishBatchResponse> getPublishBatchMethod;
    if ((getPublishBatchMethod = EventServiceGrpc.getPublishBatchMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getPublishBatchMethod = EventServiceGrpc.getPublishBatchMethod) == null) {
          EventServiceGrpc.getPublishBatchMethod = getPublishBatchMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.PublishBatchRequest, com.sitq.v1.PublishBatchResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PublishBatch"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.PublishBatchRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.PublishBatchResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("PublishBatch"))
              .build();
        }
      }
    }
    return getPublishBatchMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.CreateSubscriptionRequest,
      com.sitq.v1.CreateSubscriptionResponse> getCreateSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSubscription",
      requestType = com.sitq.v1.CreateSubscriptionRequest.class,
      responseType = com.sitq.v1.CreateSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.CreateSubscriptionRequest,
      com.sitq.v1.CreateSubscriptionResponse> getCreateSubscriptionMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.CreateSubscriptionRequest, com.sitq.v1.CreateSubscriptionResponse> getCreateSubscriptionMethod;
    if ((getCreateSubscriptionMethod = EventServiceGrpc.getCreateSubscriptionMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getCreateSubscriptionMethod = EventServiceGrpc.getCreateSubscriptionMethod) == null) {
          EventServiceGrpc.getCreateSubscriptionMethod = getCreateSubscriptionMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.CreateSubscriptionRequest, com.sitq.v1.CreateSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CreateSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CreateSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("CreateSubscription"))
              .build();
        }
      }
    }
    return getCreateSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetSubscriptionRequest,
      com.sitq.v1.GetSubscriptionResponse> getGetSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSubscription",
      requestType = com.sitq.v1.GetSubscriptionRequest.class,
      responseType = com.sitq.v1.GetSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetSubscriptionRequest,
      com.sitq.v1.GetSubscriptionResponse> getGetSubscriptionMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetSubscriptionRequest, com.sitq.v1.GetSubscriptionResponse> getGetSubscriptionMethod;
    if ((getGetSubscriptionMethod = EventServiceGrpc.getGetSubscriptionMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getGetSubscriptionMethod = EventServiceGrpc.getGetSubscriptionMethod) == null) {
          EventServiceGrpc.getGetSubscriptionMethod = getGetSubscriptionMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetSubscriptionRequest, com.sitq.v1.GetSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("GetSubscription"))
              .build();
        }
      }
    }
    return getGetSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.UpdateSubscriptionRequest,
      com.sitq.v1.UpdateSubscriptionResponse> getUpdateSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateSubscription",
      requestType = com.sitq.v1.UpdateSubscriptionRequest.class,
      responseType = com.sitq.v1.UpdateSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.UpdateSubscriptionRequest,
      com.sitq.v1.UpdateSubscriptionResponse> getUpdateSubscriptionMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.UpdateSubscriptionRequest, com.sitq.v1.UpdateSubscriptionResponse> getUpdateSubscriptionMethod;
    if ((getUpdateSubscriptionMethod = EventServiceGrpc.getUpdateSubscriptionMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getUpdateSubscriptionMethod = EventServiceGrpc.getUpdateSubscriptionMethod) == null) {
          EventServiceGrpc.getUpdateSubscriptionMethod = getUpdateSubscriptionMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.UpdateSubscriptionRequest, com.sitq.v1.UpdateSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdateSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdateSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("UpdateSubscription"))
              .build();
        }
      }
    }
    return getUpdateSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListSubscriptionsRequest,
      com.sitq.v1.ListSubscriptionsResponse> getListSubscriptionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSubscriptions",
      requestType = com.sitq.v1.ListSubscriptionsRequest.class,
      responseType = com.sitq.v1.ListSubscriptionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListSubscriptionsRequest,
      com.sitq.v1.ListSubscriptionsResponse> getListSubscriptionsMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListSubscriptionsRequest, com.sitq.v1.ListSubscriptionsResponse> getListSubscriptionsMethod;
    if ((getListSubscriptionsMethod = EventServiceGrpc.getListSubscriptionsMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getListSubscriptionsMethod = EventServiceGrpc.getListSubscriptionsMethod) == null) {
          EventServiceGrpc.getListSubscriptionsMethod = getListSubscriptionsMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListSubscriptionsRequest, com.sitq.v1.ListSubscriptionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSubscriptions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListSubscriptionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListSubscriptionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("ListSubscriptions"))
              .build();
        }
      }
    }
    return getListSubscriptionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.DeleteSubscriptionRequest,
      com.sitq.v1.DeleteSubscriptionResponse> getDeleteSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSubscription",
      requestType = com.sitq.v1.DeleteSubscriptionRequest.class,
      responseType = com.sitq.v1.DeleteSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.DeleteSubscriptionRequest,
      com.sitq.v1.DeleteSubscriptionResponse> getDeleteSubscriptionMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.DeleteSubscriptionRequest, com.sitq.v1.DeleteSubscriptionResponse> getDeleteSubscriptionMethod;
    if ((getDeleteSubscriptionMethod = EventServiceGrpc.getDeleteSubscriptionMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getDeleteSubscriptionMethod = EventServiceGrpc.getDeleteSubscriptionMethod) == null) {
          EventServiceGrpc.getDeleteSubscriptionMethod = getDeleteSubscriptionMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.DeleteSubscriptionRequest, com.sitq.v1.DeleteSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeleteSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeleteSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("DeleteSubscription"))
              .build();
        }
      }
    }
    return getDeleteSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ReplayEventsRequest,
      com.sitq.v1.ReplayEventsResponse> getReplayEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReplayEvents",
      requestType = com.sitq.v1.ReplayEventsRequest.class,
      responseType = com.sitq.v1.ReplayEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ReplayEventsRequest,
      com.sitq.v1.ReplayEventsResponse> getReplayEventsMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ReplayEventsRequest, com.sitq.v1.ReplayEventsResponse> getReplayEventsMethod;
    if ((getReplayEventsMethod = EventServiceGrpc.getReplayEventsMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getReplayEventsMethod = EventServiceGrpc.getReplayEventsMethod) == null) {
          EventServiceGrpc.getReplayEventsMethod = getReplayEventsMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ReplayEventsRequest, com.sitq.v1.ReplayEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReplayEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ReplayEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ReplayEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("ReplayEvents"))
              .build();
        }
      }
    }
    return getReplayEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.SubscribeRequest,
      com.sitq.v1.SubscribeResponse> getSubscribeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Subscribe",
      requestType = com.sitq.v1.SubscribeRequest.class,
      responseType = com.sitq.v1.SubscribeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.sitq.v1.SubscribeRequest,
      com.sitq.v1.SubscribeResponse> getSubscribeMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.SubscribeRequest, com.sitq.v1.SubscribeResponse> getSubscribeMethod;
    if ((getSubscribeMethod = EventServiceGrpc.getSubscribeMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getSubscribeMethod = EventServiceGrpc.getSubscribeMethod) == null) {
          EventServiceGrpc.getSubscribeMethod = getSubscribeMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.SubscribeRequest, com.sitq.v1.SubscribeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Subscribe"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.SubscribeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.SubscribeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("Subscribe"))
              .build();
        }
      }
    }
    return getSubscribeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetEventRequest,
      com.sitq.v1.GetEventResponse> getGetEventMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetEvent",
      requestType = com.sitq.v1.GetEventRequest.class,
      responseType = com.sitq.v1.GetEventResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetEventRequest,
      com.sitq.v1.GetEventResponse> getGetEventMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetEventRequest, com.sitq.v1.GetEventResponse> getGetEventMethod;
    if ((getGetEventMethod = EventServiceGrpc.getGetEventMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getGetEventMethod = EventServiceGrpc.getGetEventMethod) == null) {
          EventServiceGrpc.getGetEventMethod = getGetEventMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetEventRequest, com.sitq.v1.GetEventResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetEvent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetEventRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetEventResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("GetEvent"))
              .build();
        }
      }
    }
    return getGetEventMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListEventsRequest,
      com.sitq.v1.ListEventsResponse> getListEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListEvents",
      requestType = com.sitq.v1.ListEventsRequest.class,
      responseType = com.sitq.v1.ListEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListEventsRequest,
      com.sitq.v1.ListEventsResponse> getListEventsMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListEventsRequest, com.sitq.v1.ListEventsResponse> getListEventsMethod;
    if ((getListEventsMethod = EventServiceGrpc.getListEventsMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getListEventsMethod = EventServiceGrpc.getListEventsMethod) == null) {
          EventServiceGrpc.getListEventsMethod = getListEventsMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListEventsRequest, com.sitq.v1.ListEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("ListEvents"))
              .build();
        }
      }
    }
    return getListEventsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static EventServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceStub>() {
        @java.lang.Override
        public EventServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceStub(channel, callOptions);
        }
      };
    return EventServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static EventServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingV2Stub>() {
        @java.lang.Override
        public EventServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return EventServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static EventServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingStub>() {
        @java.lang.Override
        public EventServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceBlockingStub(channel, callOptions);
        }
      };
    return EventServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static EventServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceFutureStub>() {
        @java.lang.Override
        public EventServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceFutureStub(channel, callOptions);
        }
      };
    return EventServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Events, subscriptions and deliveries.
   * A subscription is durable: each matching event becomes a task in its queue (a delivery), in the transaction that stores the
   * event, with leases, retries and a result like any task. A worker processes deliveries like other tasks; `Task.event` holds the
   * event. Watchers that do not need durability use Subscribe.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Stores an event and a delivery for each subscription that matches. The answer comes once they are on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `EVENT_ID_REUSED` when the source used the id for another event;
     * RESOURCE_EXHAUSTED with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    default void publish(com.sitq.v1.PublishRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.PublishResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPublishMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stores several events in one transaction and answers for each, in order. A refused item does not refuse the others.
     * </pre>
     */
    default void publishBatch(com.sitq.v1.PublishBatchRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.PublishBatchResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPublishBatchMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates a subscription. A repeat with the same content returns the existing one.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `SUBSCRIPTION_EXISTS`, which names the field that differs, when the name has
     * other content: UpdateSubscription changes it in place; FAILED_PRECONDITION
     * with `POSITION_EXPIRED` when events after the start position are no longer kept.
     * </pre>
     */
    default void createSubscription(com.sitq.v1.CreateSubscriptionRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CreateSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a subscription with its position and backlog.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    default void getSubscription(com.sitq.v1.GetSubscriptionRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a subscription in place: its filter, the limits of its deliveries, whether it is paused. No delivery is lost or
     * repeated: an event stored after the change is matched by the new filter, an event stored before by the filter at that time,
     * even if the subscription has still to take it in. Existing deliveries are unchanged.
     * Errors: INVALID_ARGUMENT; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`; FAILED_PRECONDITION with `SUBSCRIPTION_BEHIND` when its
     * backlog has events from 100 other filters.
     * </pre>
     */
    default void updateSubscription(com.sitq.v1.UpdateSubscriptionRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdateSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the subscriptions by name.
     * </pre>
     */
    default void listSubscriptions(com.sitq.v1.ListSubscriptionsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListSubscriptionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSubscriptionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a subscription. Waiting deliveries are CANCELLED, running ones continue to the end of their attempt; a failed one is
     * not retried.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    default void deleteSubscription(com.sitq.v1.DeleteSubscriptionRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeleteSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Delivers events to one subscription again, from a position up to the newest, and continues with what is published
     * meanwhile. Earlier deliveries are unchanged.
     * Errors: as CreateSubscription; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    default void replayEvents(com.sitq.v1.ReplayEventsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ReplayEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReplayEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams events to a watcher. The first message holds no events: its position is where the watch starts. A watcher that
     * reconnects with the last position that it received misses no event and gets none twice. An event that is damaged on the disk
     * is sent with `damaged_fields` regardless of the filter, since the compared fields may be damaged.
     * Errors: FAILED_PRECONDITION with `POSITION_EXPIRED`.
     * </pre>
     */
    default void subscribe(com.sitq.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads an event with its delivery report.
     * Errors: NOT_FOUND with `EVENT_NOT_FOUND`.
     * </pre>
     */
    default void getEvent(com.sitq.v1.GetEventRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetEventResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetEventMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists events, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    default void listEvents(com.sitq.v1.ListEventsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListEventsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service EventService.
   * <pre>
   * Events, subscriptions and deliveries.
   * A subscription is durable: each matching event becomes a task in its queue (a delivery), in the transaction that stores the
   * event, with leases, retries and a result like any task. A worker processes deliveries like other tasks; `Task.event` holds the
   * event. Watchers that do not need durability use Subscribe.
   * </pre>
   */
  public static abstract class EventServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return EventServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service EventService.
   * <pre>
   * Events, subscriptions and deliveries.
   * A subscription is durable: each matching event becomes a task in its queue (a delivery), in the transaction that stores the
   * event, with leases, retries and a result like any task. A worker processes deliveries like other tasks; `Task.event` holds the
   * event. Watchers that do not need durability use Subscribe.
   * </pre>
   */
  public static final class EventServiceStub
      extends io.grpc.stub.AbstractAsyncStub<EventServiceStub> {
    private EventServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores an event and a delivery for each subscription that matches. The answer comes once they are on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `EVENT_ID_REUSED` when the source used the id for another event;
     * RESOURCE_EXHAUSTED with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    public void publish(com.sitq.v1.PublishRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.PublishResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPublishMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stores several events in one transaction and answers for each, in order. A refused item does not refuse the others.
     * </pre>
     */
    public void publishBatch(com.sitq.v1.PublishBatchRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.PublishBatchResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPublishBatchMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates a subscription. A repeat with the same content returns the existing one.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `SUBSCRIPTION_EXISTS`, which names the field that differs, when the name has
     * other content: UpdateSubscription changes it in place; FAILED_PRECONDITION
     * with `POSITION_EXPIRED` when events after the start position are no longer kept.
     * </pre>
     */
    public void createSubscription(com.sitq.v1.CreateSubscriptionRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CreateSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a subscription with its position and backlog.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public void getSubscription(com.sitq.v1.GetSubscriptionRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a subscription in place: its filter, the limits of its deliveries, whether it is paused. No delivery is lost or
     * repeated: an event stored after the change is matched by the new filter, an event stored before by the filter at that time,
     * even if the subscription has still to take it in. Existing deliveries are unchanged.
     * Errors: INVALID_ARGUMENT; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`; FAILED_PRECONDITION with `SUBSCRIPTION_BEHIND` when its
     * backlog has events from 100 other filters.
     * </pre>
     */
    public void updateSubscription(com.sitq.v1.UpdateSubscriptionRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdateSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the subscriptions by name.
     * </pre>
     */
    public void listSubscriptions(com.sitq.v1.ListSubscriptionsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListSubscriptionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSubscriptionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a subscription. Waiting deliveries are CANCELLED, running ones continue to the end of their attempt; a failed one is
     * not retried.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public void deleteSubscription(com.sitq.v1.DeleteSubscriptionRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeleteSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Delivers events to one subscription again, from a position up to the newest, and continues with what is published
     * meanwhile. Earlier deliveries are unchanged.
     * Errors: as CreateSubscription; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public void replayEvents(com.sitq.v1.ReplayEventsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ReplayEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReplayEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams events to a watcher. The first message holds no events: its position is where the watch starts. A watcher that
     * reconnects with the last position that it received misses no event and gets none twice. An event that is damaged on the disk
     * is sent with `damaged_fields` regardless of the filter, since the compared fields may be damaged.
     * Errors: FAILED_PRECONDITION with `POSITION_EXPIRED`.
     * </pre>
     */
    public void subscribe(com.sitq.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getSubscribeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads an event with its delivery report.
     * Errors: NOT_FOUND with `EVENT_NOT_FOUND`.
     * </pre>
     */
    public void getEvent(com.sitq.v1.GetEventRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetEventResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetEventMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists events, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    public void listEvents(com.sitq.v1.ListEventsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListEventsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service EventService.
   * <pre>
   * Events, subscriptions and deliveries.
   * A subscription is durable: each matching event becomes a task in its queue (a delivery), in the transaction that stores the
   * event, with leases, retries and a result like any task. A worker processes deliveries like other tasks; `Task.event` holds the
   * event. Watchers that do not need durability use Subscribe.
   * </pre>
   */
  public static final class EventServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<EventServiceBlockingV2Stub> {
    private EventServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores an event and a delivery for each subscription that matches. The answer comes once they are on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `EVENT_ID_REUSED` when the source used the id for another event;
     * RESOURCE_EXHAUSTED with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    public com.sitq.v1.PublishResponse publish(com.sitq.v1.PublishRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPublishMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores several events in one transaction and answers for each, in order. A refused item does not refuse the others.
     * </pre>
     */
    public com.sitq.v1.PublishBatchResponse publishBatch(com.sitq.v1.PublishBatchRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPublishBatchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a subscription. A repeat with the same content returns the existing one.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `SUBSCRIPTION_EXISTS`, which names the field that differs, when the name has
     * other content: UpdateSubscription changes it in place; FAILED_PRECONDITION
     * with `POSITION_EXPIRED` when events after the start position are no longer kept.
     * </pre>
     */
    public com.sitq.v1.CreateSubscriptionResponse createSubscription(com.sitq.v1.CreateSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a subscription with its position and backlog.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetSubscriptionResponse getSubscription(com.sitq.v1.GetSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a subscription in place: its filter, the limits of its deliveries, whether it is paused. No delivery is lost or
     * repeated: an event stored after the change is matched by the new filter, an event stored before by the filter at that time,
     * even if the subscription has still to take it in. Existing deliveries are unchanged.
     * Errors: INVALID_ARGUMENT; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`; FAILED_PRECONDITION with `SUBSCRIPTION_BEHIND` when its
     * backlog has events from 100 other filters.
     * </pre>
     */
    public com.sitq.v1.UpdateSubscriptionResponse updateSubscription(com.sitq.v1.UpdateSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the subscriptions by name.
     * </pre>
     */
    public com.sitq.v1.ListSubscriptionsResponse listSubscriptions(com.sitq.v1.ListSubscriptionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSubscriptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a subscription. Waiting deliveries are CANCELLED, running ones continue to the end of their attempt; a failed one is
     * not retried.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.DeleteSubscriptionResponse deleteSubscription(com.sitq.v1.DeleteSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Delivers events to one subscription again, from a position up to the newest, and continues with what is published
     * meanwhile. Earlier deliveries are unchanged.
     * Errors: as CreateSubscription; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.ReplayEventsResponse replayEvents(com.sitq.v1.ReplayEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReplayEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams events to a watcher. The first message holds no events: its position is where the watch starts. A watcher that
     * reconnects with the last position that it received misses no event and gets none twice. An event that is damaged on the disk
     * is sent with `damaged_fields` regardless of the filter, since the compared fields may be damaged.
     * Errors: FAILED_PRECONDITION with `POSITION_EXPIRED`.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.sitq.v1.SubscribeResponse>
        subscribe(com.sitq.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads an event with its delivery report.
     * Errors: NOT_FOUND with `EVENT_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetEventResponse getEvent(com.sitq.v1.GetEventRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetEventMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists events, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    public com.sitq.v1.ListEventsResponse listEvents(com.sitq.v1.ListEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListEventsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service EventService.
   * <pre>
   * Events, subscriptions and deliveries.
   * A subscription is durable: each matching event becomes a task in its queue (a delivery), in the transaction that stores the
   * event, with leases, retries and a result like any task. A worker processes deliveries like other tasks; `Task.event` holds the
   * event. Watchers that do not need durability use Subscribe.
   * </pre>
   */
  public static final class EventServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<EventServiceBlockingStub> {
    private EventServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores an event and a delivery for each subscription that matches. The answer comes once they are on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `EVENT_ID_REUSED` when the source used the id for another event;
     * RESOURCE_EXHAUSTED with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    public com.sitq.v1.PublishResponse publish(com.sitq.v1.PublishRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPublishMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stores several events in one transaction and answers for each, in order. A refused item does not refuse the others.
     * </pre>
     */
    public com.sitq.v1.PublishBatchResponse publishBatch(com.sitq.v1.PublishBatchRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPublishBatchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a subscription. A repeat with the same content returns the existing one.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `SUBSCRIPTION_EXISTS`, which names the field that differs, when the name has
     * other content: UpdateSubscription changes it in place; FAILED_PRECONDITION
     * with `POSITION_EXPIRED` when events after the start position are no longer kept.
     * </pre>
     */
    public com.sitq.v1.CreateSubscriptionResponse createSubscription(com.sitq.v1.CreateSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a subscription with its position and backlog.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetSubscriptionResponse getSubscription(com.sitq.v1.GetSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a subscription in place: its filter, the limits of its deliveries, whether it is paused. No delivery is lost or
     * repeated: an event stored after the change is matched by the new filter, an event stored before by the filter at that time,
     * even if the subscription has still to take it in. Existing deliveries are unchanged.
     * Errors: INVALID_ARGUMENT; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`; FAILED_PRECONDITION with `SUBSCRIPTION_BEHIND` when its
     * backlog has events from 100 other filters.
     * </pre>
     */
    public com.sitq.v1.UpdateSubscriptionResponse updateSubscription(com.sitq.v1.UpdateSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the subscriptions by name.
     * </pre>
     */
    public com.sitq.v1.ListSubscriptionsResponse listSubscriptions(com.sitq.v1.ListSubscriptionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSubscriptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a subscription. Waiting deliveries are CANCELLED, running ones continue to the end of their attempt; a failed one is
     * not retried.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.DeleteSubscriptionResponse deleteSubscription(com.sitq.v1.DeleteSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Delivers events to one subscription again, from a position up to the newest, and continues with what is published
     * meanwhile. Earlier deliveries are unchanged.
     * Errors: as CreateSubscription; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.ReplayEventsResponse replayEvents(com.sitq.v1.ReplayEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReplayEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams events to a watcher. The first message holds no events: its position is where the watch starts. A watcher that
     * reconnects with the last position that it received misses no event and gets none twice. An event that is damaged on the disk
     * is sent with `damaged_fields` regardless of the filter, since the compared fields may be damaged.
     * Errors: FAILED_PRECONDITION with `POSITION_EXPIRED`.
     * </pre>
     */
    public java.util.Iterator<com.sitq.v1.SubscribeResponse> subscribe(
        com.sitq.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads an event with its delivery report.
     * Errors: NOT_FOUND with `EVENT_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetEventResponse getEvent(com.sitq.v1.GetEventRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetEventMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists events, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    public com.sitq.v1.ListEventsResponse listEvents(com.sitq.v1.ListEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListEventsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service EventService.
   * <pre>
   * Events, subscriptions and deliveries.
   * A subscription is durable: each matching event becomes a task in its queue (a delivery), in the transaction that stores the
   * event, with leases, retries and a result like any task. A worker processes deliveries like other tasks; `Task.event` holds the
   * event. Watchers that do not need durability use Subscribe.
   * </pre>
   */
  public static final class EventServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<EventServiceFutureStub> {
    private EventServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores an event and a delivery for each subscription that matches. The answer comes once they are on the disk.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `EVENT_ID_REUSED` when the source used the id for another event;
     * RESOURCE_EXHAUSTED with `DISK_LOW` while the disk is nearly full.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.PublishResponse> publish(
        com.sitq.v1.PublishRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPublishMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stores several events in one transaction and answers for each, in order. A refused item does not refuse the others.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.PublishBatchResponse> publishBatch(
        com.sitq.v1.PublishBatchRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPublishBatchMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates a subscription. A repeat with the same content returns the existing one.
     * Errors: INVALID_ARGUMENT; ALREADY_EXISTS with `SUBSCRIPTION_EXISTS`, which names the field that differs, when the name has
     * other content: UpdateSubscription changes it in place; FAILED_PRECONDITION
     * with `POSITION_EXPIRED` when events after the start position are no longer kept.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.CreateSubscriptionResponse> createSubscription(
        com.sitq.v1.CreateSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a subscription with its position and backlog.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetSubscriptionResponse> getSubscription(
        com.sitq.v1.GetSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a subscription in place: its filter, the limits of its deliveries, whether it is paused. No delivery is lost or
     * repeated: an event stored after the change is matched by the new filter, an event stored before by the filter at that time,
     * even if the subscription has still to take it in. Existing deliveries are unchanged.
     * Errors: INVALID_ARGUMENT; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`; FAILED_PRECONDITION with `SUBSCRIPTION_BEHIND` when its
     * backlog has events from 100 other filters.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.UpdateSubscriptionResponse> updateSubscription(
        com.sitq.v1.UpdateSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the subscriptions by name.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListSubscriptionsResponse> listSubscriptions(
        com.sitq.v1.ListSubscriptionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSubscriptionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a subscription. Waiting deliveries are CANCELLED, running ones continue to the end of their attempt; a failed one is
     * not retried.
     * Errors: NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.DeleteSubscriptionResponse> deleteSubscription(
        com.sitq.v1.DeleteSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Delivers events to one subscription again, from a position up to the newest, and continues with what is published
     * meanwhile. Earlier deliveries are unchanged.
     * Errors: as CreateSubscription; NOT_FOUND with `SUBSCRIPTION_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ReplayEventsResponse> replayEvents(
        com.sitq.v1.ReplayEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReplayEventsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads an event with its delivery report.
     * Errors: NOT_FOUND with `EVENT_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetEventResponse> getEvent(
        com.sitq.v1.GetEventRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetEventMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists events, newest first, a page at a time. A page can be short or empty and still have a next one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListEventsResponse> listEvents(
        com.sitq.v1.ListEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListEventsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PUBLISH = 0;
  private static final int METHODID_PUBLISH_BATCH = 1;
  private static final int METHODID_CREATE_SUBSCRIPTION = 2;
  private static final int METHODID_GET_SUBSCRIPTION = 3;
  private static final int METHODID_UPDATE_SUBSCRIPTION = 4;
  private static final int METHODID_LIST_SUBSCRIPTIONS = 5;
  private static final int METHODID_DELETE_SUBSCRIPTION = 6;
  private static final int METHODID_REPLAY_EVENTS = 7;
  private static final int METHODID_SUBSCRIBE = 8;
  private static final int METHODID_GET_EVENT = 9;
  private static final int METHODID_LIST_EVENTS = 10;

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
        case METHODID_PUBLISH:
          serviceImpl.publish((com.sitq.v1.PublishRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.PublishResponse>) responseObserver);
          break;
        case METHODID_PUBLISH_BATCH:
          serviceImpl.publishBatch((com.sitq.v1.PublishBatchRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.PublishBatchResponse>) responseObserver);
          break;
        case METHODID_CREATE_SUBSCRIPTION:
          serviceImpl.createSubscription((com.sitq.v1.CreateSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.CreateSubscriptionResponse>) responseObserver);
          break;
        case METHODID_GET_SUBSCRIPTION:
          serviceImpl.getSubscription((com.sitq.v1.GetSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetSubscriptionResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SUBSCRIPTION:
          serviceImpl.updateSubscription((com.sitq.v1.UpdateSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.UpdateSubscriptionResponse>) responseObserver);
          break;
        case METHODID_LIST_SUBSCRIPTIONS:
          serviceImpl.listSubscriptions((com.sitq.v1.ListSubscriptionsRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListSubscriptionsResponse>) responseObserver);
          break;
        case METHODID_DELETE_SUBSCRIPTION:
          serviceImpl.deleteSubscription((com.sitq.v1.DeleteSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.DeleteSubscriptionResponse>) responseObserver);
          break;
        case METHODID_REPLAY_EVENTS:
          serviceImpl.replayEvents((com.sitq.v1.ReplayEventsRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ReplayEventsResponse>) responseObserver);
          break;
        case METHODID_SUBSCRIBE:
          serviceImpl.subscribe((com.sitq.v1.SubscribeRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.SubscribeResponse>) responseObserver);
          break;
        case METHODID_GET_EVENT:
          serviceImpl.getEvent((com.sitq.v1.GetEventRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetEventResponse>) responseObserver);
          break;
        case METHODID_LIST_EVENTS:
          serviceImpl.listEvents((com.sitq.v1.ListEventsRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListEventsResponse>) responseObserver);
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
          getPublishMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.PublishRequest,
              com.sitq.v1.PublishResponse>(
                service, METHODID_PUBLISH)))
        .addMethod(
          getPublishBatchMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.PublishBatchRequest,
              com.sitq.v1.PublishBatchResponse>(
                service, METHODID_PUBLISH_BATCH)))
        .addMethod(
          getCreateSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.CreateSubscriptionRequest,
              com.sitq.v1.CreateSubscriptionResponse>(
                service, METHODID_CREATE_SUBSCRIPTION)))
        .addMethod(
          getGetSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetSubscriptionRequest,
              com.sitq.v1.GetSubscriptionResponse>(
                service, METHODID_GET_SUBSCRIPTION)))
        .addMethod(
          getUpdateSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.UpdateSubscriptionRequest,
              com.sitq.v1.UpdateSubscriptionResponse>(
                service, METHODID_UPDATE_SUBSCRIPTION)))
        .addMethod(
          getListSubscriptionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListSubscriptionsRequest,
              com.sitq.v1.ListSubscriptionsResponse>(
                service, METHODID_LIST_SUBSCRIPTIONS)))
        .addMethod(
          getDeleteSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.DeleteSubscriptionRequest,
              com.sitq.v1.DeleteSubscriptionResponse>(
                service, METHODID_DELETE_SUBSCRIPTION)))
        .addMethod(
          getReplayEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ReplayEventsRequest,
              com.sitq.v1.ReplayEventsResponse>(
                service, METHODID_REPLAY_EVENTS)))
        .addMethod(
          getSubscribeMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.sitq.v1.SubscribeRequest,
              com.sitq.v1.SubscribeResponse>(
                service, METHODID_SUBSCRIBE)))
        .addMethod(
          getGetEventMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetEventRequest,
              com.sitq.v1.GetEventResponse>(
                service, METHODID_GET_EVENT)))
        .addMethod(
          getListEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListEventsRequest,
              com.sitq.v1.ListEventsResponse>(
                service, METHODID_LIST_EVENTS)))
        .build();
  }

  private static abstract class EventServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    EventServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.sitq.v1.EventServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("EventService");
    }
  }

  private static final class EventServiceFileDescriptorSupplier
      extends EventServiceBaseDescriptorSupplier {
    EventServiceFileDescriptorSupplier() {}
  }

  private static final class EventServiceMethodDescriptorSupplier
      extends EventServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    EventServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (EventServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new EventServiceFileDescriptorSupplier())
              .addMethod(getPublishMethod())
              .addMethod(getPublishBatchMethod())
              .addMethod(getCreateSubscriptionMethod())
              .addMethod(getGetSubscriptionMethod())
              .addMethod(getUpdateSubscriptionMethod())
              .addMethod(getListSubscriptionsMethod())
              .addMethod(getDeleteSubscriptionMethod())
              .addMethod(getReplayEventsMethod())
              .addMethod(getSubscribeMethod())
              .addMethod(getGetEventMethod())
              .addMethod(getListEventsMethod())
              .build();
        }
      }
    }
    return result;
  }
}

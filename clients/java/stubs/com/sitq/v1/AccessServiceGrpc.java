package com.sitq.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Who may do what: principals, their tokens, and the audit log.
 * A call is made by a principal, which is proved by a token (`authorization: Bearer …`), by a client certificate or by a JWT. If
 * two are given, they must name the same principal. Refusals: UNAUTHENTICATED with `CREDENTIALS_REQUIRED`,
 * `INVALID_CREDENTIALS`, `CREDENTIALS_EXPIRED`, `CREDENTIALS_REVOKED` or `CREDENTIALS_DISAGREE`; PERMISSION_DENIED with
 * `ROLE_REQUIRED`, or with `OUT_OF_SCOPE` and the field.
 * A change reaches open streams within 2 seconds.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AccessServiceGrpc {

  private AccessServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sitq.v1.AccessService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetIdentityRequest,
      com.sitq.v1.GetIdentityResponse> getGetIdentityMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetIdentity",
      requestType = com.sitq.v1.GetIdentityRequest.class,
      responseType = com.sitq.v1.GetIdentityResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetIdentityRequest,
      com.sitq.v1.GetIdentityResponse> getGetIdentityMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetIdentityRequest, com.sitq.v1.GetIdentityResponse> getGetIdentityMethod;
    if ((getGetIdentityMethod = AccessServiceGrpc.getGetIdentityMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getGetIdentityMethod = AccessServiceGrpc.getGetIdentityMethod) == null) {
          AccessServiceGrpc.getGetIdentityMethod = getGetIdentityMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetIdentityRequest, com.sitq.v1.GetIdentityResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetIdentity"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetIdentityRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetIdentityResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("GetIdentity"))
              .build();
        }
      }
    }
    return getGetIdentityMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.CreatePrincipalRequest,
      com.sitq.v1.CreatePrincipalResponse> getCreatePrincipalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreatePrincipal",
      requestType = com.sitq.v1.CreatePrincipalRequest.class,
      responseType = com.sitq.v1.CreatePrincipalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.CreatePrincipalRequest,
      com.sitq.v1.CreatePrincipalResponse> getCreatePrincipalMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.CreatePrincipalRequest, com.sitq.v1.CreatePrincipalResponse> getCreatePrincipalMethod;
    if ((getCreatePrincipalMethod = AccessServiceGrpc.getCreatePrincipalMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getCreatePrincipalMethod = AccessServiceGrpc.getCreatePrincipalMethod) == null) {
          AccessServiceGrpc.getCreatePrincipalMethod = getCreatePrincipalMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.CreatePrincipalRequest, com.sitq.v1.CreatePrincipalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreatePrincipal"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CreatePrincipalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CreatePrincipalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("CreatePrincipal"))
              .build();
        }
      }
    }
    return getCreatePrincipalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.GetPrincipalRequest,
      com.sitq.v1.GetPrincipalResponse> getGetPrincipalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetPrincipal",
      requestType = com.sitq.v1.GetPrincipalRequest.class,
      responseType = com.sitq.v1.GetPrincipalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.GetPrincipalRequest,
      com.sitq.v1.GetPrincipalResponse> getGetPrincipalMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.GetPrincipalRequest, com.sitq.v1.GetPrincipalResponse> getGetPrincipalMethod;
    if ((getGetPrincipalMethod = AccessServiceGrpc.getGetPrincipalMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getGetPrincipalMethod = AccessServiceGrpc.getGetPrincipalMethod) == null) {
          AccessServiceGrpc.getGetPrincipalMethod = getGetPrincipalMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.GetPrincipalRequest, com.sitq.v1.GetPrincipalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetPrincipal"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetPrincipalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.GetPrincipalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("GetPrincipal"))
              .build();
        }
      }
    }
    return getGetPrincipalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListPrincipalsRequest,
      com.sitq.v1.ListPrincipalsResponse> getListPrincipalsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListPrincipals",
      requestType = com.sitq.v1.ListPrincipalsRequest.class,
      responseType = com.sitq.v1.ListPrincipalsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListPrincipalsRequest,
      com.sitq.v1.ListPrincipalsResponse> getListPrincipalsMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListPrincipalsRequest, com.sitq.v1.ListPrincipalsResponse> getListPrincipalsMethod;
    if ((getListPrincipalsMethod = AccessServiceGrpc.getListPrincipalsMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getListPrincipalsMethod = AccessServiceGrpc.getListPrincipalsMethod) == null) {
          AccessServiceGrpc.getListPrincipalsMethod = getListPrincipalsMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListPrincipalsRequest, com.sitq.v1.ListPrincipalsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListPrincipals"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListPrincipalsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListPrincipalsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("ListPrincipals"))
              .build();
        }
      }
    }
    return getListPrincipalsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.UpdatePrincipalRequest,
      com.sitq.v1.UpdatePrincipalResponse> getUpdatePrincipalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdatePrincipal",
      requestType = com.sitq.v1.UpdatePrincipalRequest.class,
      responseType = com.sitq.v1.UpdatePrincipalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.UpdatePrincipalRequest,
      com.sitq.v1.UpdatePrincipalResponse> getUpdatePrincipalMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.UpdatePrincipalRequest, com.sitq.v1.UpdatePrincipalResponse> getUpdatePrincipalMethod;
    if ((getUpdatePrincipalMethod = AccessServiceGrpc.getUpdatePrincipalMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getUpdatePrincipalMethod = AccessServiceGrpc.getUpdatePrincipalMethod) == null) {
          AccessServiceGrpc.getUpdatePrincipalMethod = getUpdatePrincipalMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.UpdatePrincipalRequest, com.sitq.v1.UpdatePrincipalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdatePrincipal"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdatePrincipalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.UpdatePrincipalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("UpdatePrincipal"))
              .build();
        }
      }
    }
    return getUpdatePrincipalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.DeletePrincipalRequest,
      com.sitq.v1.DeletePrincipalResponse> getDeletePrincipalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeletePrincipal",
      requestType = com.sitq.v1.DeletePrincipalRequest.class,
      responseType = com.sitq.v1.DeletePrincipalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.DeletePrincipalRequest,
      com.sitq.v1.DeletePrincipalResponse> getDeletePrincipalMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.DeletePrincipalRequest, com.sitq.v1.DeletePrincipalResponse> getDeletePrincipalMethod;
    if ((getDeletePrincipalMethod = AccessServiceGrpc.getDeletePrincipalMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getDeletePrincipalMethod = AccessServiceGrpc.getDeletePrincipalMethod) == null) {
          AccessServiceGrpc.getDeletePrincipalMethod = getDeletePrincipalMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.DeletePrincipalRequest, com.sitq.v1.DeletePrincipalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeletePrincipal"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeletePrincipalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.DeletePrincipalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("DeletePrincipal"))
              .build();
        }
      }
    }
    return getDeletePrincipalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.CreateTokenRequest,
      com.sitq.v1.CreateTokenResponse> getCreateTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateToken",
      requestType = com.sitq.v1.CreateTokenRequest.class,
      responseType = com.sitq.v1.CreateTokenResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.CreateTokenRequest,
      com.sitq.v1.CreateTokenResponse> getCreateTokenMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.CreateTokenRequest, com.sitq.v1.CreateTokenResponse> getCreateTokenMethod;
    if ((getCreateTokenMethod = AccessServiceGrpc.getCreateTokenMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getCreateTokenMethod = AccessServiceGrpc.getCreateTokenMethod) == null) {
          AccessServiceGrpc.getCreateTokenMethod = getCreateTokenMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.CreateTokenRequest, com.sitq.v1.CreateTokenResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CreateTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.CreateTokenResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("CreateToken"))
              .build();
        }
      }
    }
    return getCreateTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListTokensRequest,
      com.sitq.v1.ListTokensResponse> getListTokensMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListTokens",
      requestType = com.sitq.v1.ListTokensRequest.class,
      responseType = com.sitq.v1.ListTokensResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListTokensRequest,
      com.sitq.v1.ListTokensResponse> getListTokensMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListTokensRequest, com.sitq.v1.ListTokensResponse> getListTokensMethod;
    if ((getListTokensMethod = AccessServiceGrpc.getListTokensMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getListTokensMethod = AccessServiceGrpc.getListTokensMethod) == null) {
          AccessServiceGrpc.getListTokensMethod = getListTokensMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListTokensRequest, com.sitq.v1.ListTokensResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListTokens"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListTokensRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListTokensResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("ListTokens"))
              .build();
        }
      }
    }
    return getListTokensMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.RevokeTokenRequest,
      com.sitq.v1.RevokeTokenResponse> getRevokeTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeToken",
      requestType = com.sitq.v1.RevokeTokenRequest.class,
      responseType = com.sitq.v1.RevokeTokenResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.RevokeTokenRequest,
      com.sitq.v1.RevokeTokenResponse> getRevokeTokenMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.RevokeTokenRequest, com.sitq.v1.RevokeTokenResponse> getRevokeTokenMethod;
    if ((getRevokeTokenMethod = AccessServiceGrpc.getRevokeTokenMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getRevokeTokenMethod = AccessServiceGrpc.getRevokeTokenMethod) == null) {
          AccessServiceGrpc.getRevokeTokenMethod = getRevokeTokenMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.RevokeTokenRequest, com.sitq.v1.RevokeTokenResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RevokeTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.RevokeTokenResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("RevokeToken"))
              .build();
        }
      }
    }
    return getRevokeTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.sitq.v1.ListAuditEntriesRequest,
      com.sitq.v1.ListAuditEntriesResponse> getListAuditEntriesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAuditEntries",
      requestType = com.sitq.v1.ListAuditEntriesRequest.class,
      responseType = com.sitq.v1.ListAuditEntriesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.sitq.v1.ListAuditEntriesRequest,
      com.sitq.v1.ListAuditEntriesResponse> getListAuditEntriesMethod() {
    io.grpc.MethodDescriptor<com.sitq.v1.ListAuditEntriesRequest, com.sitq.v1.ListAuditEntriesResponse> getListAuditEntriesMethod;
    if ((getListAuditEntriesMethod = AccessServiceGrpc.getListAuditEntriesMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getListAuditEntriesMethod = AccessServiceGrpc.getListAuditEntriesMethod) == null) {
          AccessServiceGrpc.getListAuditEntriesMethod = getListAuditEntriesMethod =
              io.grpc.MethodDescriptor.<com.sitq.v1.ListAuditEntriesRequest, com.sitq.v1.ListAuditEntriesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAuditEntries"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListAuditEntriesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.sitq.v1.ListAuditEntriesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("ListAuditEntries"))
              .build();
        }
      }
    }
    return getListAuditEntriesMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AccessServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccessServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccessServiceStub>() {
        @java.lang.Override
        public AccessServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccessServiceStub(channel, callOptions);
        }
      };
    return AccessServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AccessServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccessServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccessServiceBlockingV2Stub>() {
        @java.lang.Override
        public AccessServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccessServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AccessServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AccessServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccessServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccessServiceBlockingStub>() {
        @java.lang.Override
        public AccessServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccessServiceBlockingStub(channel, callOptions);
        }
      };
    return AccessServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AccessServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccessServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccessServiceFutureStub>() {
        @java.lang.Override
        public AccessServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccessServiceFutureStub(channel, callOptions);
        }
      };
    return AccessServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Who may do what: principals, their tokens, and the audit log.
   * A call is made by a principal, which is proved by a token (`authorization: Bearer …`), by a client certificate or by a JWT. If
   * two are given, they must name the same principal. Refusals: UNAUTHENTICATED with `CREDENTIALS_REQUIRED`,
   * `INVALID_CREDENTIALS`, `CREDENTIALS_EXPIRED`, `CREDENTIALS_REVOKED` or `CREDENTIALS_DISAGREE`; PERMISSION_DENIED with
   * `ROLE_REQUIRED`, or with `OUT_OF_SCOPE` and the field.
   * A change reaches open streams within 2 seconds.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Returns who the server takes the caller for. Every principal may call it.
     * </pre>
     */
    default void getIdentity(com.sitq.v1.GetIdentityRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetIdentityResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetIdentityMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates a principal.
     * Errors: ALREADY_EXISTS with `PRINCIPAL_EXISTS`, or with `CERTIFICATE_IN_USE` if a certificate name is another principal's.
     * </pre>
     */
    default void createPrincipal(com.sitq.v1.CreatePrincipalRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CreatePrincipalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreatePrincipalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a principal.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    default void getPrincipal(com.sitq.v1.GetPrincipalRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetPrincipalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetPrincipalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists principals, by name.
     * </pre>
     */
    default void listPrincipals(com.sitq.v1.ListPrincipalsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListPrincipalsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListPrincipalsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes what a principal may do, and the certificates that prove it.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`; ALREADY_EXISTS with `CERTIFICATE_IN_USE`.
     * </pre>
     */
    default void updatePrincipal(com.sitq.v1.UpdatePrincipalRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdatePrincipalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdatePrincipalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a principal with its tokens.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    default void deletePrincipal(com.sitq.v1.DeletePrincipalRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeletePrincipalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeletePrincipalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates a token of a principal. The answer is the only place where the token is shown: the server keeps a hash.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND` if there is none and no grants are given; ALREADY_EXISTS with `PRINCIPAL_EXISTS` if
     * there is one with other grants.
     * </pre>
     */
    default void createToken(com.sitq.v1.CreateTokenRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CreateTokenResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists tokens, newest first.
     * </pre>
     */
    default void listTokens(com.sitq.v1.ListTokensRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListTokensResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListTokensMethod(), responseObserver);
    }

    /**
     * <pre>
     * Revokes a token for good. Revoking it again changes nothing.
     * Errors: NOT_FOUND with `TOKEN_NOT_FOUND`.
     * </pre>
     */
    default void revokeToken(com.sitq.v1.RevokeTokenRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RevokeTokenResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists audit entries, newest first: the changing calls of operators and admins, refusals for rights, and changes of principals
     * and tokens.
     * </pre>
     */
    default void listAuditEntries(com.sitq.v1.ListAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAuditEntriesMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AccessService.
   * <pre>
   * Who may do what: principals, their tokens, and the audit log.
   * A call is made by a principal, which is proved by a token (`authorization: Bearer …`), by a client certificate or by a JWT. If
   * two are given, they must name the same principal. Refusals: UNAUTHENTICATED with `CREDENTIALS_REQUIRED`,
   * `INVALID_CREDENTIALS`, `CREDENTIALS_EXPIRED`, `CREDENTIALS_REVOKED` or `CREDENTIALS_DISAGREE`; PERMISSION_DENIED with
   * `ROLE_REQUIRED`, or with `OUT_OF_SCOPE` and the field.
   * A change reaches open streams within 2 seconds.
   * </pre>
   */
  public static abstract class AccessServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AccessServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AccessService.
   * <pre>
   * Who may do what: principals, their tokens, and the audit log.
   * A call is made by a principal, which is proved by a token (`authorization: Bearer …`), by a client certificate or by a JWT. If
   * two are given, they must name the same principal. Refusals: UNAUTHENTICATED with `CREDENTIALS_REQUIRED`,
   * `INVALID_CREDENTIALS`, `CREDENTIALS_EXPIRED`, `CREDENTIALS_REVOKED` or `CREDENTIALS_DISAGREE`; PERMISSION_DENIED with
   * `ROLE_REQUIRED`, or with `OUT_OF_SCOPE` and the field.
   * A change reaches open streams within 2 seconds.
   * </pre>
   */
  public static final class AccessServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AccessServiceStub> {
    private AccessServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccessServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccessServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns who the server takes the caller for. Every principal may call it.
     * </pre>
     */
    public void getIdentity(com.sitq.v1.GetIdentityRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetIdentityResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetIdentityMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates a principal.
     * Errors: ALREADY_EXISTS with `PRINCIPAL_EXISTS`, or with `CERTIFICATE_IN_USE` if a certificate name is another principal's.
     * </pre>
     */
    public void createPrincipal(com.sitq.v1.CreatePrincipalRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CreatePrincipalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreatePrincipalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a principal.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    public void getPrincipal(com.sitq.v1.GetPrincipalRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.GetPrincipalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetPrincipalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists principals, by name.
     * </pre>
     */
    public void listPrincipals(com.sitq.v1.ListPrincipalsRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListPrincipalsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListPrincipalsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes what a principal may do, and the certificates that prove it.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`; ALREADY_EXISTS with `CERTIFICATE_IN_USE`.
     * </pre>
     */
    public void updatePrincipal(com.sitq.v1.UpdatePrincipalRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.UpdatePrincipalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdatePrincipalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a principal with its tokens.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    public void deletePrincipal(com.sitq.v1.DeletePrincipalRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.DeletePrincipalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeletePrincipalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates a token of a principal. The answer is the only place where the token is shown: the server keeps a hash.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND` if there is none and no grants are given; ALREADY_EXISTS with `PRINCIPAL_EXISTS` if
     * there is one with other grants.
     * </pre>
     */
    public void createToken(com.sitq.v1.CreateTokenRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.CreateTokenResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists tokens, newest first.
     * </pre>
     */
    public void listTokens(com.sitq.v1.ListTokensRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListTokensResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListTokensMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Revokes a token for good. Revoking it again changes nothing.
     * Errors: NOT_FOUND with `TOKEN_NOT_FOUND`.
     * </pre>
     */
    public void revokeToken(com.sitq.v1.RevokeTokenRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.RevokeTokenResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists audit entries, newest first: the changing calls of operators and admins, refusals for rights, and changes of principals
     * and tokens.
     * </pre>
     */
    public void listAuditEntries(com.sitq.v1.ListAuditEntriesRequest request,
        io.grpc.stub.StreamObserver<com.sitq.v1.ListAuditEntriesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAuditEntriesMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AccessService.
   * <pre>
   * Who may do what: principals, their tokens, and the audit log.
   * A call is made by a principal, which is proved by a token (`authorization: Bearer …`), by a client certificate or by a JWT. If
   * two are given, they must name the same principal. Refusals: UNAUTHENTICATED with `CREDENTIALS_REQUIRED`,
   * `INVALID_CREDENTIALS`, `CREDENTIALS_EXPIRED`, `CREDENTIALS_REVOKED` or `CREDENTIALS_DISAGREE`; PERMISSION_DENIED with
   * `ROLE_REQUIRED`, or with `OUT_OF_SCOPE` and the field.
   * A change reaches open streams within 2 seconds.
   * </pre>
   */
  public static final class AccessServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AccessServiceBlockingV2Stub> {
    private AccessServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccessServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccessServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns who the server takes the caller for. Every principal may call it.
     * </pre>
     */
    public com.sitq.v1.GetIdentityResponse getIdentity(com.sitq.v1.GetIdentityRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetIdentityMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a principal.
     * Errors: ALREADY_EXISTS with `PRINCIPAL_EXISTS`, or with `CERTIFICATE_IN_USE` if a certificate name is another principal's.
     * </pre>
     */
    public com.sitq.v1.CreatePrincipalResponse createPrincipal(com.sitq.v1.CreatePrincipalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreatePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a principal.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetPrincipalResponse getPrincipal(com.sitq.v1.GetPrincipalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetPrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists principals, by name.
     * </pre>
     */
    public com.sitq.v1.ListPrincipalsResponse listPrincipals(com.sitq.v1.ListPrincipalsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListPrincipalsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes what a principal may do, and the certificates that prove it.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`; ALREADY_EXISTS with `CERTIFICATE_IN_USE`.
     * </pre>
     */
    public com.sitq.v1.UpdatePrincipalResponse updatePrincipal(com.sitq.v1.UpdatePrincipalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdatePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a principal with its tokens.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.DeletePrincipalResponse deletePrincipal(com.sitq.v1.DeletePrincipalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeletePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a token of a principal. The answer is the only place where the token is shown: the server keeps a hash.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND` if there is none and no grants are given; ALREADY_EXISTS with `PRINCIPAL_EXISTS` if
     * there is one with other grants.
     * </pre>
     */
    public com.sitq.v1.CreateTokenResponse createToken(com.sitq.v1.CreateTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists tokens, newest first.
     * </pre>
     */
    public com.sitq.v1.ListTokensResponse listTokens(com.sitq.v1.ListTokensRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListTokensMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes a token for good. Revoking it again changes nothing.
     * Errors: NOT_FOUND with `TOKEN_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.RevokeTokenResponse revokeToken(com.sitq.v1.RevokeTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists audit entries, newest first: the changing calls of operators and admins, refusals for rights, and changes of principals
     * and tokens.
     * </pre>
     */
    public com.sitq.v1.ListAuditEntriesResponse listAuditEntries(com.sitq.v1.ListAuditEntriesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAuditEntriesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AccessService.
   * <pre>
   * Who may do what: principals, their tokens, and the audit log.
   * A call is made by a principal, which is proved by a token (`authorization: Bearer …`), by a client certificate or by a JWT. If
   * two are given, they must name the same principal. Refusals: UNAUTHENTICATED with `CREDENTIALS_REQUIRED`,
   * `INVALID_CREDENTIALS`, `CREDENTIALS_EXPIRED`, `CREDENTIALS_REVOKED` or `CREDENTIALS_DISAGREE`; PERMISSION_DENIED with
   * `ROLE_REQUIRED`, or with `OUT_OF_SCOPE` and the field.
   * A change reaches open streams within 2 seconds.
   * </pre>
   */
  public static final class AccessServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AccessServiceBlockingStub> {
    private AccessServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccessServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccessServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns who the server takes the caller for. Every principal may call it.
     * </pre>
     */
    public com.sitq.v1.GetIdentityResponse getIdentity(com.sitq.v1.GetIdentityRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetIdentityMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a principal.
     * Errors: ALREADY_EXISTS with `PRINCIPAL_EXISTS`, or with `CERTIFICATE_IN_USE` if a certificate name is another principal's.
     * </pre>
     */
    public com.sitq.v1.CreatePrincipalResponse createPrincipal(com.sitq.v1.CreatePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreatePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a principal.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.GetPrincipalResponse getPrincipal(com.sitq.v1.GetPrincipalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetPrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists principals, by name.
     * </pre>
     */
    public com.sitq.v1.ListPrincipalsResponse listPrincipals(com.sitq.v1.ListPrincipalsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListPrincipalsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes what a principal may do, and the certificates that prove it.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`; ALREADY_EXISTS with `CERTIFICATE_IN_USE`.
     * </pre>
     */
    public com.sitq.v1.UpdatePrincipalResponse updatePrincipal(com.sitq.v1.UpdatePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdatePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a principal with its tokens.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.DeletePrincipalResponse deletePrincipal(com.sitq.v1.DeletePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeletePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a token of a principal. The answer is the only place where the token is shown: the server keeps a hash.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND` if there is none and no grants are given; ALREADY_EXISTS with `PRINCIPAL_EXISTS` if
     * there is one with other grants.
     * </pre>
     */
    public com.sitq.v1.CreateTokenResponse createToken(com.sitq.v1.CreateTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists tokens, newest first.
     * </pre>
     */
    public com.sitq.v1.ListTokensResponse listTokens(com.sitq.v1.ListTokensRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListTokensMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes a token for good. Revoking it again changes nothing.
     * Errors: NOT_FOUND with `TOKEN_NOT_FOUND`.
     * </pre>
     */
    public com.sitq.v1.RevokeTokenResponse revokeToken(com.sitq.v1.RevokeTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists audit entries, newest first: the changing calls of operators and admins, refusals for rights, and changes of principals
     * and tokens.
     * </pre>
     */
    public com.sitq.v1.ListAuditEntriesResponse listAuditEntries(com.sitq.v1.ListAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAuditEntriesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AccessService.
   * <pre>
   * Who may do what: principals, their tokens, and the audit log.
   * A call is made by a principal, which is proved by a token (`authorization: Bearer …`), by a client certificate or by a JWT. If
   * two are given, they must name the same principal. Refusals: UNAUTHENTICATED with `CREDENTIALS_REQUIRED`,
   * `INVALID_CREDENTIALS`, `CREDENTIALS_EXPIRED`, `CREDENTIALS_REVOKED` or `CREDENTIALS_DISAGREE`; PERMISSION_DENIED with
   * `ROLE_REQUIRED`, or with `OUT_OF_SCOPE` and the field.
   * A change reaches open streams within 2 seconds.
   * </pre>
   */
  public static final class AccessServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AccessServiceFutureStub> {
    private AccessServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccessServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccessServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns who the server takes the caller for. Every principal may call it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetIdentityResponse> getIdentity(
        com.sitq.v1.GetIdentityRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetIdentityMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates a principal.
     * Errors: ALREADY_EXISTS with `PRINCIPAL_EXISTS`, or with `CERTIFICATE_IN_USE` if a certificate name is another principal's.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.CreatePrincipalResponse> createPrincipal(
        com.sitq.v1.CreatePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreatePrincipalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a principal.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.GetPrincipalResponse> getPrincipal(
        com.sitq.v1.GetPrincipalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetPrincipalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists principals, by name.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListPrincipalsResponse> listPrincipals(
        com.sitq.v1.ListPrincipalsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListPrincipalsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes what a principal may do, and the certificates that prove it.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`; ALREADY_EXISTS with `CERTIFICATE_IN_USE`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.UpdatePrincipalResponse> updatePrincipal(
        com.sitq.v1.UpdatePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdatePrincipalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a principal with its tokens.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.DeletePrincipalResponse> deletePrincipal(
        com.sitq.v1.DeletePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeletePrincipalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates a token of a principal. The answer is the only place where the token is shown: the server keeps a hash.
     * Errors: NOT_FOUND with `PRINCIPAL_NOT_FOUND` if there is none and no grants are given; ALREADY_EXISTS with `PRINCIPAL_EXISTS` if
     * there is one with other grants.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.CreateTokenResponse> createToken(
        com.sitq.v1.CreateTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists tokens, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListTokensResponse> listTokens(
        com.sitq.v1.ListTokensRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListTokensMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Revokes a token for good. Revoking it again changes nothing.
     * Errors: NOT_FOUND with `TOKEN_NOT_FOUND`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.RevokeTokenResponse> revokeToken(
        com.sitq.v1.RevokeTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists audit entries, newest first: the changing calls of operators and admins, refusals for rights, and changes of principals
     * and tokens.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.sitq.v1.ListAuditEntriesResponse> listAuditEntries(
        com.sitq.v1.ListAuditEntriesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAuditEntriesMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_IDENTITY = 0;
  private static final int METHODID_CREATE_PRINCIPAL = 1;
  private static final int METHODID_GET_PRINCIPAL = 2;
  private static final int METHODID_LIST_PRINCIPALS = 3;
  private static final int METHODID_UPDATE_PRINCIPAL = 4;
  private static final int METHODID_DELETE_PRINCIPAL = 5;
  private static final int METHODID_CREATE_TOKEN = 6;
  private static final int METHODID_LIST_TOKENS = 7;
  private static final int METHODID_REVOKE_TOKEN = 8;
  private static final int METHODID_LIST_AUDIT_ENTRIES = 9;

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
        case METHODID_GET_IDENTITY:
          serviceImpl.getIdentity((com.sitq.v1.GetIdentityRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetIdentityResponse>) responseObserver);
          break;
        case METHODID_CREATE_PRINCIPAL:
          serviceImpl.createPrincipal((com.sitq.v1.CreatePrincipalRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.CreatePrincipalResponse>) responseObserver);
          break;
        case METHODID_GET_PRINCIPAL:
          serviceImpl.getPrincipal((com.sitq.v1.GetPrincipalRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.GetPrincipalResponse>) responseObserver);
          break;
        case METHODID_LIST_PRINCIPALS:
          serviceImpl.listPrincipals((com.sitq.v1.ListPrincipalsRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListPrincipalsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_PRINCIPAL:
          serviceImpl.updatePrincipal((com.sitq.v1.UpdatePrincipalRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.UpdatePrincipalResponse>) responseObserver);
          break;
        case METHODID_DELETE_PRINCIPAL:
          serviceImpl.deletePrincipal((com.sitq.v1.DeletePrincipalRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.DeletePrincipalResponse>) responseObserver);
          break;
        case METHODID_CREATE_TOKEN:
          serviceImpl.createToken((com.sitq.v1.CreateTokenRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.CreateTokenResponse>) responseObserver);
          break;
        case METHODID_LIST_TOKENS:
          serviceImpl.listTokens((com.sitq.v1.ListTokensRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListTokensResponse>) responseObserver);
          break;
        case METHODID_REVOKE_TOKEN:
          serviceImpl.revokeToken((com.sitq.v1.RevokeTokenRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.RevokeTokenResponse>) responseObserver);
          break;
        case METHODID_LIST_AUDIT_ENTRIES:
          serviceImpl.listAuditEntries((com.sitq.v1.ListAuditEntriesRequest) request,
              (io.grpc.stub.StreamObserver<com.sitq.v1.ListAuditEntriesResponse>) responseObserver);
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
          getGetIdentityMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetIdentityRequest,
              com.sitq.v1.GetIdentityResponse>(
                service, METHODID_GET_IDENTITY)))
        .addMethod(
          getCreatePrincipalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.CreatePrincipalRequest,
              com.sitq.v1.CreatePrincipalResponse>(
                service, METHODID_CREATE_PRINCIPAL)))
        .addMethod(
          getGetPrincipalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.GetPrincipalRequest,
              com.sitq.v1.GetPrincipalResponse>(
                service, METHODID_GET_PRINCIPAL)))
        .addMethod(
          getListPrincipalsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListPrincipalsRequest,
              com.sitq.v1.ListPrincipalsResponse>(
                service, METHODID_LIST_PRINCIPALS)))
        .addMethod(
          getUpdatePrincipalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.UpdatePrincipalRequest,
              com.sitq.v1.UpdatePrincipalResponse>(
                service, METHODID_UPDATE_PRINCIPAL)))
        .addMethod(
          getDeletePrincipalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.DeletePrincipalRequest,
              com.sitq.v1.DeletePrincipalResponse>(
                service, METHODID_DELETE_PRINCIPAL)))
        .addMethod(
          getCreateTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.CreateTokenRequest,
              com.sitq.v1.CreateTokenResponse>(
                service, METHODID_CREATE_TOKEN)))
        .addMethod(
          getListTokensMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListTokensRequest,
              com.sitq.v1.ListTokensResponse>(
                service, METHODID_LIST_TOKENS)))
        .addMethod(
          getRevokeTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.RevokeTokenRequest,
              com.sitq.v1.RevokeTokenResponse>(
                service, METHODID_REVOKE_TOKEN)))
        .addMethod(
          getListAuditEntriesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.sitq.v1.ListAuditEntriesRequest,
              com.sitq.v1.ListAuditEntriesResponse>(
                service, METHODID_LIST_AUDIT_ENTRIES)))
        .build();
  }

  private static abstract class AccessServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AccessServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.sitq.v1.AccessServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AccessService");
    }
  }

  private static final class AccessServiceFileDescriptorSupplier
      extends AccessServiceBaseDescriptorSupplier {
    AccessServiceFileDescriptorSupplier() {}
  }

  private static final class AccessServiceMethodDescriptorSupplier
      extends AccessServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AccessServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AccessServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AccessServiceFileDescriptorSupplier())
              .addMethod(getGetIdentityMethod())
              .addMethod(getCreatePrincipalMethod())
              .addMethod(getGetPrincipalMethod())
              .addMethod(getListPrincipalsMethod())
              .addMethod(getUpdatePrincipalMethod())
              .addMethod(getDeletePrincipalMethod())
              .addMethod(getCreateTokenMethod())
              .addMethod(getListTokensMethod())
              .addMethod(getRevokeTokenMethod())
              .addMethod(getListAuditEntriesMethod())
              .build();
        }
      }
    }
    return result;
  }
}

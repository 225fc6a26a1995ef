public import ClusterAPI
public import ClusterModel

extension MutationRequest {
  /// The request for an operator's command.
  public init(
    _ command: OperatorCommand, options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) {
    let route = command.route
    var (path, body) = (route.path, RequestBody?.none)
    if case .endSession(let session, let id) = command {
      path = "/v1/instances/\(id.text.percentEncoded)/sessions/\(session.percentEncoded)"
    } else {
      let acknowledge = route.acknowledgesInBody ? options.acknowledge : []
      body = try .json(CommandRequest(command, acknowledge: acknowledge))
    }
    self.init(
      method: ClusterConnection.Method(route.method),
      path: path
        + options.query(withAcknowledgement: body != nil && !route.acknowledgesInBody),
      body: body, headers: options.headers)
  }

  /// Ends several sessions, at most 100.
  public static func endSessions(
    _ sessions: [SessionName], options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    MutationRequest(
      method: .post, path: "/v1/sessions/end" + options.query(withAcknowledgement: false),
      body: try .json(SessionEndRequest(sessions: sessions)), headers: options.headers)
  }

  /// Makes an access token. Only the first answer contains its secret: a repeat of a request that
  /// has made a token is refused. Works only through the Unix socket.
  public static func createToken(
    _ token: TokenRequest, options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    MutationRequest(
      method: .post, path: "/v1/tokens", body: try .json(token), headers: options.headers)
  }

  /// Makes a token the owner of ids. Works only through the Unix socket.
  public static func assign(
    _ ids: [InstanceID], to token: String, options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    MutationRequest(
      method: .put, path: "/v1/tokens/\(token.percentEncoded)/instances",
      body: try .json(AssignRequest(ids: ids)), headers: options.headers)
  }

  /// Revokes an access token. Works only through the Unix socket.
  public static func revokeToken(
    _ token: String, options: MutationOptions = MutationOptions()
  ) -> MutationRequest {
    MutationRequest(
      method: .delete, path: "/v1/tokens/\(token.percentEncoded)", body: nil,
      headers: options.headers)
  }

  /// Replaces the key with which the cluster signs. Works only through the Unix socket.
  public static func rotateKey(options: MutationOptions = MutationOptions()) -> MutationRequest {
    MutationRequest(
      method: .post, path: "/v1/cluster-key" + options.query(withAcknowledgement: false),
      body: nil, headers: options.headers)
  }
}

extension ClusterConnection.Method {
  fileprivate init(_ method: CommandRoute.Method) {
    self =
      switch method {
      case .post: .post
      case .put: .put
      case .delete: .delete
      }
  }
}

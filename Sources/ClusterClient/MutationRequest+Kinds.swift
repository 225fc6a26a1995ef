internal import ClusterAPI
public import ClusterModel

extension MutationRequest {
  /// Takes instances out of service: nobody is thrown out, nobody new comes in.
  public static func drain(
    _ ids: [InstanceID], reason: String? = nil, terms: DrainTerms = .plain,
    options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    let body = AdmissionRequest(
      ids: ids, reason: reason, terms: terms, acknowledge: options.acknowledge)
    return try admission("/v1/drain", body, options)
  }

  /// Takes instances back into service.
  public static func enable(
    _ ids: [InstanceID], reason: String? = nil, options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    let body = AdmissionRequest(ids: ids, reason: reason, acknowledge: options.acknowledge)
    return try admission("/v1/enable", body, options)
  }

  private static func admission(
    _ path: String, _ body: AdmissionRequest, _ options: MutationOptions
  ) throws(ClientFailure) -> MutationRequest {
    MutationRequest(
      method: .post, path: path + options.query(withAcknowledgement: false),
      body: try .json(body), headers: options.headers)
  }

  /// Registers an instance; it arrives rejecting clients unless `accept` is set.
  ///
  /// - Parameter tls: It speaks TLS at its address.
  public static func add(
    _ id: InstanceID, at address: Address, accept: Bool = false, tls: Bool = false,
    options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    MutationRequest(
      method: .post, path: "/v1/instances" + options.query(),
      body: try .json(AddRequest(id: id, address: address, accept: accept, tls: tls)),
      headers: options.headers)
  }

  /// Takes an instance out of the cluster; refused unless it is drained or `force` is set.
  public static func remove(
    _ id: InstanceID, force: Bool = false, options: MutationOptions = MutationOptions()
  ) -> MutationRequest {
    MutationRequest(
      method: .delete, path: path(id) + options.query(force ? ["force=true"] : []), body: nil,
      headers: options.headers)
  }

  /// Takes several out of the cluster, all or none of them.
  public static func remove(
    _ ids: [InstanceID], force: Bool = false, options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    let body = RemoveRequest(ids: ids, force: force, acknowledge: options.acknowledge)
    return MutationRequest(
      method: .post, path: "/v1/remove" + options.query(withAcknowledgement: false),
      body: try .json(body), headers: options.headers)
  }

  /// Sets the most sessions of several, of all or of none of them; nil: each one's own maximum.
  public static func limit(
    _ ids: [InstanceID], to maximum: Int?, options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    let body = LimitRequest(ids: ids, maximum: maximum, acknowledge: options.acknowledge)
    return MutationRequest(
      method: .post, path: "/v1/limit" + options.query(withAcknowledgement: false),
      body: try .json(body), headers: options.headers)
  }

  /// Sets the most sessions of an instance; nil: its own maximum.
  public static func limit(
    _ id: InstanceID, to maximum: Int?, options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    MutationRequest(
      method: .put, path: path(id) + "/limit" + options.query(),
      body: try .json(LimitRequest(maximum: maximum)), headers: options.headers)
  }

  /// Sets the license seats of a cluster without a license; nil: unlimited.
  public static func seats(
    _ seats: Int?, options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    try license(.seats(seats), options)
  }

  /// Installs a signed license; nil takes the one away that is there.
  public static func license(
    _ document: String?, options: MutationOptions = MutationOptions()
  ) throws(ClientFailure) -> MutationRequest {
    try license(.license(document), options)
  }

  private static func license(
    _ request: LicenseRequest, _ options: MutationOptions
  ) throws(ClientFailure) -> MutationRequest {
    MutationRequest(
      method: .put, path: "/v1/license" + options.query(), body: try .json(request),
      headers: options.headers)
  }

  /// Replaces the key with which the cluster signs. Through the Unix socket only.
  public static func rotateKey(options: MutationOptions = MutationOptions()) -> MutationRequest {
    MutationRequest(
      method: .post, path: "/v1/cluster-key" + options.query(withAcknowledgement: false),
      body: nil, headers: options.headers)
  }

  /// Ends one session of an instance.
  public static func endSession(
    _ session: String, of id: InstanceID, options: MutationOptions = MutationOptions()
  ) -> MutationRequest {
    MutationRequest(
      method: .delete,
      path: path(id) + "/sessions/\(session.percentEncoded)"
        + options.query(withAcknowledgement: false),
      body: nil, headers: options.headers)
  }

  private static func path(_ id: InstanceID) -> String {
    "/v1/instances/\(id.text.percentEncoded)"
  }
}

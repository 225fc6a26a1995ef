/// The key by which a balancer recognises the repeat of a request.
package struct RequestKey: Equatable, Sendable {
  /// The name that the actor gave the request.
  package var id: String
  /// A digest of the request; nil: the requests are not compared.
  package var digest: [UInt8]?
  /// A note that is kept with the key and returned with every repeat; nil: none.
  package var note: String?

  package init(_ id: String, digest: [UInt8]? = nil, note: String? = nil) {
    self.id = id
    self.digest = digest
    self.note = note
  }
}

/// The actor has used the key for another request. Nothing was changed.
package struct KeyReused: Error, Equatable, Sendable {
  package init() {}
}

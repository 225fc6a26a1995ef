/// By which the repeat of a request is known.
package struct RequestKey: Equatable, Sendable {
  /// The actor's own name for it.
  package var id: String
  /// A digest of what is asked for; nil: what is asked is not compared.
  package var digest: [UInt8]?
  /// Kept with it, and given back with every repeat; nil: nothing is.
  package var note: String?

  package init(_ id: String, digest: [UInt8]? = nil, note: String? = nil) {
    self.id = id
    self.digest = digest
    self.note = note
  }
}

/// The key stands for another request of this actor. Nothing was changed.
package struct KeyReused: Error, Equatable, Sendable {
  package init() {}
}

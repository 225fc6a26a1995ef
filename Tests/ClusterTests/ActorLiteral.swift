public import ClusterModel

/// A name alone is a user's, in tests.
extension ActionActor: ExpressibleByStringLiteral {
  public init(stringLiteral name: String) { self.init(.unix, name) }
}

internal import ClusterModel

/// The body of an operator's request. It is read strictly: a field that is not in `fields` is
/// refused, since it may be a mistyped safety word.
public protocol OperatorRequest: Decodable {
  /// The names of all fields, nested ones as `outer.inner`.
  static var fields: [String] { get }
}

extension OperatorRequest {
  static func names<Key: CodingKey & CaseIterable>(of keys: Key.Type) -> [String] {
    Key.allCases.map(\.stringValue)
  }
}

extension KeyedDecodingContainer {
  /// Reads an optional name of an enumeration. The program decides by it, so an unknown name is
  /// refused.
  ///
  /// - Throws: `InvalidValue` naming the field.
  func decodeName<Name: RawRepresentable<String> & CaseIterable>(
    forKey key: Key
  ) throws -> Name? {
    guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
    guard let name = Name(rawValue: text) else {
      throw InvalidValue(field: key.stringValue, complaint: "must be one of \(Name.allNames)")
    }
    return name
  }

  /// Reads the instances of a request; none where the field is missing.
  func decodeIDs(forKey key: Key) throws -> [InstanceID] {
    let ids = try decodeIfPresent([InstanceID].self, forKey: key) ?? []
    let most = CommandRequest.mostIDs
    guard ids.count <= most else {
      throw InvalidValue(field: key.stringValue, complaint: "names more than \(most) instances")
    }
    return ids
  }

  /// Reads the warnings that a request accepts. A client may pass on warnings that it does not
  /// know; the balancer that decides refuses them.
  ///
  /// - Throws: `InvalidValue` naming the field and the position.
  func decodeAcknowledged(forKey key: Key) throws -> [OpenEnum<ImpactWarning>] {
    let warnings = try decodeIfPresent([OpenEnum<ImpactWarning>].self, forKey: key) ?? []
    for (place, warning) in warnings.enumerated() where warning.known == nil {
      throw InvalidValue(
        field: "\(key.stringValue)[\(place)]",
        complaint: "must be one of \(ImpactWarning.allNames)")
    }
    return warnings
  }
}

extension RawRepresentable<String> where Self: CaseIterable {
  /// All names of the enumeration, for an error: `viewer, operator, instance`.
  public static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

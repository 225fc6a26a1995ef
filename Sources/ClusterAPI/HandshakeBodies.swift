public import ClusterModel

/// `POST /v1/handshake`: what a client says of itself.
public struct HandshakeRequest: Equatable, Sendable, Codable {
  public var kind: ClientKind
  public var user: String?
  public var computer: String?

  public init(kind: ClientKind = .client, user: String? = nil, computer: String? = nil) {
    self.kind = kind
    self.user = user
    self.computer = computer
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    kind = try values.decodeIfPresent(ClientKind.self, forKey: .kind) ?? .client
    user = try values.decodeText(forKey: .user)
    computer = try values.decodeText(forKey: .computer)
  }
}

/// The answer to a handshake: where to go, in this order.
public struct HandshakeAnswer: Equatable, Sendable, Codable {
  public var cluster: String
  /// Who answered: a balancer, or an instance that names itself alone.
  public var balancer: InstanceID
  public var issuedAt: Timestamp
  public var sequence: Int64
  /// To be shown at the session's opening; ends the reservation. Nil where none was made.
  public var ticket: String?
  public var servers: [HandshakeServer]

  public init(
    cluster: String, balancer: InstanceID, issuedAt: Timestamp, sequence: Int64,
    ticket: String?, servers: [HandshakeServer]
  ) {
    self.cluster = cluster
    self.balancer = balancer
    self.issuedAt = issuedAt
    self.sequence = sequence
    self.ticket = ticket
    self.servers = servers
  }
}

/// One server of a handshake list.
public struct HandshakeServer: Hashable, Sendable {
  public var id: InstanceID
  public var address: Address
  public var load: Load
  /// It speaks TLS at its address, and nothing else. On the wire only where it does.
  public var tls: Bool

  public init(id: InstanceID, address: Address, load: Load, tls: Bool = false) {
    self.id = id
    self.address = address
    self.load = load
    self.tls = tls
  }
}

extension HandshakeServer: Codable {
  private enum Key: String, CodingKey {
    case id, address, connected, reserved, maximum, workload, tls
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    id = try values.decode(InstanceID.self, forKey: .id)
    address = try values.decode(Address.self, forKey: .address)
    load = Load(
      connected: try values.decodeCount(forKey: .connected),
      reserved: values.contains(.reserved) ? try values.decodeCount(forKey: .reserved) : 0,
      maximum: try values.decodeCount(forKey: .maximum))
    tls = try values.decodeIfPresent(Bool.self, forKey: .tls) ?? false
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(id, forKey: .id)
    try values.encode(address, forKey: .address)
    try values.encode(load.connected, forKey: .connected)
    try values.encode(load.reserved, forKey: .reserved)
    try values.encode(load.maximum, forKey: .maximum)
    try values.encode(load.workload?.roundedToFourDecimals, forKey: .workload)
    if tls { try values.encode(tls, forKey: .tls) }
  }
}

extension KeyedDecodingContainer {
  /// A name from outside that may be left out.
  ///
  /// - Throws: `InvalidValue` naming the field.
  func decodeText(forKey key: Key, limit: Int = PlainText.longestName) throws -> String? {
    guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
    return try PlainText.checked(text, field: key.stringValue, limit: limit)
  }

  /// A sentence from outside that may be left out.
  ///
  /// - Throws: `InvalidValue` naming the field.
  func decodeSentence(forKey key: Key) throws -> String? {
    guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
    return try PlainText.checkedSentence(text, field: key.stringValue)
  }

  /// A count from outside: 0 to 1,000,000,000, so that no sum of two overflows.
  ///
  /// - Throws: `InvalidValue` naming the field.
  fileprivate func decodeCount(forKey key: Key) throws -> Int {
    guard let count = try decodeNumber(forKey: key, in: 0...Limits.count) else {
      throw InvalidValue(field: key.stringValue, complaint: "is missing")
    }
    return count
  }

  /// A whole number from outside that may be left out.
  ///
  /// - Throws: `InvalidValue` naming the field.
  func decodeNumber(forKey key: Key, in range: ClosedRange<Int>) throws -> Int? {
    let number: Int?
    do { number = try decodeIfPresent(Int.self, forKey: key) } catch {
      if error is DecodingError { throw error }
      // 1.5, or a number of thirty digits: the decoder's own error does not say where.
      number = range.upperBound + 1
    }
    guard number.map(range.contains) != false else {
      throw InvalidValue(
        field: key.stringValue,
        complaint: "must be a whole number, \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}

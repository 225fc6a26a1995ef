/// What a balancer tells the other balancers of its cluster: where it has reserved places.
///
/// Its numbers are absolute or counted from the start of its process. So a report that is lost,
/// late or repeated does no harm: the report with the higher sequence counts.
public struct PeerReport: Equatable, Sendable {
  /// The reservations at one instance.
  public struct Entry: Equatable, Sendable {
    /// The instance.
    public var id: InstanceID
    /// The number of reserved places whose session has not arrived yet, 0 to 65,535.
    public var reserved: Int
    /// The number of the process's tickets that the instance has reported since the process
    /// started.
    public var arrived: Int

    public init(id: InstanceID, reserved: Int, arrived: Int) {
      (self.id, self.reserved, self.arrived) = (id, reserved, arrived)
    }
  }

  /// The common beginning of the process's tickets; empty where tickets have no such beginning.
  public var tickets: String
  /// The number of the report, counted from 0 in the balancer's process.
  public var sequence: Int
  /// Whether it names every instance. If so, nothing is reserved at the others.
  public var complete: Bool
  /// The handshakes that the balancer has answered.
  public var handshakes: HandshakeCount
  /// The instances, each once.
  public var instances: [Entry]

  public init(
    tickets: String, sequence: Int, complete: Bool, handshakes: HandshakeCount,
    instances: [Entry]
  ) {
    (self.tickets, self.sequence, self.complete) = (tickets, sequence, complete)
    (self.handshakes, self.instances) = (handshakes, instances)
  }
}

extension PeerReport: Codable {
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    tickets = try values.decodeShort(forKey: .tickets, bytes: Limits.ticketMarkBytes) ?? ""
    sequence = Int(try values.decodeRevision(forKey: .sequence))
    complete = try values.decode(Bool.self, forKey: .complete)
    handshakes = try values.decode(HandshakeCount.self, forKey: .handshakes)
    instances = try values.decode([Entry].self, forKey: .instances)
    guard instances.count <= Limits.members else {
      throw InvalidValue(
        field: "instances", complaint: "has more than \(Limits.members) entries")
    }
  }
}

extension PeerReport.Entry: Codable {
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(InstanceID.self, forKey: .id)
    reserved = try values.decodeNumber(forKey: .reserved, in: 0...Limits.sessions) ?? 0
    arrived = Int(try values.decodeRevision(forKey: .arrived))
  }
}

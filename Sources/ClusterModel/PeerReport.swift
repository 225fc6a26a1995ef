/// What a balancer tells the other balancers of its cluster: where it has reserved places.
///
/// Its numbers are absolute or counted from the start of its process, so that a report that is
/// lost, late or repeated does no harm: what the higher sequence says counts.
public struct PeerReport: Equatable, Sendable {
  /// One instance.
  public struct Entry: Equatable, Sendable {
    /// The instance.
    public var id: InstanceID
    /// Places reserved there whose session has not arrived yet, 0 to 65,535.
    public var reserved: Int
    /// Tickets of the balancer's process that the instance has named since the process started.
    public var arrived: Int

    public init(id: InstanceID, reserved: Int, arrived: Int) {
      (self.id, self.reserved, self.arrived) = (id, reserved, arrived)
    }
  }

  /// What the tickets of the balancer's process begin with; empty where nothing tells them apart.
  public var tickets: String
  /// Counts the reports of the balancer's process, from 0.
  public var sequence: Int
  /// It names every instance: on those that it does not name nothing is reserved.
  public var complete: Bool
  /// Handshakes that the balancer has answered.
  public var handshakes: HandshakeCount
  /// Each once.
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

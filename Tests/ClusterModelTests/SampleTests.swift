import Foundation
import Testing

@testable import ClusterModel

@Suite("The cluster as a whole") struct SampleTests {
  private func server(
    _ name: String, _ connected: Int, of maximum: Int, health: Health = .alive,
    admission: Admission = .accepting, services: ServerServices = .both
  ) throws -> InstanceStatus {
    let row = RegisteredInstance(
      id: try InstanceID(name), reach: try InstanceReach(Address("127.0.0.1:1")),
      profile: InstanceProfile(role: .server(services), ownMaximum: maximum),
      record: AdmissionRecord(admission, at: Timestamp(milliseconds: 0), by: "ana"),
      registration: 1, seat: 1, revision: 1)
    return InstanceStatus(
      row, delivered: true, health: health, healthSince: Timestamp(milliseconds: 0),
      load: Load(connected: connected, maximum: maximum))
  }

  @Test("is sessions of those that answer, places of those that take some, and their spread")
  func sample() throws {
    var snapshot = ClusterSnapshot.empty()
    #expect(ClusterSample(snapshot).spread == nil)
    snapshot.insert(try server("AOS01", 45, of: 60, health: .unreachable))
    snapshot.insert(try server("AOS02", 12, of: 40, admission: .rejecting))
    snapshot.insert(try server("AOS03", 53, of: 80))
    #expect(
      ClusterSample(snapshot)
        == ClusterSample(sessions: 65, capacity: 80, handshakesPerSecond: 0, spread: 0))
    snapshot.insert(try server("AOS04", 6, of: 20))
    snapshot.insert(try server("AOS05", 0, of: 10, services: .batch))
    snapshot.handshakes = HandshakeCount(
      total: 9, perSecond: 4.2, balancers: [try InstanceID("LB1"): 4.2, try InstanceID("LB2"): 1.9])
    let sample = ClusterSample(snapshot)
    #expect(sample.spread == 36)
    #expect(sample.capacity == 110)
    #expect(sample.handshakesPerSecond == 6.1)
    let data = try JSONEncoder().encode(sample)
    #expect(try JSONDecoder().decode(ClusterSample.self, from: data) == sample)
  }

  @Test("has the rate of each balancer that is known")
  func rates() throws {
    var snapshot = ClusterSnapshot.empty()
    let (one, two) = (snapshot.balancer.id, try InstanceID("LB9"))
    snapshot.handshakes = HandshakeCount(total: 9, perSecond: 4.2)
    #expect(snapshot.handshakesPerSecond(of: one) == 4.2)
    #expect(snapshot.handshakesPerSecond(of: two) == nil)
    snapshot.handshakes.balancers = [one: 4.2, two: 0.5]
    #expect(snapshot.handshakesPerSecond(of: two) == 0.5)
    let data = try JSONEncoder().encode(snapshot.handshakes)
    #expect(try JSONDecoder().decode(HandshakeCount.self, from: data) == snapshot.handshakes)
  }
}

import Balancing
import ClusterModel
import Testing

@Suite("License seats")
struct LicenseTests {
  @Test("are not needed by a dedicated load balancer")
  func balancer() throws {
    var cluster = try Cluster(seats: 1)
    try cluster.join("AOS01")
    #expect(try cluster.status("LB1").license == .notRequired)
    #expect(try cluster.status("AOS01").license == .licensed(seat: 1))
  }

  @Test("go to servers in the order of registration; a server without a seat is in no list")
  func order() throws {
    var cluster = try Cluster(seats: 1)
    try cluster.join("AOS02")
    try cluster.join("AOS01")
    #expect(cluster.list() == ["AOS02"])
    #expect(try cluster.status("AOS01").exclusion == .unlicensed)
    #expect(try cluster.status("AOS01").state == .unlicensed)
  }

  @Test("are held until removal, dead or alive, and then go to the one longest without")
  func freed() throws {
    var cluster = try Cluster(seats: 1)
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    try cluster.join("AOS03")
    try cluster.feed("AOS01", .refused(reason: "refused"))
    #expect(try cluster.status("AOS02").license.isUnlicensed)
    try cluster.change(.remove([InstanceID("AOS01")], force: true))
    #expect(try cluster.status("AOS02").license == .licensed(seat: 1))
    #expect(try cluster.status("AOS03").license.isUnlicensed)
  }

  @Test("that become fewer are taken from the latest; the others keep their number")
  func fewer() throws {
    var cluster = try Cluster()
    for number in 1...4 { try cluster.join("AOS0\(number)") }
    try cluster.change(.seats(2))
    #expect(try cluster.status("AOS01").license == .licensed(seat: 1))
    #expect(try cluster.status("AOS02").license == .licensed(seat: 2))
    #expect(cluster.list() == ["AOS01", "AOS02"])
    #expect(cluster.contents.licenseSummary(at: cluster.now.wall).seatsUsed == 2)
  }

  @Test("are unlimited by default, and counted all the same")
  func unlimited() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let summary = LicenseSummary(state: .none, seats: nil, seatsUsed: 1)
    #expect(cluster.contents.licenseSummary(at: cluster.now.wall) == summary)
  }
}

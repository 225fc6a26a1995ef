import ClusterAPI
import ClusterModel
import Testing

@testable import BalancerService
@testable import DemoCluster

@Suite("The demo")
struct DemoTests {
  private static let end = Timestamp(milliseconds: 1_800_000_000_000)

  @Test("the demo begins with an hour of history, and something happens in its first minute")
  func hour() {
    let plan = DemoPlan(hasIncidents: true)
    let hour = DemoHistory.hour(plan, until: Self.end)
    #expect(hour.step * hour.cluster.count == 3_600)
    #expect(hour.at == Self.end)
    #expect(hour.instances.count == plan.instances)
    #expect(hour.instances.values.allSatisfy { $0.count == hour.cluster.count })
    #expect(hour.cluster.allSatisfy { $0.sessions > 0 && $0.capacity > 0 && $0.spread != nil })
    #expect(hour.cluster.contains { $0.handshakesPerSecond > 0 })
    #expect(Set(hour.cluster.map(\.capacity)).count > 1)
    #expect(DemoIncidents.places(of: plan) != nil)
    let steps = DemoIncidents.Step.allCases
    #expect(steps == [.drain, .enable, .kill, .restart])
    #expect(steps.map(\.second) == steps.map(\.second).sorted())
    #expect(steps.allSatisfy { (1..<60).contains($0.second) })
  }

  @Test("no value of it is more than a server can hold, whatever the demo is like")
  func bounds() {
    for plan in [
      DemoPlan(instances: 1), DemoPlan(instances: 2, seed: 7, speed: 100),
      DemoPlan(instances: 50, seed: .max, speed: 0.1),
    ] {
      let hour = DemoHistory.hour(plan, until: Self.end)
      for server in plan.servers {
        let values = hour.instances[server.id.text] ?? []
        #expect(values.allSatisfy { $0.count == 2 && (0...server.maximum).contains($0[0]) })
      }
      #expect(DemoIncidents.places(of: plan) == nil)
    }
  }

  @Test("it goes through the same door as the balancer's own values, which follow it")
  func door() throws {
    let hour = DemoHistory.hour(DemoPlan(), until: Self.end)
    let keeper = LoadHistoryKeeper(hour)
    #expect(keeper.history(minutes: 60) == hour)
    let cluster = keeper.history(minutes: 60, isOfCluster: true)
    #expect(cluster.cluster == hour.cluster)
    #expect(cluster.instances.isEmpty)
  }
}

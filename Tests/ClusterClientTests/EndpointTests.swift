import ClusterClient
import ClusterModel
import Testing

@Suite("Endpoints")
struct EndpointTests {
  @Test(
    "what is read is written the same",
    arguments: [
      "unix:///run/aos/balancer.sock", "http://host:2712", "https://host.example:443",
      "http://[::1]:2713",
    ])
  func roundTrip(text: String) throws {
    #expect(try Endpoint(text).description == text)
  }

  @Test("the port that is not named is 2712; a slash at the end is nothing")
  func defaults() throws {
    let address = try Address("host:2712")
    #expect(try Endpoint("http://host") == .http(address))
    #expect(try Endpoint("HTTP://host/") == .http(address))
  }

  @Test(
    "everything else is refused, naming the endpoint",
    arguments: [
      "", "host:2712", "/run/aos/balancer.sock", "unix://", "unix:///", "unix://run/x",
      "unix:///run/\u{1B}[2J", "ftp://host", "http://", "http://host:0", "http://host:65536",
      "http://host:2712/path", "http://us er@host", "http://",
      "unix:///" + String(repeating: "a", count: 107),
      "http:/host", "://", "http://[::1",
    ])
  func refused(text: String) {
    #expect { try Endpoint(text) } throws: { error in
      (error as? InvalidValue)?.field == "endpoint"
    }
  }

  @Test(
    "what is copied from a browser is refused by the part that does not belong there",
    arguments: [
      ("http://host:2712/path", "without a path"), ("https://host/v1/", "without a path"),
      ("http://host:2712?x=1", "without a query"), ("http://host#top", "without a fragment"),
      ("http://http://host", "without http://"),
      ("http://host:port", "a port that is not a number"),
    ])
  func copied(text: String, words: String) {
    let fault = #expect(throws: InvalidValue.self) { try Endpoint(text) }
    #expect(fault?.complaint.contains(words) == true, "\(fault?.complaint ?? "")")
    let entry = #expect(throws: InvalidValue.self) { try ServerEntry(text) }
    #expect(entry?.complaint.contains("must be [INSTANCE@]HOST[:PORT], without http") == true)
    #expect(throws: InvalidValue.self) { try ServerEntry("LB1@\(text)") }
  }

  @Test("servers that are separated by commas are refused with the sign that is wanted")
  func commas() {
    let fault = #expect(throws: InvalidValue.self) { try ServerEntry("LB1@a:1,AOS01@b:2") }
    #expect(fault?.complaint == "has a comma; separate servers with ';'")
  }

  @Test("the command line is heard before the environment, and that before the sockets")
  func choice() throws {
    let environment = [
      Endpoint.environmentName: "http://a:1 unix:///x", "XDG_RUNTIME_DIR": "/run/user/7",
    ]
    #expect(
      try Endpoint.choose(named: ["http://b:2"], environment: environment).map(\.description)
        == ["http://b:2"])
    #expect(
      try Endpoint.choose(named: [], environment: environment).map(\.description)
        == ["http://a:1", "unix:///x"])
    #expect(
      try Endpoint.choose(named: [], environment: ["XDG_RUNTIME_DIR": "/run/user/7"])
        .map(\.description)
        == ["unix:///run/aos/balancer.sock", "unix:///run/user/7/aos/balancer.sock"])
    #expect {
      try Endpoint.choose(named: [], environment: [Endpoint.environmentName: "x"])
    } throws: { ($0 as? InvalidValue)?.field == Endpoint.environmentName }
  }
}

@Suite("Backoff")
struct BackoffTests {
  @Test("waits lie between a quarter of a second and five, and grow")
  func waits() {
    var most = Backoff()
    var least = Backoff()
    #expect((0..<7).map { _ in most.next(random: 1) } == [500, 1000, 2000, 4000, 5000, 5000, 5000])
    #expect((0..<7).map { _ in least.next(random: 0) } == [250, 500, 1000, 2000, 2500, 2500, 2500])
    most.reset()
    #expect(most.next(random: 1) == 500)
  }

  @Test("no number of failures overflows")
  func many() {
    var backoff = Backoff()
    for _ in 0..<200 { #expect((250...5_000).contains(backoff.next(random: 0.5))) }
  }
}

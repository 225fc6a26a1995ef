internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Glibc
internal import RealPrograms

/// What a session's connection to the application carries, beside HAProxy in TCP mode.
enum Traffic {
  private static let rounds = 5

  static func run(_ programs: Programs) throws -> [Figure] {
    let bed = try TrafficBed(programs)
    var sides = [bed.tunnel, bed.direct] + [bed.haproxy].compactMap { $0 }
    for _ in 0..<rounds {
      for place in sides.indices { try sides[place].measure() }
    }
    return figures(ours: sides[0], direct: sides[1], haproxy: sides.count > 2 ? sides[2] : nil)
      + (try IdleTunnels.run(programs)) + (try LoneHandshake.run(programs))
  }

  private static func figures(
    ours: TrafficSide, direct: TrafficSide, haproxy: TrafficSide?
  ) -> [Figure] {
    let rows: [(what: String, least: Double, text: (TrafficSide) -> String, rate: Rate)] = [
      ("4 downloads at once", 0.7, { $0.download.bulkText }, { $0.download.rate }),
      ("4 uploads at once", 0.7, { $0.upload.bulkText }, { $0.upload.rate }),
      ("64 bytes and their answer, 64 at once", 0.6, { $0.pairs.pairText }, { $0.pairs.rate }),
    ]
    let rates = rows.map { row in
      figure(row.what, row.text, ours, direct, haproxy) { haproxy in
        let ratio = row.rate(ours).median / row.rate(haproxy).median
        return ("\(ratio.text(2)) of HAProxy (≥ \(row.least.text(1)))", ratio >= row.least)
      }
    }
    let latency = figure(
      "64 bytes and their answer, one alone", { $0.latency.text(" µs") }, ours, direct, haproxy
    ) { haproxy in
      let ratio = ours.latency.median / haproxy.latency.median
      return ("\(ratio.text(2)) of HAProxy (≤ 1.5)", ratio <= 1.5)
    }
    return rates + [latency]
  }

  private typealias Rate = (TrafficSide) -> Rounds

  private static func figure(
    _ what: String, _ text: (TrafficSide) -> String, _ ours: TrafficSide, _ direct: TrafficSide,
    _ haproxy: TrafficSide?, bar: (TrafficSide) -> (words: String, isMet: Bool)
  ) -> Figure {
    let besides = [
      "HAProxy \(haproxy.map(text) ?? "is not installed")", "without either: \(text(direct))",
    ]
    var figure = Figure(
      what: "through a session: \(what)", ours: text(ours), peer: besides.joined(separator: "; "))
    if let (words, isMet) = haproxy.map(bar) {
      figure.bar = words
      figure.verdict = .init(isMet)
    }
    return figure
  }
}

extension TrafficSide.Work {
  /// The rate is one of bytes, and the cost that of one byte.
  fileprivate var bulkText: String {
    let rate = Rounds(rate.values.map { $0 / 1e6 }).text(" MB/s", decimals: 0)
    return cost.median == 0 ? rate : "\(rate), \(cost.median.text(2)) s of processor time a GB"
  }

  fileprivate var pairText: String {
    let rate = rate.text("/s", decimals: 0)
    return cost.median == 0
      ? rate : "\(rate), \((cost.median / 1_000).text(1)) µs of processor time each"
  }
}

/// An application, an instance that leads to it, and HAProxy beside it.
final class TrafficBed {
  /// Connections at one time that the document promises.
  static let most = 10_000

  let cluster: TestCluster
  let tunnel: TrafficSide
  let direct: TrafficSide
  /// Nil where it is not installed.
  let haproxy: TrafficSide?
  let instance: Meter
  let proxy: Meter?
  private let application: Child
  private let proxyProgram: HAProxy?

  /// - Parameter certificate: The instance speaks TLS with it.
  init(_ programs: Programs, certificate: OwnCertificate? = nil) throws {
    let trust = certificate.map { ["--ca-file", $0.file] } ?? []
    cluster = try TestCluster(programs, options: trust)
    application = try Child("/proc/self/exe", ["--application", "127.0.0.1"], in: cluster.folder)
    guard let port = try application.line().split(separator: " ").last.flatMap({ Int($0) }) else {
      throw ProgramFailure("the application says no port")
    }
    try cluster.addInstances(
      1, maximum: 2 * Self.most,
      options: ["--application", "127.0.0.1:\(port)"]
        + (certificate.map { ["--tls-certificate", $0.file, "--tls-key", $0.keyFile] } ?? []))
    let (child, address) = cluster.instances[0]
    instance = Meter(child)
    tunnel = TrafficSide("aosd instance", port: address.port, isTunnel: true, child)
    direct = TrafficSide("direct", port: port)
    proxyProgram = try HAProxy(leadingTo: port, connections: Self.most, in: cluster.folder)
    proxy = proxyProgram.map { Meter($0.child) }
    haproxy = proxyProgram.map { TrafficSide("HAProxy", port: $0.port, $0.child) }
  }
}

/// A certificate for 127.0.0.1 that signed itself.
struct OwnCertificate {
  let file: String
  let keyFile: String

  /// - Returns: Nil where openssl is not installed.
  init?(in folder: ScratchFolder) throws {
    guard let path = Peers.path(of: "openssl") else { return nil }
    (file, keyFile) = (folder.path("own.crt"), folder.path("own.key"))
    let child = try Child(
      path,
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2", "-subj", "/CN=own", "-addext", "subjectAltName=IP:127.0.0.1",
        "-keyout", keyFile, "-out", file,
      ], in: folder)
    _ = try child.rest()
  }
}

import ClusterModel
import Foundation
import ProgramSupport
import TestSupport
import Testing

@Suite("A log that nobody reads", .timeLimit(.minutes(3)))
struct BlockedLogTests {
  /// A pipe that is full, with the number of bytes in it.
  private static func fullPipe() -> (reading: Int32, writing: Int32, bytes: Int) {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    var bytes = 0
    while case let count = write(ends[1], [UInt8](repeating: 46, count: 4_096), 4_096), count > 0 {
      bytes += count
    }
    for end in ends { _ = fcntl(end, F_SETFL, 0) }
    return (ends[0], ends[1], bytes)
  }

  @Test(
    "holds no daemon up, and does not keep it from ending", arguments: ["standard error", "both"])
  func blocked(which: String) async throws {
    let folder = "/tmp/aos-log-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pipe = Self.fullPipe()
    defer { for end in [pipe.reading, pipe.writing] { close(end) } }
    let socket = "\(folder)/lb.sock"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path("aosd"))
    process.arguments = [
      "balancer", "--listen", "127.0.0.1:0", "--socket", socket, "--database",
      "sqlite:\(folder)/cluster.db", "--log-level", "debug",
    ]
    process.standardInput = FileHandle.nullDevice
    let full = FileHandle(fileDescriptor: pipe.writing, closeOnDealloc: false)
    process.standardError = full
    process.standardOutput = which == "both" ? full : FileHandle.nullDevice
    try process.run()
    defer { kill(process.processIdentifier, SIGKILL) }
    let balancer = "unix://\(socket)"
    try await eventually("the balancer answers") {
      try await aosctl("status", "--balancer", balancer)
    } is: {
      $0.status == 0
    }
    // Each of them is worth a line or two.
    for _ in 1...5 {
      #expect(try await aosctl("drain", "NOBODY", "--balancer", balancer).status == 3)
    }
    kill(process.processIdentifier, SIGTERM)
    try await Program.waitForEnd(of: process.processIdentifier)
  }

  @Test("loses lines and not memory, and tells how many as soon as somebody reads")
  func dropped() async throws {
    let pipe = Self.fullPipe()
    let queue = OutputQueue(OutputDescriptor(pipe.writing, "a pipe")) { "dropped \($0)" }
    let lines = OutputQueue.mostLines * 2
    for number in 1...lines { queue.add("line \(number)") }
    // Until every line is accounted for: a notice may come between lines, and more than one.
    let written = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        var seen = Self.accounted(in: bytes)
        while seen.written.count + seen.dropped < lines {
          let count = read(pipe.reading, &part, part.count)
          guard count > 0 else { break }
          bytes += part.prefix(count)
          seen = Self.accounted(in: bytes.dropFirst(pipe.bytes))
        }
        continuation.resume(returning: seen.written)
      }
    }
    #expect(written.count < lines)
    #expect(written.count >= OutputQueue.mostLines)
    #expect(Array(written.prefix(3)) == ["line 1", "line 2", "line 3"])
    queue.add("another")
    queue.flush(milliseconds: 60_000)
    for end in [pipe.reading, pipe.writing] { close(end) }
  }

  /// The lines that were written whole, and how many others the notices count.
  private static func accounted(
    in bytes: some Sequence<UInt8>
  ) -> (written: [Substring], dropped: Int) {
    let text = String(decoding: Array(bytes), as: UTF8.self)
    let whole = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let dropped = whole.compactMap { $0.firstMatch(of: /^dropped ([0-9]+)$/) }
    return (
      whole.filter { $0.hasPrefix("line ") }, dropped.reduce(0) { $0 + (Int($1.output.1) ?? 0) }
    )
  }

  @Test("of a normal start of a cluster holds no warning; at debug it tells the story")
  func story() async throws {
    let folder = "/tmp/aos-log-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = "\(folder)/lb.sock"
    let balancer = try Daemon(
      Program.path("aosd"),
      [
        "balancer", "--listen", "127.0.0.1:0", "--socket", socket, "--database",
        "sqlite:\(folder)/cluster.db", "--log-level", "debug",
      ], log: "\(folder)/balancer.log")
    _ = try await balancer.readyPort()
    let instance = try Daemon(
      Program.path("aosd"),
      [
        "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "5",
        "--join", "unix://\(socket)", "--state-directory", "\(folder)/AOS01", "--log-level",
        "debug",
      ], log: "\(folder)/instance.log")
    _ = try await instance.readyPort()
    let place = ["--balancer", "unix://\(socket)"]
    func run(_ words: String...) async throws -> Int32 {
      try await Program.run(Program.path("aosctl"), words + place).status
    }
    try await eventually("AOS01 is in the list") {
      try await Program.run(Program.path("aosctl"), ["handshake"] + place)
    } is: {
      $0.output.contains("AOS01")
    }
    #expect(try await run("drain", "AOS01", "--acknowledge", "lastServer") == 0)
    #expect(try await run("remove", "NOBODY") == 3)
    for daemon in [instance, balancer] {
      daemon.kill(SIGTERM)
      try await daemon.end()
    }
    let logs = try ["balancer", "instance"].map {
      try String(contentsOfFile: "\(folder)/\($0).log", encoding: .utf8)
    }
    for log in logs {
      for level in ["warning:", "error:", "critical:"] { #expect(!log.contains(level), "\(log)") }
      #expect(!log.contains("sl-service"), "a library tells of its own work: \(log)")
      PlainWords.check(log)
    }
    for words in [
      "A change is committed actor=AOS01 (instance) change=join", "Opening a load feed",
      "A load feed is open instance=AOS01", "Delivering a desired state instance=AOS01",
      "An instance obeys instance=AOS01", "A request is refused",
    ] { #expect(logs[0].contains(words), "\(words): \(logs[0])") }
    for words in ["Asking to join", "lets this instance join", "Obeying"] {
      #expect(logs[1].contains(words), "\(words): \(logs[1])")
    }
  }

  @Test("holds one line about a registry that is away from the start, and not one each second")
  func registryAway() async throws {
    let log = "/tmp/aos-log-\(UUID().uuidString.prefix(8))"
    let socket = "\(log).sock"
    defer { for path in [log, socket] { unlink(path) } }
    let database = try Refuser()
    let balancer = try Daemon(
      Program.path("aosd"),
      [
        "balancer", "--listen", "127.0.0.1:0", "--socket", socket, "--database",
        "postgres://nobody@127.0.0.1:\(database.port)/aos", "--log-level", "notice",
      ], log: log)
    await database.refuse(10)  // a try takes two connections at most, and there is one a second
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 1, "\(lines)")
    PlainWords.check(String(lines.first ?? ""))
    balancer.kill(SIGTERM)
    try await balancer.end()
  }
}

/// A port on which every connection is closed at once.
private struct Refuser {
  let port: Int
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
        bind(descriptor, place, size) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, place, &size) == 0
      }
    }
    try #require(isListening)
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  /// Returns when this many connections have come.
  func refuse(_ count: Int) async {
    let descriptor = descriptor
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        for _ in 0..<count { close(accept(descriptor, nil, nil)) }
        close(descriptor)
        continuation.resume()
      }
    }
  }
}

extension Collection where Element == UInt8 {
  fileprivate func contains(_ text: String) -> Bool {
    String(decoding: self, as: UTF8.self).contains(text)
  }
}

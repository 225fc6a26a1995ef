import Foundation
import Testing

@testable import ClusterAPI
@testable import ClusterModel

/// One release apart must work: bodies of the release that comes next, and of those before.
@Suite("A reader")
struct FutureBodyTests {
  /// A body as this release writes it, and how it is read.
  struct Body: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    /// Places of enumerations, as `license.state`; `[]` stands for every entry of a list.
    var enumerations: [String]
    /// Reads it and writes it again.
    var again: @Sendable (Data) throws -> [UInt8]

    init<Value: Codable & SendableMetatype>(
      _ type: Value.Type, _ file: String, _ enumerations: String...
    ) {
      testDescription = file
      text = Recorded.newest(file)
      self.enumerations = enumerations
      again = { try WireJSON.encode(try WireJSON.decode(type, from: $0)) }
    }
  }

  /// What a signed order holds. It decides, so its names are closed.
  struct Claims: Codable {
    var desired: DesiredState
  }

  static let bodies: [Body] = [
    Body(
      ClusterSnapshot.self, "status.json", "instances[].role", "instances[].services[]",
      "instances[].admission", "instances[].health", "instances[].license",
      "instances[].exclusion", "instances[].obeys.admission", "license.state",
      "balancer.registry.kind", "balancer.registry.state", "actions[].action"),
    Body(
      ClusterChange.self, "change.json", "instances[].role", "instances[].services[]",
      "instances[].admission", "instances[].health", "instances[].license",
      "instances[].exclusion"),
    Body(ActionRecord.self, "action.json", "action"),
    Body(ActionList.self, "actions.json", "actions[].action"),
    Body(LoadHistory.self, "history.json"),
    Body(HandshakeAnswer.self, "handshake.json"),
    Body(SessionList.self, "sessions.json", "sessions[].kind"),
    Body(TokenList.self, "tokens.json", "tokens[].role"),
    Body(TokenInfo.self, "token.json", "role"),
    Body(LicenseSummary.self, "license.json", "state"),
    Body(AccessAnswer.self, "access.json"),
    Body(ClusterKeyAnswer.self, "cluster-key.json"),
    Body(Liveness.self, "livez-balancer.json", "role"),
    Body(Liveness.self, "livez-instance.json", "role"),
    Body(JoinAnswer.self, "join.json"),
    Body(DesiredAnswer.self, "desired-answer.json"),
    Body(
      MutationAnswer.self, "mutation.json", "instances[].admission", "instances[].health",
      "impact.warnings[]"),
    Body(Problem.self, "problem.json", "type", "warnings[]"),
    Body(SessionOpened.self, "session-open.json"),
    Body(SessionNotice.self, "session-notice.json"),
    Body(SessionEnded.self, "session-end.json"),
    Body(LoadHello.self, "load-hello.json"),
    Body(LoadReport.self, "load-report.json"),
    Body(Claims.self, "desired-claims.json"),
  ]

  @Test("keeps a name that only the next release knows, wherever one stands", arguments: bodies)
  func names(body: Body) throws {
    for place in body.enumerations {
      let name = place == "type" ? "urn:aos:problem:frozen" : "frozen"
      let steps = place.split(separator: ".").flatMap { step -> [String] in
        step.hasSuffix("[]") ? [String(step.dropLast(2)), "[]"] : [String(step)]
      }
      var count = 0
      let value = try Self.replaced(
        in: Self.read(Data(body.text.utf8)), at: steps[...], by: name, &count)
      #expect(count > 0, "\(body.testDescription) has no \(place)")
      let written = try Self.read(Data(try body.again(try Self.data(value))))
      var kept = 0
      _ = try Self.replaced(in: written, at: steps[...], by: name, &kept) { $0 as? String == name }
      #expect(kept == count, "\(place): \(kept) of \(count) are kept")
    }
  }

  @Test("skips fields that only the next release knows", arguments: bodies)
  func fields(body: Body) throws {
    let value = Self.withMore(try Self.read(Data(body.text.utf8)))
    let again = try body.again(try Self.data(value))
    #expect(try again == body.again(Data(body.text.utf8)))
  }

  @Test("reads every body that a release has recorded", arguments: bodies)
  func recorded(body: Body) throws {
    var count = 0
    for release in Recorded.releases {
      let file = Recorded.folder(release, body.testDescription)
      guard let data = try? Data(contentsOf: file) else { continue }
      count += 1
      #expect(throws: Never.self, "\(release)") { try body.again(data) }
    }
    #expect(count > 0, "no release has recorded \(body.testDescription)")
  }

  @Test("refuses a number that no cluster writes, wherever one stands", arguments: bodies)
  func numbers(body: Body) throws {
    let value = try Self.read(Data(body.text.utf8))
    let wrong = [NSNumber(value: Int64.max), NSNumber(value: Int64.min), 1e300, -1e300]
    for wrong in wrong {
      var place = 0
      while let text = try Self.replaced(in: value, number: place, by: wrong) {
        place += 1
        // What is not read, such as a share that follows from two counts, does no harm.
        guard let again = try? body.again(text) else { continue }
        #expect(
          try Self.largest(in: Self.read(Data(again))) <= Double(Limits.revision),
          "\(body.testDescription): \(String(decoding: text, as: UTF8.self))")
      }
    }
  }

  // MARK: Tools

  /// A body with something else in the place of one of its numbers, or of what may be one; nil
  /// where it has fewer. What the cluster has signed is trusted.
  private static func replaced(in value: Any, number place: Int, by wrong: NSNumber) throws -> Data?
  {
    var left = place
    func replaced(_ value: Any, in name: String) -> Any {
      switch value {
      case let list as [Any]: return list.map { replaced($0, in: name) }
      case let object as [String: Any]:
        return object.sorted { $0.key < $1.key }.reduce(into: [String: Any]()) {
          $0[$1.key] = $1.key == "desired" ? $1.value : replaced($1.value, in: $1.key)
        }
      case is NSNumber, is NSNull: break
      default: return value
      }
      defer { left -= 1 }
      return left == 0 ? wrong : value
    }
    let other = replaced(value, in: "")
    return left < 0 ? try data(other) : nil
  }

  private static func largest(in value: Any) -> Double {
    switch value {
    case let list as [Any]: list.map(largest).max() ?? 0
    case let object as [String: Any]: object.values.map(largest).max() ?? 0
    case let number as NSNumber: number.doubleValue.magnitude
    default: 0
    }
  }

  private static func read(_ data: Data) throws -> Any {
    try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
  }

  private static func data(_ value: Any) throws -> Data {
    try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
  }

  /// The value with a text in the place of what is there; `count` says how often.
  private static func replaced(
    in value: Any, at steps: ArraySlice<String>, by name: String, _ count: inout Int,
    where isMeant: (Any) -> Bool = { _ in true }
  ) throws -> Any {
    guard let step = steps.first else {
      if isMeant(value) { count += 1 }
      return name
    }
    if step == "[]" {
      return try (value as? [Any] ?? []).map {
        try replaced(in: $0, at: steps.dropFirst(), by: name, &count, where: isMeant)
      }
    }
    guard var object = value as? [String: Any] else { return value }
    guard let inner = object[step], steps.count == 1 || !(inner is NSNull) else { return value }
    object[step] = try replaced(
      in: inner, at: steps.dropFirst(), by: name, &count, where: isMeant)
    return object
  }

  /// Every object with a field more. The history is one of ids, which no release adds to.
  private static func withMore(_ value: Any, in name: String = "") -> Any {
    if let list = value as? [Any] { return list.map { withMore($0, in: name) } }
    guard let object = value as? [String: Any] else { return value }
    var more = object.reduce(into: [String: Any]()) { $0[$1.key] = withMore($1.value, in: $1.key) }
    let isOfIDs = name == "instances" && object.values.allSatisfy { $0 is [Any] }
    if !isOfIDs { more["shelf"] = ["north", ["x": 1]] as [Any] }
    return more
  }
}

/// Bodies of real daemons, a folder for each release. `AOSTOP_RECORD_BODIES=1` with
/// `RecordedBodies` makes those of the release at hand.
enum Recorded {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Recorded")

  static func folder(_ release: String, _ file: String) -> URL {
    root.appending(path: release).appending(path: file)
  }

  /// Oldest first.
  static let releases =
    (try? FileManager.default.contentsOfDirectory(atPath: root.path))?
    .sorted { $0.compare($1, options: .numeric) == .orderedAscending } ?? []

  /// A body of the newest release that has recorded it; empty where none has.
  static func newest(_ file: String) -> String {
    releases.reversed().lazy
      .compactMap { try? String(contentsOf: folder($0, file), encoding: .utf8) }.first ?? ""
  }
}

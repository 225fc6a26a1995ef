internal import ClusterModel
internal import Glibc
internal import RealPrograms

/// One program of the cluster, over all its lives.
final class Member {
  enum Kind { case balancer, instance, database }

  let name: String
  let kind: Kind
  /// Where it listens for clients: known from its first life on, and the same in each.
  private(set) var address: Address?
  private(set) var isReady = false
  /// How often it was killed.
  private(set) var deaths = 0
  /// When it is started again; nil while it lives.
  private(set) var startsAt: Int64?
  private(set) var child: Child?
  private let path: String
  private let arguments: [String]
  private let folder: ScratchFolder
  /// What tells that it is ready, where it says no line.
  private let readiness: (() -> Bool)?

  /// - Parameters:
  ///   - arguments: `PORT` in one of them stands for the port that it has or gets.
  ///   - readiness: Nil: it prints a line that ends with its address.
  init(
    _ name: String, _ kind: Kind, _ path: String, _ arguments: [String],
    in folder: ScratchFolder, readiness: (() -> Bool)? = nil
  ) {
    (self.name, self.kind, self.path) = (name, kind, path)
    (self.arguments, self.folder, self.readiness) = (arguments, folder, readiness)
  }

  func start() throws {
    let port = address.map { "\($0.port)" } ?? "0"
    let words = arguments.map { word in
      word.hasSuffix("PORT") ? String(word.dropLast(4)) + port : word
    }
    startsAt = nil
    child = try Child(path, words, in: folder, name: name)
  }

  /// Ends it with SIGKILL.
  func kill(downUntil time: Int64) {
    child?.kill()
    child = nil
    isReady = false
    deaths += 1
    startsAt = time
  }

  /// Starts it where that is due, and sees whether it is ready.
  ///
  /// - Throws: `ProgramFailure` when it has ended by itself.
  func attend(_ now: Int64) throws {
    if let time = startsAt, now >= time { try start() }
    guard let child else { return }
    guard child.isRunning else {
      // One killed database leaves helpers for a moment, and the next will not start beside them.
      guard kind == .database, !isReady, deaths > 0 else {
        throw ProgramFailure("\(name) ended by itself; see \(folder.path("\(name).log"))")
      }
      self.child = nil
      startsAt = now + 200_000_000
      return
    }
    if isReady { return }
    if let readiness {
      isReady = readiness()
    } else if let line = try child.lineIfThere() {
      guard let url = line.split(separator: " ").last, url.hasPrefix("http://") else {
        throw ProgramFailure("\(name) says: \(line)")
      }
      address = try Address(String(url.dropFirst("http://".count)))
      isReady = true
    }
  }
}

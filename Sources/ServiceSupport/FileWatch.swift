internal import ClusterModel
internal import Glibc
package import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Reads files again while a daemon runs: when they have changed, and on request.
///
/// If the new contents are refused, the old ones stay in force, and the log gives the reason once.
/// Refused contents are read again from time to time: without any change a certificate may become
/// valid, and a file readable.
package final class FileWatch: ServiceLifecycle.Service {
  /// Files that are read together.
  package struct Group: Sendable {
    let name: String
    let files: [String]
    let reload: @Sendable () throws -> String?

    /// - Parameters:
    ///   - name: The contents of the files, for the log: "certificate".
    ///   - reload: Reads the files and uses them, or throws words for the log. Returns a warning
    ///     about them, if there is one.
    package init(
      _ name: String, files: [String],
      reload: @escaping @Sendable () throws -> String?
    ) {
      (self.name, self.files, self.reload) = (name, files, reload)
    }
  }

  private let groups: [Group]
  private let hangUps: @Sendable () async -> AsyncStream<Void>
  private let interval: Duration
  private let logger: Logger
  private let seen: Mutex<[Seen]>

  /// What is known about a group.
  private struct Seen {
    var stamps: [Stamp]
    /// Why its files were refused the last time; nil where they were accepted.
    var refusal: String?
  }

  /// - Parameters:
  ///   - hangUps: Used once, while the service runs: with each element everything is read again.
  ///   - seconds: How often the files are checked. Without files the daemon never wakes up for
  ///     this.
  package init(
    _ groups: [Group], hangUps: @escaping @Sendable () async -> AsyncStream<Void>,
    everySeconds seconds: Int = 10, logger: Logger
  ) {
    self.groups = groups
    self.hangUps = hangUps
    interval = .seconds(seconds)
    self.logger = logger
    seen = Mutex(groups.map { Seen(stamps: Stamp.all(of: $0.files)) })
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { tasks in
        tasks.addTask { for await _ in await self.hangUps() { self.readAll() } }
        if !self.groups.isEmpty {
          tasks.addTask {
            while (try? await Task.sleep(for: self.interval)) != nil { await self.readChanged() }
          }
        }
      }
    }
  }

  private func readAll() {
    guard !groups.isEmpty else {
      return logger.notice("SIGHUP: this daemon has no certificates to read again")
    }
    for (place, group) in groups.enumerated() {
      // A request always gets an answer, even the same one as before.
      seen.withLock { $0[place] = Seen(stamps: Stamp.all(of: group.files)) }
      read(group, at: place)
    }
  }

  private func readChanged() async {
    for (place, group) in groups.enumerated() {
      var now = Stamp.all(of: group.files)
      let before = seen.withLock { $0[place] }
      guard now != before.stamps || before.refusal != nil else { continue }
      // People replace a certificate and its key one after the other.
      var last = before.stamps
      while now != last {
        last = now
        guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
        now = Stamp.all(of: group.files)
      }
      seen.withLock { $0[place].stamps = now }
      read(group, at: place)
    }
  }

  private func read(_ group: Group, at place: Int) {
    do {
      let warning = try group.reload()
      seen.withLock { $0[place].refusal = nil }
      logger.notice("The \(group.name) was read again", metadata: ["file": "\(group.files[0])"])
      if let warning { logger.warning("\(warning)") }
    } catch {
      let words = error.plainWords
      let isNews = seen.withLock { seen in
        defer { seen[place].refusal = words }
        return seen[place].refusal != words
      }
      guard isNews else { return }
      logger.error(
        "The \(group.name) was not replaced; the one from before stays in force",
        metadata: ["reason": "\(words)"])
    }
  }

  /// A mark that changes when a file changes.
  private struct Stamp: Equatable {
    var device: UInt64 = 0
    var inode: UInt64 = 0
    var size: Int64 = -1
    var seconds: Int = 0
    var nanoseconds: Int = 0

    static func all(of files: [String]) -> [Stamp] {
      files.map { file in
        var info = stat()
        guard stat(file, &info) == 0 else { return Stamp() }
        return Stamp(
          device: UInt64(info.st_dev), inode: UInt64(info.st_ino), size: Int64(info.st_size),
          seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
      }
    }
  }
}

internal import ClusterModel
internal import Glibc
package import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Reads files again while a daemon runs: when they have changed, and when it is told to.
///
/// New contents that are refused leave the old ones in force, and the log says why, once. They are
/// read again from time to time: a certificate becomes valid, and a file readable, without a change
/// of its contents.
package final class FileWatch: ServiceLifecycle.Service {
  /// Files that are read together.
  package struct Group: Sendable {
    let name: String
    let files: [String]
    let reload: @Sendable () throws -> String?

    /// - Parameters:
    ///   - name: What the files hold, for the log: "certificate".
    ///   - reload: Reads them and puts them into force, or throws words for the log. Returns a
    ///     warning about them, if any.
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

  /// What is known of a group.
  private struct Seen {
    var stamps: [Stamp]
    /// Why its files were refused when they were read last; nil: they were taken.
    var refusal: String?
  }

  /// - Parameters:
  ///   - hangUps: Called once, when the service runs: everything is read again with each element.
  ///   - seconds: How often the files are looked at. Nothing wakes a daemon without files.
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
      // Who asked gets an answer, also one that was given before.
      seen.withLock { $0[place] = Seen(stamps: Stamp.all(of: group.files)) }
      read(group, at: place)
    }
  }

  private func readChanged() async {
    for (place, group) in groups.enumerated() {
      var now = Stamp.all(of: group.files)
      let before = seen.withLock { $0[place] }
      guard now != before.stamps || before.refusal != nil else { continue }
      // A certificate and its key are replaced one after the other.
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

  /// By which a change of a file is known.
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

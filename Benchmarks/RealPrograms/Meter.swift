internal import ClusterModel
internal import Glibc

/// What the kernel tells of a process. Unlike the time on the wall it says little of what else the
/// machine is doing.
struct Meter: Sendable {
  /// Its reading at one moment.
  struct Reading: Sendable {
    var processorNanoseconds: Int64
    /// How often its threads went to sleep, all together, and so had to be woken. When another
    /// program takes their processor away, that does not count.
    var sleeps: Int
    var at: Int64
  }

  let process: pid_t

  init(_ child: Child) { process = child.id }

  func read() -> Reading {
    Reading(
      processorNanoseconds: processorNanoseconds, sleeps: sleeps,
      at: SteadyClock.nanoseconds)
  }

  /// Processor time of all its threads, those that ended included.
  var processorNanoseconds: Int64 {
    // A process's clock, as clock_getcpuclockid(3) makes it.
    SteadyClock.read(clockid_t((~process) << 3 | 2))
  }

  private var sleeps: Int {
    var total = 0
    for thread in Folder.names("/proc/\(process)/task") {
      let status = FileText.read("/proc/\(process)/task/\(thread)/status")
      total += FileText.number(after: "\nvoluntary_ctxt_switches:", in: status) ?? 0
    }
    return total
  }

  /// Resident memory in MiB.
  var residentMebibytes: Double {
    let status = FileText.read("/proc/\(process)/status")
    return Double(FileText.number(after: "VmRSS:", in: status) ?? 0) / 1_024
  }
}

extension Meter {
  /// Waits until what was begun is over: until a second costs as much as the one before.
  func settle() {
    var last = Double.infinity
    for _ in 0..<20 {
      let before = read()
      SteadyClock.wait(seconds: 1)
      let share = read().percent(since: before)
      if share > last * 0.8 { return }
      last = share
    }
  }
}

extension Meter.Reading {
  /// Share of one core since an earlier reading, in percent.
  func percent(since earlier: Self) -> Double {
    let elapsed = Double(max(at - earlier.at, 1))
    return Double(processorNanoseconds - earlier.processorNanoseconds) / elapsed * 100
  }

  /// Wake-ups a second since an earlier reading.
  func wakeUpsPerSecond(since earlier: Self) -> Double {
    Double(sleeps - earlier.sleeps) / (Double(max(at - earlier.at, 1)) / 1e9)
  }
}

/// Time that only goes on.
enum SteadyClock {
  static var nanoseconds: Int64 { read(CLOCK_MONOTONIC) }

  static var today: String {
    "\(Timestamp(milliseconds: read(CLOCK_REALTIME) / 1_000_000))".prefix(10).description
  }

  static func read(_ clock: clockid_t) -> Int64 {
    // A timespec: seconds and nanoseconds. Its members cannot be named here: beside NIO's modules
    // the compiler takes them for members of one of those.
    var time: [Int64] = [0, 0]
    time.withUnsafeMutableBytes { bytes in
      _ = bytes.assumingMemoryBound(to: timespec.self).baseAddress.map { clock_gettime(clock, $0) }
    }
    return time[0] * 1_000_000_000 + time[1]
  }

  static func wait(seconds: Double) {
    usleep(UInt32(seconds * 1e6))
  }
}

/// Small files as text.
enum FileText {
  /// Empty where it cannot be read.
  static func read(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(file, &part, part.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += part[..<count]
    }
  }

  /// - Throws: `BenchmarkFailure`.
  static func write(_ text: String, to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw BenchmarkFailure(path, errno) }
    defer { close(file) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw BenchmarkFailure(path, errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// The whole number that follows a label.
  static func number(after label: String, in text: String) -> Int? {
    guard let place = place(after: label, in: text) else { return nil }
    return Int(text[place...].drop { $0 == " " || $0 == "\t" }.prefix { $0.isNumber })
  }

  /// The word that follows a label.
  static func word(after label: String, in text: String) -> String? {
    guard let place = place(after: label, in: text) else { return nil }
    return String(text[place...].drop { $0 == " " || $0 == "\t" }.prefix { !$0.isWhitespace })
  }

  private static func place(after label: String, in text: String) -> String.Index? {
    let (text, label) = (text.utf8, label.utf8)
    var start = text.startIndex
    while let first = text[start...].firstIndex(of: label.first ?? 0) {
      if text[first...].starts(with: label) { return text.index(first, offsetBy: label.count) }
      start = text.index(after: first)
    }
    return nil
  }
}

/// What folders hold.
enum Folder {
  /// What is in it; nothing where it cannot be read.
  static func names(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.filter { $0 != "." && $0 != ".." }
  }
}

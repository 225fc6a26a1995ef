package import Glibc

/// What the kernel tells of a process. Unlike the time on the wall it says little of what else the
/// machine is doing.
package struct Meter: Sendable {
  /// Its reading at one moment.
  package struct Reading: Sendable {
    package var processorNanoseconds: Int64
    /// How often its threads went to sleep, all together, and so had to be woken. When another
    /// program takes their processor away, that does not count.
    package var sleeps: Int
    package var at: Int64
  }

  package let process: pid_t

  package init(_ child: Child) { process = child.id }

  package func read() -> Reading {
    Reading(
      processorNanoseconds: processorNanoseconds, sleeps: sleeps,
      at: SteadyClock.nanoseconds)
  }

  /// Processor time of all its threads, those that ended included.
  package var processorNanoseconds: Int64 {
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
  package var residentMebibytes: Double {
    let status = FileText.read("/proc/\(process)/status")
    return Double(FileText.number(after: "VmRSS:", in: status) ?? 0) / 1_024
  }
}

extension Meter {
  /// Waits until what was begun is over: until a second costs as much as the one before.
  package func waitUntilSteady() {
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
  package func percent(since earlier: Self) -> Double {
    let elapsed = Double(max(at - earlier.at, 1))
    return Double(processorNanoseconds - earlier.processorNanoseconds) / elapsed * 100
  }

  /// Wake-ups a second since an earlier reading.
  package func wakeUpsPerSecond(since earlier: Self) -> Double {
    Double(sleeps - earlier.sleeps) / (Double(max(at - earlier.at, 1)) / 1e9)
  }
}

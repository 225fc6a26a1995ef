internal import Glibc

/// What this process has used of the machine so far.
package struct ProcessFigures: Equatable, Sendable {
  /// The processor time of all threads, in user mode and in the kernel.
  package var processorMilliseconds: Int64
  /// The memory that is in RAM now, in bytes; 0 where the kernel does not report it.
  package var residentBytes: Int64
  /// Open files and connections.
  package var openDescriptors: Int64

  /// The figures now (clock_gettime(2), proc(5)).
  package static var current: ProcessFigures {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return ProcessFigures(
      processorMilliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000,
      residentBytes: residentPages * Int64(sysconf(Int32(_SC_PAGESIZE))),
      openDescriptors: descriptorCount)
  }

  /// The second number in `/proc/self/statm`.
  private static var residentPages: Int64 {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(file, &bytes, bytes.count)
    let words = bytes.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
    guard words.count > 1 else { return 0 }
    return Int64(String(decoding: words[1], as: UTF8.self)) ?? 0
  }

  static var descriptorCount: Int64 {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count: Int64 = 0
    while readdir(folder) != nil { count += 1 }
    return count - 3  // itself, `.` and `..`
  }

  /// Adds the figures under the names of Prometheus' own clients.
  package func add(to text: inout PrometheusText) {
    text.add(
      .init("process_cpu_seconds_total", .counter, "Processor time so far."),
      milliseconds: processorMilliseconds)
    text.add(
      .init("process_resident_memory_bytes", .gauge, "Memory in RAM now."), residentBytes)
    text.add(.init("process_open_fds", .gauge, "Open files and connections."), openDescriptors)
  }
}

internal import ClusterModel
package import Glibc

/// Time that only goes on.
package enum SteadyClock {
  package static var nanoseconds: Int64 { read(CLOCK_MONOTONIC) }

  package static var today: String {
    "\(Timestamp(milliseconds: read(CLOCK_REALTIME) / 1_000_000))".prefix(10).description
  }

  package static func read(_ clock: clockid_t) -> Int64 {
    // A timespec: seconds and nanoseconds. Its members cannot be named here: beside NIO's modules
    // the compiler takes them for members of one of those.
    var time: [Int64] = [0, 0]
    time.withUnsafeMutableBytes { bytes in
      _ = bytes.assumingMemoryBound(to: timespec.self).baseAddress.map { clock_gettime(clock, $0) }
    }
    return time[0] * 1_000_000_000 + time[1]
  }

  package static func wait(seconds: Double) {
    usleep(UInt32(seconds * 1e6))
  }
}

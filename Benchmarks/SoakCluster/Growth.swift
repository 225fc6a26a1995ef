internal import Glibc
internal import RealPrograms

/// What one process has taken of the machine, from a moment on to its end.
struct Growth {
  private struct Sample {
    var mebibytes: Double
    var descriptors: Int
    var threads: Int
  }

  let name: String
  private let process: pid_t
  private var samples: [Sample] = []

  init(_ name: String, _ child: Child) {
    (self.name, process) = (name, child.id)
  }

  mutating func sample() {
    let status = FileText.read("/proc/\(process)/status")
    guard let kibibytes = FileText.number(after: "VmRSS:", in: status) else { return }
    samples.append(
      Sample(
        mebibytes: Double(kibibytes) / 1_024,
        descriptors: Folder.names("/proc/\(process)/fd").count,
        threads: FileText.number(after: "Threads:", in: status) ?? 0))
  }

  /// The most in one quarter of the time, counted from 0.
  private func most(_ quarter: Int, _ value: (Sample) -> Double) -> Double {
    let part = samples.count / 4
    return samples[(quarter * part)..<max((quarter + 1) * part, 1)].map(value).max() ?? 0
  }

  /// Enough to tell growth from breath.
  var isKnown: Bool { samples.count >= 40 }

  /// The first quarter is for warming up; a sixteenth and 4 MiB are breath.
  var hasGrown: Bool {
    guard isKnown else { return false }
    return most(3, \.mebibytes) > most(1, \.mebibytes) * 17 / 16 + 4
      || most(3) { Double($0.threads) } > most(1) { Double($0.threads) } + 4
  }

  var text: String {
    guard isKnown else { return "\(name): too short a time to tell" }
    let figures = [
      ("MiB", most(1, \.mebibytes), most(3, \.mebibytes)),
      ("descriptors", most(1) { Double($0.descriptors) }, most(3) { Double($0.descriptors) }),
      ("threads", most(1) { Double($0.threads) }, most(3) { Double($0.threads) }),
    ].map { "\($0.0) \(rounded($0.1)) → \(rounded($0.2))" }
    return "\(name): " + figures.joined(separator: ", ")
  }

  private func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}

internal import ClusterModel

/// A client's configuration, as far as it names servers.
public struct ClientConfiguration: Equatable, Sendable {
  /// The name in the file.
  public var name: String
  /// The servers that can be read, in order.
  public var entries: [ServerEntry]
  /// The line where it begins, counted from 1.
  public var line: Int
  /// Whether it has a line that names servers, even if none of them can be read.
  public var listsServers: Bool
  /// What is wrong with the lines that name its servers.
  public var faults: [ClientConfigurationFile.Fault]

  public init(
    name: String, entries: [ServerEntry], line: Int = 1, listsServers: Bool = true,
    faults: [ClientConfigurationFile.Fault] = []
  ) {
    self.name = name
    self.entries = entries
    self.line = line
    self.listsServers = listsServers
    self.faults = faults
  }
}

/// A client configuration export of Dynamics AX (`.axc`), read to its end whatever it contains.
///
/// A title line, `Formatversion: 1`, and for each configuration `Configuration: NAME` and lines
/// `name,Type,value`. Only `aos2` (the servers) and `wsdlport` (their ports, in the same order)
/// matter here. A value may continue in further lines. UTF-16, UTF-8 or code page 1252.
public struct ClientConfigurationFile: Equatable, Sendable {
  /// What is wrong with one line.
  public struct Fault: Equatable, Sendable, CustomStringConvertible {
    /// The line, counted from 1.
    public var line: Int
    /// What is wrong. It repeats nothing of the file except names that are safe to show.
    public var complaint: String
    /// Whether clients miss a server because of it. Otherwise clients need nothing of what is
    /// wrong.
    public var isError: Bool

    /// The fault in one line, with its line number.
    public var description: String { "line \(line): \(complaint)" }
  }

  /// The configurations in the order of the file, including those without a readable server.
  public let configurations: [ClientConfiguration]
  /// The faults by line; at most `mostFaults`.
  public let faults: [Fault]

  /// The most bytes of a file.
  public static let longest = 1 << 20
  /// The most faults that are reported.
  public static let mostFaults = 500
  /// The most servers of a configuration. A cluster of Dynamics AX has at most 99.
  public static let mostEntries = 1_000

  public init(_ bytes: [UInt8]) {
    guard bytes.count <= Self.longest else {
      let complaint = "the file is longer than \(Self.longest) bytes"
      (configurations, faults) = ([], [Fault(line: 1, complaint: complaint, isError: true)])
      return
    }
    var reader = ClientConfigurationReader()
    for (place, line) in EncodedLines(bytes).lines.enumerated() {
      reader.read(line, number: place + 1)
    }
    (configurations, faults) = reader.finish()
  }

  /// The configurations that a client can choose: those that list servers, and only the first of
  /// several with the same name. Windows ignores the case of names.
  public var choices: [ClientConfiguration] {
    var names: Set<String> = []
    return configurations.filter {
      $0.listsServers && names.insert($0.name.lowercased()).inserted
    }
  }

  /// The first configuration of this name; otherwise the first one whose name differs only in case.
  public func configuration(named name: String) -> ClientConfiguration? {
    configurations.first { $0.name == name }
      ?? configurations.first { $0.name.lowercased() == name.lowercased() }
  }

  /// How many configurations have this name, ignoring case.
  public func count(named name: String) -> Int {
    configurations.count { $0.name.lowercased() == name.lowercased() }
  }
}

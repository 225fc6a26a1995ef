internal import ClusterModel

/// The part of a client's configuration that says where its servers are, in order.
public struct ClientConfiguration: Equatable, Sendable {
  /// As the file names it.
  public var name: String
  /// Those that can be read.
  public var entries: [ServerEntry]
  /// Where it begins in its file, counted from 1.
  public var line: Int
  /// It has a line that names servers, which can be read or not.
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

/// A client configuration export of Dynamics AX (`.axc`), read to its end whatever it holds.
///
/// A title line, `Formatversion: 1`, then for each configuration `Configuration: NAME` and lines
/// `name,Type,value`, of which `aos2` (the servers) and `wsdlport` (ports parallel to them)
/// matter here. A value may go on in further lines. UTF-16, UTF-8 or code page 1252.
public struct ClientConfigurationFile: Equatable, Sendable {
  /// What is wrong with one line.
  public struct Fault: Equatable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    public var line: Int
    /// Never repeats what the file holds, but for names that are safe to show.
    public var complaint: String
    /// A server is missing from what clients would use; otherwise nothing they need is.
    public var isError: Bool

    /// The fault in one line, with its place.
    public var description: String { "line \(line): \(complaint)" }
  }

  /// In the file's order, those without a server that can be read among them.
  public let configurations: [ClientConfiguration]
  /// By line; at most `mostFaults`.
  public let faults: [Fault]

  /// Most bytes of a file.
  public static let longest = 1 << 20
  /// Most faults that are told.
  public static let mostFaults = 500
  /// Most servers of a configuration. A cluster of Dynamics AX has at most 99.
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

  /// The configurations that a client can choose from: those that list servers, and of several with
  /// one name the first. Windows tells no names apart by the case of their letters.
  public var choices: [ClientConfiguration] {
    var names: Set<String> = []
    return configurations.filter {
      $0.listsServers && names.insert($0.name.lowercased()).inserted
    }
  }

  /// The first configuration of this name; else the first in any case of letters.
  public func configuration(named name: String) -> ClientConfiguration? {
    configurations.first { $0.name == name }
      ?? configurations.first { $0.name.lowercased() == name.lowercased() }
  }

  /// How many configurations have this name, in any case of letters.
  public func count(named name: String) -> Int {
    configurations.count { $0.name.lowercased() == name.lowercased() }
  }
}

internal import ClusterModel

/// The part of a client's configuration that says where its servers are, in order.
public struct ClientConfiguration: Equatable, Sendable {
  public var name: String
  public var entries: [ServerEntry]

  public init(name: String, entries: [ServerEntry]) {
    self.name = name
    self.entries = entries
  }
}

/// A client configuration export of Dynamics AX (`.axc`), read to its end whatever it holds.
///
/// A title line, `Formatversion: 1`, then for each configuration `Configuration: NAME` and lines
/// `name,Type,value`, of which `aos2` (the servers) and `wsdlport` (ports parallel to them)
/// matter here. UTF-16 or UTF-8.
public struct ClientConfigurationFile: Equatable, Sendable {
  /// What is wrong with one line.
  public struct Fault: Equatable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    public var line: Int
    /// Never repeats what the file holds, but for names that are safe to show.
    public var complaint: String

    public var description: String { "line \(line): \(complaint)" }
  }

  /// Those that name at least one server, in the file's order.
  public private(set) var configurations: [ClientConfiguration] = []
  /// By line.
  public private(set) var faults: [Fault] = []

  /// Most bytes of a file.
  public static let longest = 1 << 20

  /// What is known of the configuration whose lines are being read.
  private struct Open {
    var name: String
    var line: Int
    var servers: (line: Int, entries: [ServerEntry])?
    var ports: (line: Int, values: [Int])?
    var hasFaultyServers = false
    /// One of its lines could not be read: it may have been the one that names the servers.
    var hasUnreadableLine = false
  }

  public init(_ bytes: [UInt8]) {
    guard bytes.count <= Self.longest else {
      faults = [Fault(line: 1, complaint: "the file is longer than \(Self.longest) bytes")]
      return
    }
    var open: Open?
    for (place, line) in EncodedLines(bytes).lines.enumerated() {
      read(line, number: place + 1, &open)
    }
    close(open)
    if configurations.isEmpty, faults.isEmpty {
      faults.append(Fault(line: 1, complaint: "the file holds no configuration"))
    }
    faults.sort { $0.line < $1.line }
  }

  private mutating func read(_ line: EncodedLines.Line, number: Int, _ open: inout Open?) {
    let text: Substring
    switch line {
    case .text(let whole): text = Substring(whole).trimmed
    case .faulty(let complaint):
      open?.hasUnreadableLine = true
      return complain(number, complaint)
    }
    guard !text.isEmpty else { return }
    guard !text.unicodeScalars.contains(where: { $0 != "\t" && PlainText.isForbidden($0) }) else {
      open?.hasUnreadableLine = true
      return complain(number, "holds a control character or a direction mark")
    }
    if let value = text.value(after: "Configuration:") {
      close(open)
      open = Open(name: String(value.prefix(PlainText.longestName)), line: number)
      if value.isEmpty { complain(number, "the configuration has no name") }
    } else if let value = text.value(after: "Formatversion:") {
      if value != "1" { complain(number, "the format version is not 1") }
    } else if open != nil {
      readSetting(text, number, &open)
    } else if number != 1 {  // the first line is the title
      complain(number, "stands before the first \"Configuration:\"")
    }
  }

  private mutating func readSetting(_ text: Substring, _ number: Int, _ open: inout Open?) {
    let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty else {
      return complain(number, "is not NAME,TYPE,VALUE")
    }
    let (name, type, value) = (parts[0].lowercased(), parts[1], parts[2])
    switch (name, type) {
    case ("aos2", "Text"): readServers(value, number, &open)
    case ("wsdlport", "Text"): readPorts(value, number, &open)
    case ("aos2", _), ("wsdlport", _):
      if name == "aos2" { open?.hasFaultyServers = true }
      complain(number, "\(name) must have the type Text")
    case (_, "Text"): break
    case (_, "Int"):
      if Int64(value.trimmed) == nil { complain(number, "the value is not a whole number") }
    default: complain(number, "the type is neither Text nor Int")
    }
  }

  private mutating func readServers(_ value: Substring, _ number: Int, _ open: inout Open?) {
    guard open?.servers == nil else { return complain(number, "aos2 stands there twice") }
    var entries: [ServerEntry] = []
    let parts = ServerEntry.parts(of: value)
    for (place, part) in parts.enumerated() {
      let field = "aos2 entry \(place + 1)"
      do throws(InvalidValue) {
        guard !part.isEmpty else { throw InvalidValue(field: field, complaint: "is empty") }
        entries.append(try ServerEntry(part, field: field))
      } catch {
        complain(number, error.description)
      }
    }
    if parts.isEmpty { complain(number, "aos2 names no server") }
    open?.hasFaultyServers = entries.count < parts.count || parts.isEmpty
    open?.servers = (number, entries)
  }

  private mutating func readPorts(_ value: Substring, _ number: Int, _ open: inout Open?) {
    guard open?.ports == nil else { return complain(number, "wsdlport stands there twice") }
    var ports: [Int] = []
    for (place, part) in ServerEntry.parts(of: value).enumerated() {
      if let port = Int(part), (1...65_535).contains(port) {
        ports.append(port)
      } else {
        complain(number, "wsdlport entry \(place + 1) is not a port from 1 to 65535")
        return
      }
    }
    open?.ports = (number, ports)
  }

  /// Ends a configuration: ports go to their servers by position.
  private mutating func close(_ open: Open?) {
    guard let open else { return }
    guard let servers = open.servers, !servers.entries.isEmpty else {
      if !open.hasFaultyServers, !open.hasUnreadableLine {
        complain(open.line, "the configuration names no server (aos2)")
      }
      return
    }
    var entries = servers.entries
    if let ports = open.ports, !open.hasFaultyServers {
      if ports.values.count > entries.count {
        complain(ports.line, "wsdlport names more ports than aos2 names servers")
      }
      for (place, port) in ports.values.prefix(entries.count).enumerated() {
        entries[place].wsdlPort = port
      }
    }
    configurations.append(ClientConfiguration(name: open.name, entries: entries))
  }

  private mutating func complain(_ line: Int, _ complaint: String) {
    faults.append(Fault(line: line, complaint: complaint))
  }
}

extension Substring {
  /// What follows a keyword at the start, in any case of letters, without blanks around it.
  fileprivate func value(after keyword: String) -> Substring? {
    let head = self.prefix(keyword.count)
    return head.lowercased() == keyword.lowercased() ? dropFirst(keyword.count).trimmed : nil
  }
}

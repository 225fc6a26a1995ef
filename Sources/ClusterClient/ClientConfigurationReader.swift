internal import ClusterModel

/// Reads a client configuration line by line.
struct ClientConfigurationReader {
  typealias Fault = ClientConfigurationFile.Fault

  /// A value that may continue in the next line.
  private struct Value {
    var line: Int
    var text: String
  }

  /// The configuration whose lines are being read.
  private struct Open {
    var name: String
    var line: Int
    var servers: Value?
    var ports: Value?
    var faults: [Fault] = []
  }

  /// The setting to which a line without a name belongs.
  private enum Last {
    case nothing, servers, ports, text
  }

  private var open: Open?
  private var last = Last.nothing
  private var hasBegun = false
  private var configurations: [ClientConfiguration] = []
  private var faults: [Fault] = []
  /// The line where each name first occurs, in small letters.
  private var names: [String: Int] = [:]

  private static let title = "Configuration export file"
  private static let steering = "holds a control character or a direction mark"

  mutating func read(_ line: EncodedLines.Line, number: Int) {
    if let complaint = line.complaint { note(number, complaint) }
    let text = Substring(line.text).trimmed
    guard !text.isEmpty else { return }
    defer { hasBegun = true }
    if let value = text.value(after: "Configuration:") {
      begin(value, number)
    } else if let value = text.value(after: "Formatversion:") {
      last = .nothing
      if value != "1" { note(number, "the format version is not 1") }
    } else if text.value(after: Self.title) != nil {
      last = .nothing  // of another file that was added to this one
    } else if open != nil {
      readSetting(text, number)
    } else if hasBegun {  // the first line is the title
      note(number, "comes before the first \"Configuration:\"")
    }
  }

  mutating func finish() -> ([ClientConfiguration], [Fault]) {
    close()
    if configurations.isEmpty, faults.isEmpty {
      keep(Fault(line: 1, complaint: "the file holds no configuration", isError: true))
    }
    // Where there are too many faults, the worst ones are kept.
    let worst = faults.filter(\.isError) + faults.filter { !$0.isError }
    let told = worst.prefix(ClientConfigurationFile.mostFaults).sorted { $0.line < $1.line }
    return (configurations, told)
  }

  private mutating func begin(_ value: Substring, _ number: Int) {
    close()
    let name = PlainText.cleaned(String(value.prefix(PlainText.longestName)))
    open = Open(name: name, line: number)
    last = .nothing
    if value.isEmpty { note(number, "the configuration has no name") }
    if let first = names[name.lowercased()] {
      note(number, "a configuration of this name is in line \(first); that one is used")
    } else {
      names[name.lowercased()] = number
    }
  }

  private mutating func readSetting(_ text: Substring, _ number: Int) {
    let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
    let name = parts[0].trimmed.lowercased()
    let matters = ["aos2", "wsdlport"].contains(name)
    guard parts.count == 3, name.isWord, parts[1].trimmed.isWord else {
      return matters && parts.count > 1
        ? complain(name, number, "\(name) is not NAME,TYPE,VALUE") : goOn(text, number)
    }
    let (type, value) = (parts[1].trimmed.lowercased(), parts[2].trimmed)
    last = type == "text" ? .text : .nothing
    if Self.steers(text) { return complain(name, number, Self.steering) }
    switch (name, type) {
    case ("aos2", "text"): beginServers(value, number)
    case ("wsdlport", "text"): beginPorts(value, number)
    case _ where matters: complain(name, number, "\(name) must have the type Text")
    case (_, "text"): break
    case (_, "int"):
      if Int64(value) == nil { note(number, "the value is not a whole number") }
    default: note(number, "the type is neither Text nor Int")
    }
  }

  /// A line that begins no setting continues the value before it. A list continues only after a
  /// semicolon at its end or at the start of this line.
  private mutating func goOn(_ text: Substring, _ number: Int) {
    let value = last == .servers ? open?.servers : last == .ports ? open?.ports : nil
    if last == .text {
      if Self.steers(text) { note(number, Self.steering) }
    } else if let value, value.text.last == ";" || text.first == ";" {
      if Self.steers(text) { return complain("aos2", number, Self.steering) }
      let longer = Value(line: value.line, text: value.text + text)
      if last == .servers { open?.servers = longer } else { open?.ports = longer }
    } else {
      note(number, "is not NAME,TYPE,VALUE")
    }
  }

  private mutating func beginServers(_ value: Substring, _ number: Int) {
    guard open?.servers == nil else { return note(number, "aos2 is given twice") }
    open?.servers = Value(line: number, text: String(value))
    last = .servers
  }

  private mutating func beginPorts(_ value: Substring, _ number: Int) {
    guard open?.ports == nil else { return note(number, "wsdlport is given twice") }
    open?.ports = Value(line: number, text: String(value))
    last = .ports
  }

  /// Ends a configuration and gives the servers their ports by position.
  private mutating func close() {
    guard let ended = open else { return }
    var entries = servers(ended)
    let count = (entries.last?.place ?? -1) + 1
    if let (line, text) = ended.ports.map({ ($0.line, $0.text) }) {
      let values = Self.list(text)
      let ports = ports(values.prefix(ClientConfigurationFile.mostEntries), line)
      for (index, entry) in entries.enumerated() where entry.place < ports.count {
        entries[index].entry.wsdlPort = ports[entry.place]
      }
      if values.count > count, open?.faults.contains(where: \.isError) != true {
        noteOwn(line, "wsdlport names more ports than aos2 names servers")
      }
    }
    configurations.append(
      ClientConfiguration(
        name: ended.name, entries: entries.map(\.entry), line: ended.line,
        listsServers: ended.servers != nil || ended.faults.contains(where: \.isError),
        faults: open?.faults ?? []))
    open = nil
  }

  /// The servers that can be read, each with its position in the list.
  private mutating func servers(_ ended: Open) -> [(place: Int, entry: ServerEntry)] {
    guard let servers = ended.servers else {
      if !ended.faults.contains(where: \.isError) {
        complain("aos2", ended.line, "the configuration names no server (aos2)")
      }
      return []
    }
    var entries: [(place: Int, entry: ServerEntry)] = []
    let parts = Self.list(servers.text)
    if parts.count > ClientConfigurationFile.mostEntries {
      let most = ClientConfigurationFile.mostEntries
      complain("aos2", servers.line, "aos2 names more than \(most) servers")
    }
    for (place, part) in parts.prefix(ClientConfigurationFile.mostEntries).enumerated() {
      let field = "aos2 entry \(place + 1)"
      guard !part.isEmpty else {
        noteOwn(servers.line, "\(field) is empty")
        continue
      }
      do throws(InvalidValue) {
        entries.append((place, try ServerEntry(exported: part, field: field)))
      } catch {
        complain("aos2", servers.line, error.description)
      }
    }
    if parts.isEmpty { complain("aos2", servers.line, "aos2 names no server") }
    return entries
  }

  /// The ports. Nil stands for one that is left out, which is 8101, or that cannot be read.
  private mutating func ports(_ values: ArraySlice<Substring>, _ line: Int) -> [Int?] {
    values.enumerated().map { place, value in
      if value.isEmpty { return nil }
      if let port = Int(value), (1...65_535).contains(port) { return port }
      noteOwn(line, "wsdlport entry \(place + 1) is not a port from 1 to 65535")
      return nil
    }
  }

  /// The parts between semicolons, ignoring semicolons at the end.
  private static func list(_ text: String) -> [Substring] {
    var parts = text.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
    while parts.last?.isEmpty == true { parts.removeLast() }
    return parts
  }

  private static func steers(_ text: Substring) -> Bool {
    text.unicodeScalars.contains { $0 != "\t" && PlainText.isForbidden($0) }
  }

  // MARK: Faults

  /// Notes a fault that no client here is affected by.
  private mutating func note(_ line: Int, _ complaint: String) {
    keep(Fault(line: line, complaint: complaint, isError: false))
  }

  /// Notes a fault in the lines that name servers, although no server is missing because of it.
  private mutating func noteOwn(_ line: Int, _ complaint: String) {
    keep(Fault(line: line, complaint: complaint, isError: false), isOwn: true)
  }

  /// - Parameter isOwn: Whether it is about the lines of a configuration that name its servers.
  private mutating func keep(_ fault: Fault, isOwn: Bool = false) {
    // However many faults a file has, the memory for them is limited.
    let most = 20 * ClientConfigurationFile.mostFaults
    if faults.count < most || fault.isError && faults.count < 2 * most { faults.append(fault) }
    guard isOwn, let own = open?.faults.count else { return }
    if own < ClientConfigurationFile.mostFaults { open?.faults.append(fault) }
  }

  /// - Parameter name: The setting; a fault of the servers belongs to the configuration.
  private mutating func complain(_ name: String, _ line: Int, _ complaint: String) {
    guard name == "aos2" else {
      return name == "wsdlport" ? noteOwn(line, complaint) : note(line, complaint)
    }
    keep(Fault(line: line, complaint: complaint, isError: true), isOwn: true)
  }
}

extension Substring {
  /// The text after a keyword at the start, ignoring case, without blanks around it.
  fileprivate func value(after keyword: String) -> Substring? {
    let head = self.prefix(keyword.count)
    return head.lowercased() == keyword.lowercased() ? dropFirst(keyword.count).trimmed : nil
  }
}

extension StringProtocol {
  /// Whether this is a name of a setting or of a type, and not the middle of a text.
  fileprivate var isWord: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

import ClusterAPI
import ClusterClient
import ClusterModel
import Dashboard
import ScriptedServer
import SmallFiles

@testable import AOSTop
@testable import ProgramSupport
@testable import Recordings

extension FuzzTarget {
  /// What is read from a disk.
  static func files() throws -> [FuzzTarget] {
    [clientConfiguration(), settings(), smallFile(), try recordedLine()]
  }

  private static func clientConfiguration() -> FuzzTarget {
    let text = """
      Configuration export file for Dynamics AX\r
      Formatversion: 1\r
      \r
      Configuration: PROD\r
      aos2,Text,LB1@lb1:2712;01@aos1:2713;aos2\r
      wsdlport,Text,8101;8102;8103\r
      wcfconfig,Text,<?xml version="1.0"?>\r
      <configuration a="1,2,3">\r
      aos2,text,@twice:;;\r
      startupmenu,Text,\r
      broadcast,Int,1\r
      Configuration: Test\r
      aos2,Text,host\r
      """
    let wide = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let corpus = [Array(text.utf8), [0xFF, 0xFE] + wide, wide]
    return FuzzTarget(name: "client configuration", corpus: corpus) { bytes in
      let file = ClientConfigurationFile(bytes)
      let lines = file.faults.map(\.line)
      try promise(lines == lines.sorted() && lines.allSatisfy { $0 > 0 }, "a fault has no line")
      for fault in file.faults { try checkWords(fault.description) }
      try promise(
        file.configurations.allSatisfy { configuration in
          !configuration.entries.isEmpty || configuration.faults.contains(where: \.isError)
        }, "a configuration names nobody, and nothing said so")
      try promise(
        file.faults.count <= ClientConfigurationFile.mostFaults, "the faults have no bound")
      try promise(
        !file.configurations.isEmpty || !file.faults.isEmpty, "it is empty, and nothing said so")
      return file.faults.isEmpty
    }
  }

  private static func settings() -> FuzzTarget {
    let known = [Setting("name"), Setting("join", .list), Setting("drain-on-stop", .flag)]
    let corpus = [
      #"{"name":"AOS01","join":["http://a:1","http://b:2"],"drain-on-stop":true}"#,
      #"{"name":60,"join":"http://a:1"}"#,
    ]
    return FuzzTarget(name: "settings file", corpus: corpus.map { Array($0.utf8) }) { bytes in
      // What is not text is the small file's matter.
      let file = try? SmallFile(bytes, path: "aosd.json", field: "--config", atMost: 1 << 20)
      guard let file else { return false }
      do throws(SettingsFailure) {
        _ = try SettingsFile(file, program: "aosd", settings: known)
      } catch {
        try checkWords(error.description)
        try promise(error.description.contains("aosd.json"), "the file is not named")
        return false
      }
      return true
    }
  }

  private static func smallFile() -> FuzzTarget {
    let text = "hush\r\nGrüße"
    let wide = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let corpus = [Array(text.utf8), [0xEF, 0xBB, 0xBF] + text.utf8, [0xFF, 0xFE] + wide]
    return FuzzTarget(name: "small file", corpus: corpus) { bytes in
      let file: SmallFile
      do throws(InvalidValue) {
        file = try SmallFile(bytes, path: "token", field: "--x", atMost: 4_096)
      } catch {
        try checkWords(error.plainWords)
        try promise(error.complaint.hasPrefix("token"), "the file is not named")
        return false
      }
      let again = try? SmallFile(
        Array(file.text.utf8), path: "token", field: "--x", atMost: 1 << 20)
      // A second byte order mark is text.
      try promise(
        again == file || file.text.unicodeScalars.first == "\u{FEFF}",
        "written and read again it is another")
      return true
    }
  }

  private static func recordedLine() throws -> FuzzTarget {
    let header = RecordingLine.RecordingHeader(
      format: 1, cluster: "PROD", balancer: "LB1", program: "0.1.0")
    let lines: [RecordingLine] = [
      .header(header), .snapshot(try fullSnapshot()), .change(try fullChange()),
      .action(
        ActionRecord(
          id: 7, at: Sample.time, actor: "ana", action: .limit, instance: nil, reason: nil,
          result: "done", delivered: nil)),
      .history(
        BalancerHistory(
          stepSeconds: 10,
          instances: [try InstanceID("AOS01"): [Load(connected: 3, maximum: 60)]])),
      .lost,
    ]
    let corpus = lines.compactMap { $0.encoded(at: Sample.time)?.dropLast() }.map(Array.init)
    return FuzzTarget(name: "recorded line", corpus: corpus) { bytes in
      let (at, line): (Timestamp, RecordingLine)
      do throws(InvalidValue) { (at, line) = try RecordingLine.read(bytes[...]) } catch {
        try checkWords(error.description)
        return false
      }
      if case .other(let kind) = line {
        try checkWords("other \(kind)")
        return true
      }
      guard let written = line.encoded(at: at) else {
        throw BrokenPromise("what was read cannot be written")
      }
      let again = try? RecordingLine.read(written.dropLast())
      try promise(
        again?.0 == at && again?.1 == line, "written and read again it is another")
      return true
    }
  }
}

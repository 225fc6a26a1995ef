import ClusterClient
import Foundation
import Testing

/// Files as the tools of Dynamics AX, editors and administrators' scripts write them, each with
/// what must be read of it. They lie in `Samples`.
@Suite("Client configurations from the wild")
struct SampleFileTests {
  /// How one file is to be read.
  struct Reading: CustomTestStringConvertible, Sendable {
    var file: String
    /// Each as `NAME: ENTRY/WSDLPORT ENTRY/WSDLPORT`.
    var configurations: [String]
    /// Each as `LINE: COMPLAINT`, errors with `!` in front.
    var faults: [String] = []

    var testDescription: String { file }
  }

  private static let utility = [
    "PROD: LB1@axlb01:2712/8101 AX2012R3_PROD@AXHOST07:2713/8102"
  ]

  static let readings: [Reading] = [
    Reading(file: "utility-utf16le", configurations: utility),
    Reading(file: "utility-utf16be", configurations: utility),
    Reading(file: "utility-utf16le-no-mark", configurations: utility),
    Reading(file: "utility-utf8-mark", configurations: utility),
    Reading(file: "unix-line-ends", configurations: utility),
    Reading(file: "old-mac-line-ends", configurations: utility),
    Reading(
      file: "no-instance-names", configurations: ["PROD: AXLB01:2712/8101 AXHOST07:2713/8102"]),
    Reading(
      file: "no-ports",
      configurations: ["PROD: LB1@axlb01:2712 axhost07:2712 [fe80::1]:2712/8103 axhost08:2712"]),
    Reading(
      file: "other-case", configurations: ["PROD: LB1@axlb01:2712/8101 axhost07:2712/8102"]),
    Reading(
      file: "empty-elements", configurations: ["PROD: LB1@axlb01:2712/8101 axhost07:2713/8103"],
      faults: ["4: aos2 entry 2 is empty"]),
    Reading(file: "blank-lines-first", configurations: ["PROD: axlb01:2712"]),
    Reading(file: "blank-lines-first-utf16", configurations: ["PROD: axlb01:2712"]),
    Reading(
      file: "code-page", configurations: ["PROD: LB1@axlb01:2712"],
      faults: ["4: is not UTF-8"]),
    Reading(
      file: "code-page-name", configurations: ["Müller: LB1@axlb01:2712"],
      faults: ["3: is not UTF-8"]),
    Reading(
      file: "broken-values",
      configurations: ["PROD: LB1@axlb01:2712/8101 AOS01@axhost07:2713/8102"]),
    Reading(file: "end-mark", configurations: ["PROD: LB1@axlb01:2712 AOS01@axhost07:2713"]),
    Reading(
      file: "end-mark-filled", configurations: ["PROD: LB1@axlb01:2712 AOS01@axhost07:2713"]),
    Reading(
      file: "end-mark-utf16le", configurations: ["PROD: LB1@axlb01:2712 AOS01@axhost07:2713"]),
    Reading(
      file: "end-mark-utf16be", configurations: ["PROD: LB1@axlb01:2712 AOS01@axhost07:2713"]),
    Reading(file: "two-files-in-one", configurations: utility + ["TEST: axtest01:2712"]),
    Reading(
      file: "one-name-twice", configurations: ["PROD: axlb01:2712", "PROD: axlb02:2712"],
      faults: ["5: a configuration of this name is in line 3; that one is used"]),
    Reading(
      file: "one-broken-neighbour",
      configurations: ["Original (installed configuration):", "PROD: axlb01:2712"],
      faults: [
        "!4: aos2 entry 1 has a port outside 1 to 65535", "7: the type is neither Text nor Int",
        "8: the value is not a whole number",
      ]),
    Reading(
      file: "wsdl-port-in-entry", configurations: ["PROD: axhost07:2712"],
      faults: [
        "!4: aos2 entry 1 has two ports; ports for web services belong in wsdlport"
      ]),
    Reading(
      file: "business-connector",
      configurations: ["BC: AX2012R3_PROD@AXHOST07.corp.example.com:2713/8102"]),
    Reading(
      file: "cut-off", configurations: utility,
      faults: ["13: ends in the middle of a character"]),
    Reading(file: "empty", configurations: [], faults: ["!1: the file holds no configuration"]),
    Reading(file: "only-mark", configurations: [], faults: ["!1: the file holds no configuration"]),
  ]

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Samples")

  @Test("every file is read as its row of the table says", arguments: readings)
  func reading(_ reading: Reading) throws {
    let url = Self.folder.appending(path: "\(reading.file).axc")
    let file = ClientConfigurationFile(Array(try Data(contentsOf: url)))
    let configurations = file.configurations.map { configuration in
      (["\(configuration.name):"]
        + configuration.entries.map { entry in
          "\(entry)" + (entry.wsdlPort.map { "/\($0)" } ?? "")
        }).joined(separator: " ")
    }
    #expect(configurations == reading.configurations)
    #expect(
      file.faults.map { "\($0.isError ? "!" : "")\($0.line): \($0.complaint)" } == reading.faults)
  }

  @Test("every file of the folder has its row")
  func complete() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(names.sorted() == Self.readings.map { "\($0.file).axc" }.sorted())
  }
}

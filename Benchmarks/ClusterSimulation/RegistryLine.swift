internal import Balancing
internal import ClusterModel

/// What a registry has held and said, number by number, since it was new or since it was restored
/// from a copy: a copy counts on from its own number, and the same numbers mean something else.
struct RegistryLine {
  /// The number from which this line counts on: up to there it is that of the line before.
  private(set) var base: Int64 = 0
  private var versions: [Int64: RegistryContents] = [:]
  private var documents: [InstanceID: [Int64: DesiredState]] = [:]
  private var drains: [InstanceID: [Int64]] = [:]

  init(_ contents: RegistryContents) {
    versions[contents.revision] = contents
  }

  /// What it held after that change.
  func version(_ revision: Int64) -> RegistryContents? { versions[revision] }

  /// It has held just that.
  func held(_ contents: RegistryContents) -> Bool { versions[contents.revision] == contents }

  /// It has said just that to this instance.
  func said(_ document: DesiredState, to id: InstanceID) -> Bool {
    documents[id]?[document.revision] == document
  }

  /// The last drain of an instance up to a revision: its own revision.
  func lastDrain(of id: InstanceID, upTo revision: Int64) -> Int64? {
    drains[id]?.last { $0 <= revision }
  }

  mutating func keep(_ contents: RegistryContents, _ concerned: [InstanceID], _ by: Mutation) {
    versions[contents.revision] = contents
    for id in concerned {
      documents[id, default: [:]][contents.revision] = contents.desiredState(of: id)
    }
    guard case .command(.drain(let ids, _, _)) = by else { return }
    for id in ids { drains[id, default: []].append(contents.revision) }
  }

  /// The line that begins with a copy of this one.
  func restored(at revision: Int64) -> Self {
    var line = self
    line.base = revision
    return line
  }
}

/// What balancers made of a registry, to judge them by.
extension SimulatedRegistry {
  /// The first line, none before `since`, that has held just that.
  func line(holding contents: RegistryContents, since: Int = 0) -> Int? {
    lines.indices.dropFirst(since).first { lines[$0].held(contents) }
  }

  /// The latest line that has said just that to an instance.
  func line(saying document: DesiredState, to id: InstanceID) -> Int? {
    lines.lastIndex { $0.said(document, to: id) }
  }

  /// The copy from which it was restored had not got this far.
  func hasLost(_ commit: Commit) -> Bool {
    lines.dropFirst(commit.line + 1).contains { $0.base < commit.kept.revision }
  }
}

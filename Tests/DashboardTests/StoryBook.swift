import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

/// How the stories of the manual are told: keys, picture, keys, picture.
extension Story {
  /// A line of the picture, spaces at its end left out.
  func shows(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(picture.contains(line), "\(picture)", sourceLocation: sourceLocation)
  }

  func hides(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(!picture.contains(text), "\(picture)", sourceLocation: sourceLocation)
  }

  /// What the operator asked of the cluster so far, as commands.
  var commands: [String] {
    effects.compactMap { if case .perform(_, let mutation) = $0 { mutation.command } else { nil } }
  }

  /// The balancer carries out what was asked last.
  mutating func carryOut(
    _ instances: [InstanceStatus] = [], delivered: Bool = true,
    _ edit: (inout ClusterSnapshot) -> Void = { _ in }
  ) {
    change(edit)
    guard case .perform(let token, _)? = effects.last(where: \.isChange) else { return }
    let impact = Impact(handshakeList: [], workloadBefore: nil, workloadAfter: nil, warnings: [])
    send(.answer(token, .done(instances: instances, delivered: delivered, impact: impact)))
  }

  mutating func refuse(_ words: String) {
    guard case .perform(let token, _)? = effects.last(where: \.isChange) else { return }
    send(.answer(token, .refused(words, warnings: [])))
  }
}

extension Effect {
  fileprivate var isChange: Bool { if case .perform = self { true } else { false } }
}

internal import ClusterModel

/// A screen that covers the panes.
enum Overlay: Equatable, Sendable {
  case none
  case help(HelpTopic, offset: Int)
  case detail(InstanceID, offset: Int)
  case alerts(offset: Int)
  case dialog(Dialog)

  /// The first visible line of a text that fills the screen; nil where it is not text.
  var offset: Int? {
    get {
      switch self {
      case .help(_, let offset), .detail(_, let offset), .alerts(let offset): offset
      case .none, .dialog: nil
      }
    }
    set {
      switch self {
      case .help(let topic, _): self = .help(topic, offset: newValue ?? 0)
      case .detail(let id, _): self = .detail(id, offset: newValue ?? 0)
      case .alerts: self = .alerts(offset: newValue ?? 0)
      case .none, .dialog: break
      }
    }
  }
}

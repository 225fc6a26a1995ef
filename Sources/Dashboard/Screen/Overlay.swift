internal import ClusterModel

/// What lies over the panes.
enum Overlay: Equatable, Sendable {
  case none
  case help(HelpTopic, offset: Int)
  case detail(InstanceID, offset: Int)
  case alerts(offset: Int)
  case dialog(Dialog)
}

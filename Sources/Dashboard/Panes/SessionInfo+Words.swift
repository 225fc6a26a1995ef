internal import ClusterModel

extension SessionInfo {
  /// The user as the screen shows it.
  var userText: String { user.isEmpty ? "nobody" : PlainText.cleaned(user) }
  var computerText: String { computer.isEmpty ? "—" : PlainText.cleaned(computer) }
  /// Whether notices reach its user: not if it is one connection to the application.
  var getsNotices: Bool { withoutNotices != true }
}

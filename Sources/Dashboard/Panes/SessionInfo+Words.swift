internal import ClusterModel

extension SessionInfo {
  /// The user as the screen shows it.
  var userText: String { user.isEmpty ? "nobody" : PlainText.cleaned(user) }
  var computerText: String { computer.isEmpty ? "—" : PlainText.cleaned(computer) }
}

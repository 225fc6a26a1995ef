/// The default folder for the state of an instance.
enum StateDirectoryPath {
  /// `$STATE_DIRECTORY` (systemd), or else `$XDG_STATE_HOME/aos/NAME`, or else
  /// `~/.local/state/aos/NAME`; nil where none of them is set.
  static func standard(name: String, environment: [String: String]) -> String? {
    if let given = environment["STATE_DIRECTORY"], let first = given.split(separator: ":").first {
      return String(first)
    }
    if let home = environment["XDG_STATE_HOME"], home.hasPrefix("/") {
      return "\(home)/aos/\(name)"
    }
    if let home = environment["HOME"], home.hasPrefix("/") {
      return "\(home)/.local/state/aos/\(name)"
    }
    return nil
  }
}

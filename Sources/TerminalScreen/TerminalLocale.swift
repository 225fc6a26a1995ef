internal import Glibc

/// The locale with which the C library and curses read and measure characters.
package enum TerminalLocale {
  /// UTF-8 locales that a machine may have instead of the requested one.
  private static let standIns = ["C.UTF-8", "C.utf8", "en_US.UTF-8", "POSIX.UTF-8"]
  /// The first one that is not empty is used.
  private static let variables = ["LC_ALL", "LC_CTYPE", "LANG"]

  /// Uses the characters of the environment's locale. If that names UTF-8 and is not installed
  /// here, as is usual over ssh, another UTF-8 locale is used.
  ///
  /// The rest of the locale stays as it is: messages of the system are in English.
  ///
  /// - Returns: Whether the characters are UTF-8.
  @discardableResult
  package static func adopt() -> Bool {
    setlocale(LC_CTYPE, "")
    if isUTF8 { return true }
    let name = variables.lazy.compactMap { getenv($0) }.map { String(cString: $0) }
      .first { !$0.isEmpty }
    guard namesUTF8(name ?? "") else { return false }
    return standIns.contains { setlocale(LC_CTYPE, $0) != nil && isUTF8 }
  }

  /// Whether the name of a locale says UTF-8: `de_DE.UTF-8`, `de_DE.utf8@euro`, and `UTF-8`, which
  /// macOS sends over ssh.
  static func namesUTF8(_ name: String) -> Bool {
    let codeset = name.prefix { $0 != "@" }.split(separator: ".").last ?? ""
    return codeset.lowercased().filter { $0 != "-" && $0 != "_" } == "utf8"
  }

  private static var isUTF8: Bool {
    nl_langinfo(nl_item(CODESET)).map { String(cString: $0) } == "UTF-8"
  }
}

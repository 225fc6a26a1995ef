internal import Glibc

/// The locale by which the C library, and curses with it, reads and measures characters.
package enum TerminalLocale {
  /// Locales of UTF-8 that a machine may have instead of the one that is asked for.
  private static let standIns = ["C.UTF-8", "C.utf8", "en_US.UTF-8", "POSIX.UTF-8"]
  /// The first one that is not empty counts.
  private static let variables = ["LC_ALL", "LC_CTYPE", "LANG"]

  /// Takes the characters of the environment's locale. One that names UTF-8 and is not installed
  /// here, as is usual over ssh, is taken for another one of UTF-8.
  ///
  /// The rest of the locale stays as it is: messages of the system are in English.
  ///
  /// - Returns: The characters are UTF-8.
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

/// The purposes of files and folders, and what is checked for each, in one table.
///
/// `Documentation/SECURITY.md` names the places that check.
package enum GuardedFile: CaseIterable, Sendable {
  /// A file of options (`--config`).
  case configuration
  /// An access token (`--token-file`).
  case token
  /// The key of a certificate (`--tls-key`), or a key that signs licenses.
  case privateKey
  /// A certificate or a trusted public key (`--tls-certificate`, `--ca-file`, `--cluster-key`,
  /// `--license-key`).
  case publicKey
  /// The registry in SQLite and the files beside it.
  case database
  case databaseFolder
  /// What an instance keeps over restarts.
  case state
  case stateFolder
  /// The folder in which a daemon binds its Unix socket.
  case socketFolder

  struct Rule {
    /// Whether it must belong to this user or to root.
    var isOwnersAlone = true
    /// Whether nobody else on the machine may read it.
    var isSecret = false
    /// Whether a group of this process may write it. The group may use the Unix socket, too.
    var groupMayWrite = true
    /// Whether it may be a folder where everybody may add files and nobody may touch another's
    /// (`/tmp`).
    var mayBeSticky = false
  }

  var rule: Rule {
    switch self {
    case .configuration, .publicKey: Rule()
    // A group may share it, whichever member made it.
    case .token: Rule(isOwnersAlone: false, isSecret: true)
    case .privateKey: Rule(isSecret: true)
    // If others can read it, the daemon takes that right away when it opens it.
    case .database: Rule()
    case .databaseFolder, .socketFolder: Rule(mayBeSticky: true)
    case .state, .stateFolder: Rule(groupMayWrite: false)
    }
  }
}

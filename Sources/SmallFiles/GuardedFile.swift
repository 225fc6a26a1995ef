/// What a path is for, and so what is asked of it: the one table of what is checked where.
///
/// The places that check are named in `Documentation/SECURITY.md`.
package enum GuardedFile: CaseIterable, Sendable {
  /// A file of options (`--config`).
  case configuration
  /// An access token (`--token-file`).
  case token
  /// The key of a certificate (`--tls-key`), or one that signs licenses.
  case privateKey
  /// A certificate, or a public key that is trusted (`--tls-certificate`, `--ca-file`,
  /// `--cluster-key`, `--license-key`).
  case publicKey
  /// The registry in SQLite, and what lies beside it.
  case database
  case databaseFolder
  /// What an instance keeps over restarts.
  case state
  case stateFolder
  /// In which a daemon binds its Unix socket.
  case socketFolder

  struct Rule {
    /// It must belong to this user, or to root.
    var isOwnersAlone = true
    /// Nobody else on the machine may read it.
    var isSecret = false
    /// A group of this process may write it, as the group may use the Unix socket.
    var groupMayWrite = true
    /// Everybody may put files into it, and nobody may touch another's (`/tmp`).
    var mayBeSticky = false
  }

  var rule: Rule {
    switch self {
    case .configuration, .publicKey: Rule()
    // Shared within a group, by any member who made it.
    case .token: Rule(isOwnersAlone: false, isSecret: true)
    case .privateKey: Rule(isSecret: true)
    // What others can read of it is taken from them when it is opened.
    case .database: Rule()
    case .databaseFolder, .socketFolder: Rule(mayBeSticky: true)
    case .state, .stateFolder: Rule(groupMayWrite: false)
    }
  }
}

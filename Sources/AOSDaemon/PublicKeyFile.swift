internal import ClusterModel
internal import ClusterTrust
internal import ProgramSupport
internal import SmallFiles

/// A file that contains only a public key: 32 bytes in base64url, with or without blanks around
/// them.
enum PublicKeyFile {
  /// - Throws: `ProgramFailure` naming the option and the file.
  static func read(_ path: String, option: String) throws -> ClusterPublicKey {
    let text: String
    do throws(InvalidValue) {
      text = try SmallFile(path, as: .publicKey, field: option, atMost: 4_096).text
        .filter { !$0.isWhitespace }
    } catch {
      throw ProgramFailure(.wrongInput, "\(option): \(error.complaint)")
    }
    do { return try ClusterPublicKey(text) } catch {
      throw ProgramFailure(.wrongInput, "\(option): \(path): \(error.plainWords)")
    }
  }
}

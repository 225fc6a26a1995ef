internal import ClusterModel
internal import ClusterTrust
internal import FoundationEssentials

/// A file with a public key: 32 bytes in base64url, and nothing else but blanks.
enum PublicKeyFile {
  /// - Throws: `StartFailure` naming the option and the file.
  static func read(_ path: String, option: String) throws -> ClusterPublicKey {
    guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= 4_096 else {
      throw StartFailure("\(option): cannot read \(path)")
    }
    let text = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
    do { return try ClusterPublicKey(text) } catch {
      throw StartFailure("\(option): \(path): \(error)")
    }
  }
}

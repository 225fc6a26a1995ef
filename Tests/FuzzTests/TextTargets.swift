import ClusterAPI
import ClusterClient
import ClusterModel
import Registry

extension FuzzTarget {
  /// What is in options, URLs, headers and files as one word.
  static func texts() -> [FuzzTarget] {
    [
      text("address", ["10.0.0.1:2712", "[::1]:2712", "aos-01.example.com:65535"]) {
        try Address($0)
      },
      text("instance id", ["AOS01", "01@HOST", "a.b_c-d"]) { try InstanceID($0) },
      text("time", ["2026-03-01T10:42:07.000Z", "2026-03-01t10:42:07+01:00"]) { Timestamp($0) },
      text("feed position", ["0123abcd-812", "a-b-0"]) { FeedPosition($0) },
      text(
        "endpoint",
        ["unix:///run/aos/balancer.sock", "http://host:2712", "https://[::1]:2712"]
      ) { try Endpoint($0) },
      database(),
      FuzzTarget(
        name: "server entry",
        corpus: ["LB1@host:2712", "host", "01@[::1]:2712"].map { Array($0.utf8) }
      ) { bytes in
        let entry: ServerEntry
        do throws(InvalidValue) {
          entry = try ServerEntry(String(decoding: bytes, as: UTF8.self))
        } catch {
          try checkWords(error.description)
          return false
        }
        try promise((1...65_535).contains(entry.address.port), "a port that is none")
        return true
      },
      FuzzTarget(
        name: "shown text", corpus: ["Ana", "Zoë \u{202E}x", "a\u{1B}[2J"].map { Array($0.utf8) }
      ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let clean = PlainText.cleaned(text)
        try promise(
          !clean.unicodeScalars.contains(where: PlainText.isUnfit), "it is not clean")
        try promise(
          clean.unicodeScalars.count == text.unicodeScalars.count, "something is lost of it")
        let checked = try? PlainText.checked(text, field: "user")
        try promise(checked == nil || checked == clean, "it was let in, and is not clean")
        return checked != nil
      },
    ]
  }

  private static func database() -> FuzzTarget {
    let corpus = [
      "sqlite:/var/lib/aos/cluster.db", "sqlite:cluster.db", "postgres://ana@host:5432/aos",
      "postgres://host/aos?sslmode=verify-full&passfile=%2Fetc%2Fpass",
      "postgres://ana:geheim@host/aos",
    ]
    return FuzzTarget(name: "database", corpus: corpus.map { Array($0.utf8) }) { bytes in
      let database: DatabaseURL
      do throws(InvalidValue) {
        database = try DatabaseURL(String(decoding: bytes, as: UTF8.self))
      } catch {
        try checkWords(error.description)
        try promise(!error.description.contains("geheim"), "the refusal repeats a password")
        return false
      }
      try checkWords(database.description, longest: 5_000)
      return true
    }
  }
}

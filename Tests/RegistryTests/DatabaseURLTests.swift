import Testing

@testable import ClusterModel
@testable import Registry

@Suite struct DatabaseURLTests {
  @Test(
    "a file is named with or without a directory",
    arguments: [
      ("sqlite:/var/lib/aos/cluster.db", "/var/lib/aos/cluster.db"),
      ("sqlite:///var/lib/aos/cluster.db", "/var/lib/aos/cluster.db"),
      ("sqlite:cluster.db", "./cluster.db"),
      ("sqlite:./cluster.db", "./cluster.db"),
      ("sqlite:a b/ü.db", "./a b/ü.db"),
      // SQLite would take these for a URI and a special name.
      ("sqlite:file:x?mode=memory", "./file:x?mode=memory"),
      ("sqlite::memory", "./:memory"),
    ])
  func good(text: String, path: String) throws {
    #expect(try DatabaseURL(text) == .sqlite(path: path))
  }

  @Test(
    "anything else is refused, and the option named",
    arguments: [
      ("", "must be sqlite:FILE or postgres://USER@HOST/DATABASE"),
      ("cluster.db", "must be sqlite:FILE or postgres://USER@HOST/DATABASE"),
      ("SQLITE:cluster.db", "must be sqlite:FILE or postgres://USER@HOST/DATABASE"),
      ("mysql://user@host/aos", "must be sqlite:FILE or postgres://USER@HOST/DATABASE"),
      ("sqlite", "must be sqlite:FILE or postgres://USER@HOST/DATABASE"),
      ("sqlite:", "must name a file after sqlite:"),
      ("sqlite:///", "must name a file after sqlite:"),
      ("sqlite:/var/lib/", "must name a file after sqlite:"),
      ("sqlite://host/cluster.db", "must name a file after sqlite:"),
      ("sqlite::memory:", "must be a file: memory does not last"),
      ("sqlite:a\nb", "holds a control character or a direction mark"),
      ("sqlite:a\0b", "holds a control character or a direction mark"),
      ("sqlite:" + String(repeating: "x", count: 4_001), "is longer than 4000 bytes"),
    ])
  func bad(text: String, complaint: String) {
    #expect(throws: InvalidValue(field: "--database", complaint: complaint)) {
      try DatabaseURL(text)
    }
  }
}

@Suite struct PostgresAddressTests {
  private typealias Server = PostgresAddress.Server

  @Test(
    "a server is named by user, host, port and database",
    arguments: [
      ("postgres://aos@db.example/prod", "aos", "db.example", nil, "prod"),
      ("postgresql://aos@db.example:6543/prod", "aos", "db.example", 6543, "prod"),
      ("postgres://db.example/prod", nil, "db.example", nil, "prod"),
      ("postgres://a%40b@[::1]:5432/p%20q", "a@b", "::1", 5432, "p q"),
      ("postgres://aos@%2Frun%2Fpostgresql/prod", "aos", "/run/postgresql", nil, "prod"),
      ("postgres://:6543/prod", nil, nil, 6543, "prod"),
    ] as [(String, String?, String?, Int?, String)])
  func good(text: String, user: String?, host: String?, port: Int?, database: String) throws {
    let url = try DatabaseURL(text)
    #expect(url.kind == .postgres)
    let server = Server(host: host, port: port)
    #expect(url == .postgres(PostgresAddress(user: user, servers: [server], database: database)))
  }

  @Test("several servers are named one after the other, each with its own port")
  func several() throws {
    let text = "postgres://aos@h1:5432,h2:5433,[fe80::1]:5434,h4,%2Frun%2Fpg/aos"
    let servers = [
      Server(host: "h1", port: 5_432), Server(host: "h2", port: 5_433),
      Server(host: "fe80::1", port: 5_434), Server(host: "h4"), Server(host: "/run/pg"),
    ]
    let address = PostgresAddress(user: "aos", servers: servers, database: "aos")
    #expect(try DatabaseURL(text) == .postgres(address))
    #expect(address.description == "postgres://aos@h1:5432,h2:5433,[fe80::1]:5434,h4,/run/pg/aos")
    #expect(
      try DatabaseURL("postgres:///aos")
        == .postgres(
          PostgresAddress(user: nil, servers: [], database: "aos")))
  }

  @Test(
    "of several servers one that takes changes is asked for, and no other",
    arguments: [
      ("any", true), ("read-write", true), ("primary", true), ("read-only", false),
      ("standby", false), ("prefer-standby", false), ("king", false),
    ])
  func attributes(word: String, isTaken: Bool) {
    let url = try? DatabaseURL("postgres://h1,h2/aos?target_session_attrs=\(word)")
    #expect((url != nil) == isTaken)
  }

  @Test("how the connection is protected may be set, and is not shown")
  func settings() throws {
    let text = "postgres://aos@db/prod?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
    guard case .postgres(let address) = try DatabaseURL(text) else {
      Issue.record("not of this kind")
      return
    }
    #expect(address.settings == ["sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"])
    #expect(address.description == "postgres://aos@db/prod")
  }

  @Test(
    "a server on another machine must prove its name, unless the URL says otherwise",
    arguments: [
      ("postgres://aos@db/prod", [:], "verify-full"),
      ("postgres://aos@10.0.0.9/prod", [:], "verify-full"),
      ("postgres://aos@127.0.0.1:5432,db:5433/prod", [:], "verify-full"),
      ("postgres:///prod", ["PGHOST": "db"], "verify-full"),
      ("postgres://aos@db/prod?sslmode=disable", [:], nil),
      ("postgres://aos@db/prod", ["PGSSLMODE": "require"], nil),
      ("postgres://aos@127.0.0.1/prod", [:], nil), ("postgres://aos@[::1]/prod", [:], nil),
      ("postgres://aos@localhost/prod", [:], nil), ("postgres:///prod", [:], nil),
      ("postgres://aos@%2Fvar%2Frun%2Fpg/prod", [:], nil),
    ] as [(String, [String: String], String?)])
  func protection(text: String, environment: [String: String], mode: String?) throws {
    guard case .postgres(let address) = try DatabaseURL(text) else {
      Issue.record("not of this kind")
      return
    }
    #expect(address.protection(environment: environment) == mode)
  }

  @Test("a password is refused, and not repeated", arguments: ["postgres", "postgresql"])
  func password(scheme: String) {
    let error = #expect(throws: InvalidValue.self) {
      try DatabaseURL("\(scheme)://aos:s3cret@db.example/prod")
    }
    #expect(error?.description.contains("password file") == true)
    #expect(error?.description.contains("s3cret") == false)
  }

  @Test(
    "anything else is refused",
    arguments: [
      "postgres:", "postgres://", "postgres://host", "postgres://host/", "postgres://host/a/b",
      "postgres://@host/db", "postgres://host:0/db", "postgres://host:65536/db",
      "postgres://host:x/db", "postgres://[::1]x/db", "postgres://ho%zzst/db",
      "postgres://ho%ffst/db", "postgres://ho%00st/db", "postgres://host/db?password=s3cret",
      "postgres://host/db?sslmode", "postgres://host/db?sslmode=a&sslmode=b",
      "postgres://host/db?sslmode=no", "postgres://host/db?sslmode=Require",
      "postgres://host/db?sslmode=", "postgres://ho%", "postgres://host/d\nb",
      "postgres://h1,,h2/db", "postgres://h1,/db", "postgres://,h1/db", "postgres://h1,:5432/db",
      "postgres://h1:5432,h2:x/db", "postgres://h1%2Ch2/db", "postgres://h1:5432:5433/db",
      "postgres://" + String(repeating: "h,", count: 16) + "h/db",
    ])
  func bad(text: String) {
    let error = #expect(throws: InvalidValue.self) { try DatabaseURL(text) }
    #expect(error?.field == "--database")
    #expect(error?.description.contains("s3cret") == false)
  }
}

@Suite struct PostgresFaultTests {
  @Test(
    "an error of the server changed nothing, and says whether the connection is still good",
    arguments: [
      ("55P03", true), ("40P01", true), ("53100", true), ("57014", true), ("22003", true),
      ("25006", false), ("42P01", false), ("08006", false),
    ])
  func errors(state: String, keepsConnection: Bool) {
    let fault = DatabaseFault(state: state, message: "m", endsSession: false)
    #expect(fault.keepsConnection == keepsConnection)
    #expect(fault.failure(of: "db") == .unavailable("db \(fault.complaint)"))
    #expect(!DatabaseFault(state: state, message: "m", endsSession: true).keepsConnection)
  }

  @Test("each wait for the next attempt is twice as long, up to the longest")
  func waits() {
    var waits = RetryWaits(PostgresOptions())
    var random = SplitMix64(seed: 1)
    for step in [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000] {
      #expect((step * 3 / 4...step).contains(waits.nextWait(using: &random)))
    }
  }
}

@Suite struct SQLiteFaultTests {
  @Test(
    "a fault before COMMIT changed nothing, whatever it is",
    arguments: [1, 5, 7, 8, 10, 11, 13, 14, 26] as [Int32])
  func working(code: Int32) {
    let failure = DatabaseFault(code: code, message: "m", committing: false).failure(of: "f.db")
    #expect(failure != .outcomeUnknown(failure.description))
    #expect(failure.description.hasPrefix("f.db "))
  }

  @Test("a lock or a full disk stops COMMIT before it counts", arguments: [5, 13] as [Int32])
  func stopped(code: Int32) {
    let failure = DatabaseFault(code: code, message: nil, committing: true).failure(of: "f.db")
    #expect(failure != .outcomeUnknown(failure.description))
  }

  @Test("any other fault within COMMIT leaves open the result", arguments: [1, 8, 10, 11, 14])
  func open(code: Int32) {
    let failure = DatabaseFault(code: code, message: "m", committing: true).failure(of: "f.db")
    #expect(failure == .outcomeUnknown(failure.description))
  }
}

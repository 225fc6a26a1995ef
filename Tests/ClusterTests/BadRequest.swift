import ClusterAPI
import ClusterClient
import ClusterModel

/// A request that a balancer must refuse, and the problem that it must give.
struct BadRequest: Sendable, CustomStringConvertible {
  var method: ClusterConnection.Method
  var path: String
  var body: String?
  var type = "application/json"
  var headers: [String: String] = [:]
  var problem: ProblemName

  init(
    _ method: ClusterConnection.Method, _ path: String, _ body: String? = nil,
    type: String = "application/json", headers: [String: String] = [:],
    _ problem: ProblemName = .invalidRequest
  ) {
    (self.method, self.path, self.body) = (method, path, body)
    (self.type, self.headers, self.problem) = (type, headers, problem)
  }

  init(_ method: ClusterConnection.Method, _ path: String, _ problem: ProblemName) {
    self.init(method, path, nil, problem)
  }

  var description: String { "\(method.rawValue) \(path) \(body?.prefix(60) ?? "") \(headers)" }

  /// The right body of every route that changes something; with it alone the change happens.
  static let changes: [(ClusterConnection.Method, String, String)] = [
    (
      .put, "/v1/instances/AOS07",
      #"{"address":"h:1","role":"server","services":["batch"],"#
        + #""startedAt":"2026-01-01T00:00:00.000Z"}"#
    ),
    (.post, "/v1/instances", #"{"id":"AOS08","address":"127.0.0.1:9"}"#),
    (.post, "/v1/drain", #"{"ids":["AOS01"]}"#), (.post, "/v1/enable", #"{"ids":["AOS01"]}"#),
    (.post, "/v1/instances/AOS01/drain", "{}"), (.post, "/v1/instances/AOS01/enable", "{}"),
    (.put, "/v1/instances/AOS01/limit", #"{"maximum":5}"#), (.put, "/v1/license", #"{"seats":9}"#),
  ]

  /// What no body may be, whatever the route.
  static let noBodies: [BadRequest] = changes.flatMap { method, path, good -> [BadRequest] in
    let wrong: [String] = [
      "", "{", "nonsense", "null", "[]", "7", #""text""#, "\u{0}", good + "x", "[" + good + "]",
      String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 50_000),
    ]
    let types = [
      "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", " ",
      "application/json; charset=iso-8859-1", #"application/json;Charset="UTF-16""#,
      "application/json; a=b; charset=", "application/json; charset=utf-8x",
    ]
    let origins = ["http://localhost", "null"]
    // The body of a join is short.
    let most = path.hasSuffix("/AOS07") ? Limits.joinBytes : Int.max
    var requests = wrong.map {
      BadRequest(method, path, $0, $0.utf8.count > most ? .tooLarge : .invalidRequest)
    }
    requests += types.map { BadRequest(method, path, good, type: $0) }
    requests += origins.map {
      BadRequest(method, path, good, headers: ["Origin": $0], .forbidden)
    }
    return requests
  }

  /// Fields of a wrong type, out of range, or with signs that no terminal should get.
  static let fields: [BadRequest] =
    admission("drain") + admission("enable") + adding
    + bodies(
      .put, "/v1/instances/AOS01/limit",
      [
        "{}", #"{"maximum":-1}"#, #"{"maximum":65536}"#, #"{"maximum":1.5}"#, #"{"maximum":"5"}"#,
        #"{"maximum":true}"#, #"{"maximum":1e30}"#, #"{"maximum":99999999999999999999999}"#,
        #"{"maximum":[]}"#,
      ])
    + bodies(
      .post, "/v1/limit",
      [
        "{}", #"{"maximum":5}"#, #"{"ids":[],"maximum":5}"#, #"{"ids":["AOS01"]}"#,
        #"{"ids":["a b"],"maximum":5}"#, #"{"ids":"AOS01","maximum":5}"#,
        #"{"ids":["AOS01"],"maximum":-1}"#, #"{"ids":["AOS01"],"maximum":5,"acknowledge":["all"]}"#,
      ])
    + bodies(
      .post, "/v1/remove",
      [
        "{}", #"{"ids":[]}"#, #"{"ids":[1]}"#, #"{"ids":["AOS01"],"force":"yes"}"#,
        #"{"ids":["AOS01"],"force":true,"acknowledge":[1]}"#,
      ])
    + bodies(.put, "/v1/instances/AOS01/limit", [#"{"ids":["AOS02"],"maximum":5}"#])
    + bodies(
      .put, "/v1/license",
      [
        "{}", #"{"seats":-1}"#, #"{"seats":1000001}"#, #"{"seats":"many"}"#, #"{"seats":0.5}"#,
      ])
    + bodies(.put, "/v1/instances/AOS07", join)

  private static let adding = bodies(
    .post, "/v1/instances",
    [
      "{}", #"{"id":"AOS08"}"#, #"{"address":"h:1"}"#, #"{"id":8,"address":"h:1"}"#,
      #"{"id":"","address":"h:1"}"#, #"{"id":"-a","address":"h:1"}"#,
      #"{"id":"a\u0007","address":"h:1"}"#, #"{"id":"a\u202eb","address":"h:1"}"#,
      #"{"id":"../../x","address":"h:1"}"#,
      #"{"id":"\#(String(repeating: "a", count: 65))","address":"h:1"}"#,
      #"{"id":"A","address":"h"}"#, #"{"id":"A","address":"h:0"}"#,
      #"{"id":"A","address":"h:65536"}"#, #"{"id":"A","address":"h:-1"}"#,
      #"{"id":"A","address":"h:99999999999999999999"}"#, #"{"id":"A","address":":1"}"#,
      #"{"id":"A","address":"::1:1"}"#, #"{"id":"A","address":"[::1:1"}"#,
      #"{"id":"A","address":"a b:1"}"#, #"{"id":"A","address":"a\r\nb:1"}"#,
      #"{"id":"A","address":"h/x:1"}"#, #"{"id":"A","address":7}"#,
      #"{"id":"A","address":"h:1","accept":"yes"}"#, #"{"id":"A","address":"h:1","accept":1}"#,
    ])

  /// A join with one field that is wrong; null where it is missing.
  private static let join = [
    ("address", "null"), ("address", "5"), ("address", #""nowhere""#), ("role", "null"),
    ("role", #""king""#), ("role", #""loadBalancer""#), ("services", "null"),
    ("services", #""batch""#), ("services", #"["print"]"#), ("services", "[]"),
    ("maximum", "-1"), ("maximum", "65536"), ("maximum", #""3""#), ("maximum", "0.5"),
    ("servicesAddress", #""nowhere""#), ("version", #""1\u0007""#), ("version", #""\u2066x""#),
    ("version", "\"\(String(repeating: "1", count: 129))\""), ("startedAt", "null"),
    ("startedAt", #""now""#), ("startedAt", "5"),
  ].map { name, value -> String in
    var fields: [String: String] = [
      "address": #""h:1""#, "role": #""server""#, "services": #"["batch"]"#, "maximum": "3",
      "startedAt": #""2026-01-01T00:00:00.000Z""#,
    ]
    fields[name] = value
    return "{" + fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  private static func bodies(
    _ method: ClusterConnection.Method, _ path: String, _ bodies: [String]
  ) -> [BadRequest] {
    bodies.map { BadRequest(method, path, $0) }
  }

  private static func admission(_ verb: String) -> [BadRequest] {
    let long = String(repeating: "a", count: 501)
    let fields = [
      #""reason":5"#, #""reason":"a\u0000b""#, #""reason":"a\u001b[2Jb""#,
      #""reason":"a\u202eb""#, #""reason":"\#(long)""#, #""message":"\u2067x""#,
      #""message":"\r\n""#, #""message":["x"]"#, #""reason":" ""#, #""message":"\u3000\u00a0""#,
      #""reason":"\ue000""#, #""message":"\u0378""#, #""message":"\#(long)""#,
      #""closeIdleAfterSeconds":0"#, #""closeIdleAfterSeconds":-5"#,
      #""closeIdleAfterSeconds":86401"#, #""closeIdleAfterSeconds":1.5"#,
      #""closeIdleAfterSeconds":"2m""#, #""closeIdleAfterSeconds":1e300"#,
      #""deadline":"tomorrow""#, #""deadline":99999"#, #""deadline":"2026-02-30T00:00:00Z""#,
      #""untilRestart":"yes""#, #""untilRestart":1"#, #""acknowledge":"lastServer""#,
      #""acknowledge":["everything"]"#, #""acknowledge":[1]"#,
      verb == "drain" ? #""deadline":"2001-01-01T00:00:00.000Z""# : #""deadline":{}"#,
    ]
    let ids = [
      "{}", #"{"ids":[]}"#, #"{"ids":"AOS01"}"#, #"{"ids":[1]}"#, #"{"ids":[null]}"#,
      #"{"ids":[""]}"#, #"{"ids":["a b"]}"#, #"{"ids":["A\u0007"]}"#, #"{"ids":["\u202eA"]}"#,
      #"{"ids":["AOS01","../x"]}"#,
      #"{"ids":[\#(Array(repeating: #""AOS01""#, count: 10_001).joined(separator: ","))]}"#,
    ]
    return bodies(.post, "/v1/\(verb)", ids)
      + bodies(.post, "/v1/\(verb)", fields.map { #"{"ids":["AOS01"],\#($0)}"# })
      + bodies(.post, "/v1/instances/AOS01/\(verb)", fields.map { "{\($0)}" })
      + [
        BadRequest(.post, "/v1/instances/AOS01/\(verb)", #"{"ids":["AOS02"]}"#),
        BadRequest(.post, "/v1/\(verb)", #"{"ids":["AOS01","AOS99"]}"#, .unknownInstance),
        BadRequest(.post, "/v1/\(verb)", #"{"ids":["LB1"]}"#, .dedicatedLoadBalancer),
        BadRequest(.post, "/v1/instances/AOS99/\(verb)", "{}", .unknownInstance),
        BadRequest(.post, "/v1/instances/a%20b/\(verb)", "{}"),
        BadRequest(.post, "/v1/instances/%2e%2e/\(verb)", "{}"),
        BadRequest(.post, "/v1/instances/%00/\(verb)", "{}"),
      ]
  }

  /// Queries, headers, paths and methods.
  static let rest: [BadRequest] = [
    BadRequest(.post, "/v1/drain?dryRun=maybe", #"{"ids":["AOS01"]}"#),
    BadRequest(.post, "/v1/drain?acknowledge=all", #"{"ids":["AOS01"]}"#),
    BadRequest(.delete, "/v1/instances/AOS01?force=maybe"),
    BadRequest(.delete, "/v1/instances/AOS01?force=true", headers: ["Origin": "x"], .forbidden),
    BadRequest(.delete, "/v1/instances/AOS01", .notDrained),
    BadRequest(.delete, "/v1/instances/AOS99?force=true", .unknownInstance),
    BadRequest(.delete, "/v1/instances/LB1?force=true", .stillRunning),
    BadRequest(.put, "/v1/instances/AOS99/limit", #"{"maximum":1}"#, .unknownInstance),
    BadRequest(.put, "/v1/instances/LB1/limit", #"{"maximum":1}"#, .dedicatedLoadBalancer),
    BadRequest(
      .post, "/v1/instances", #"{"id":"AOS01","address":"127.0.0.1:9"}"#, .alreadyExists),
    BadRequest(.get, "/v1/instances/AOS99/sessions", .unknownInstance),
    BadRequest(.get, "/v1/instances/LB1/sessions", .dedicatedLoadBalancer),
    BadRequest(.delete, "/v1/instances/AOS01/sessions/nobody", .unknownSession),
    BadRequest(.delete, "/v1/instances/AOS01/sessions/a%07b"),
    BadRequest(.delete, "/v1/instances/AOS01/sessions/x", headers: ["Origin": "x"], .forbidden),
    BadRequest(.get, "/v1/handshake?kind=king"), BadRequest(.get, "/v1/handshake?kind="),
    BadRequest(.get, "/v1/handshake?kind=service", .rpcOnly),
    BadRequest(.get, "/v1/history?minutes=0"), BadRequest(.get, "/v1/history?minutes=61"),
    BadRequest(.get, "/v1/history?minutes=x"), BadRequest(.get, "/v1/actions?limit=0"),
    BadRequest(.get, "/v1/actions?limit=1001"), BadRequest(.get, "/v1/actions?limit=-1"),
    BadRequest(.get, "/v1/actions?limit=99999999999999999999"),
    BadRequest(.get, "/v1/events?limit=0"), BadRequest(.get, "/v1/events?limit=1001"),
    BadRequest(.get, "/v1/events?before=x"), BadRequest(.get, "/v1/events?instance=a%20b"),
    BadRequest(.get, "/v1/sessions"), BadRequest(.get, "/v1/sessions?user="),
    BadRequest(.get, "/v1/sessions?user=a%07"), BadRequest(.get, "/v1/sessions?user=a&user=b"),
    BadRequest(.post, "/v1/sessions/end", "{}"),
    BadRequest(.post, "/v1/sessions/end", #"{"sessions":[]}"#),
    BadRequest(.post, "/v1/sessions/end", #"{"sessions":[{"instance":"AOS01"}]}"#),
    BadRequest(
      .post, "/v1/sessions/end",
      #"{"sessions":["#
        + String(repeating: #"{"instance":"AOS01","session":"x"},"#, count: 100)
        + #"{"instance":"AOS01","session":"x"}]}"#),
    BadRequest(
      .post, "/v1/sessions/end", #"{"sessions":[{"instance":"AOS01","session":"x"}],"all":true}"#),
    BadRequest(
      .post, "/v1/sessions/end", #"{"sessions":[{"instance":"AOS01","session":"x","id":1}]}"#),
    BadRequest(.post, "/v1/handshake", "{"), BadRequest(.post, "/v1/handshake", "[]"),
    BadRequest(.post, "/v1/handshake", #"{"kind":"king"}"#),
    BadRequest(.post, "/v1/handshake", #"{"kind":5}"#),
    BadRequest(.post, "/v1/handshake", #"{"user":"a\u0007"}"#),
    BadRequest(.post, "/v1/handshake", #"{"computer":"\u202ecp"}"#),
    BadRequest(.post, "/v1/handshake", #"{"user":"\#(String(repeating: "u", count: 129))"}"#),
    BadRequest(.post, "/v1/handshake", #"{"kind":"service"}"#, .rpcOnly),
    BadRequest(.post, "/v1/sessions", "{}", .dedicatedLoadBalancer),
    BadRequest(.get, "/", .unknownRoute), BadRequest(.get, "/v1", .unknownRoute),
    BadRequest(.get, "/v2/status", .unknownRoute), BadRequest(.get, "/V1/STATUS", .unknownRoute),
    BadRequest(.post, "/v1/nothing", "{}", .unknownRoute),
    BadRequest(.get, "/v1/../v1/nothing", .unknownRoute),
    BadRequest(.delete, "/v1/status", .methodNotAllowed),
    BadRequest(.post, "/livez", "{}", .methodNotAllowed),
    BadRequest(.get, "/v1/drain", .methodNotAllowed),
    BadRequest(.put, "/v1/handshake", "{}", .methodNotAllowed),
    BadRequest(.get, "/v1/instances/AOS01/limit", .methodNotAllowed),
  ]
}

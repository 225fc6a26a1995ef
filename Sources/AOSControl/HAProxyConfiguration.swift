internal import ClusterModel

/// A configuration with which HAProxy sends the services of a cluster to its servers.
///
/// The weight of each server comes from its agent. Whether the server works is checked separately,
/// at the services and then at the agent, since HAProxy keeps the last weight of an agent that does
/// not answer (configuration.txt, agent-check).
struct HAProxyConfiguration {
  struct Server {
    var id: InstanceID
    var services: Address
    var agent: Address

    /// The host of the agent. HAProxy needs brackets around an IPv6 host here, too.
    var agentHost: String { agent.host.contains(":") ? "[\(agent.host)]" : agent.host }

    /// The id in the characters that HAProxy allows: ASCII letters, digits, `-`, `.` and `_`. Every
    /// other byte, and the underscore itself, becomes `_` and two hexadecimal digits, so that no
    /// two ids have the same name.
    var name: String {
      id.text.utf8.reduce(into: "") { name, byte in
        let character = Character(UnicodeScalar(byte))
        let isPlain = character.isASCII && (character.isLetter || character.isNumber)
        if isPlain || "-.".contains(character) {
          name.append(character)
        } else {
          let digits = String(byte, radix: 16, uppercase: true)
          name += digits.count < 2 ? "_0\(digits)" : "_\(digits)"
        }
      }
    }
  }

  let cluster: String
  /// Nil: port 8080 of every address of the machine.
  let listen: Address?
  let httpCheck: HTTPCheckPath?
  /// Ascending by id.
  private(set) var servers: [Server] = []
  /// The servers that are left out, and why; a line for each.
  private(set) var leftOut: [String] = []

  init(of snapshot: ClusterSnapshot, listen: Address?, httpCheck: HTTPCheckPath?) {
    cluster = PlainText.cleaned(snapshot.cluster)
    self.listen = listen
    self.httpCheck = httpCheck
    for instance in snapshot.instances where !instance.role.isLoadBalancer {
      switch (instance.servicesAddress, instance.agentAddress) {
      case (let services?, let agent?):
        servers.append(Server(id: instance.id, services: services, agent: agent))
      case (nil, _): leftOut.append("\(instance.id) is left out: it has no --services-address")
      case (_, nil): leftOut.append("\(instance.id) is left out: it has no --agent-listen")
      }
    }
  }

  /// The lines of the file.
  var lines: [String] {
    leftOut.map { "# \($0)" } + header + ["", "backend services", "  balance roundrobin"]
      + servers.map { server in
        "  server \(server.name) \(server.services) weight 100 track check-\(server.name)/"
          + "\(server.name) agent-check agent-addr \(server.agentHost) "
          + "agent-port \(server.agent.port) agent-inter 1s"
      }
      + servers.flatMap { [""] + check(of: $0) }
  }

  private var header: [String] {
    [
      "# The services of the cluster \(cluster), as aosctl services haproxy printed them.",
      "# A weight that you set by hand needs `disable agent services/SERVER` first.",
      "",
      "defaults",
      "  mode tcp",
      "  timeout connect 5s",
      "  timeout check 2s",
      "  timeout client 1h",
      "  timeout server 1h",
      "  option redispatch",
      "  default-server init-addr last,libc,none",
      "",
      "frontend services",
      "  bind \(listen.map(\.description) ?? ":8080")",
      "  default_backend services",
    ]
  }

  /// The check of one server: first its services, then its agent.
  private func check(of server: Server) -> [String] {
    var steps = ["  tcp-check connect"]
    if let httpCheck {
      steps += [
        "  tcp-check send \"GET \(httpCheck.text) HTTP/1.0\\r\\nHost: "
          + "\(server.services)\\r\\n\\r\\n\"",
        "  tcp-check expect rstring \"^HTTP/1\\.[01] [123]\"",
      ]
    }
    return ["backend check-\(server.name)", "  option tcp-check"] + steps + [
      "  tcp-check connect addr \(server.agentHost) port \(server.agent.port)",
      "  tcp-check expect rstring \"^up \"",
      "  server \(server.name) \(server.services) check inter 1s fall 2 rise 1",
    ]
  }
}

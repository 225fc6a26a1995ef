internal import AsyncHTTPClient
internal import ClusterModel
internal import Glibc
internal import NIOCore
internal import NIOHTTP1

extension ClusterConnection {
  /// Sends a request to the first number of the host that accepts a connection.
  ///
  /// Names are looked up here and not by AsyncHTTPClient: that has one thread for lookups, and one
  /// name that nobody answers would hold up all others. The head still names the host, and the
  /// certificate must be for its name.
  ///
  /// - Returns: The head of the answer, and an object to keep until its body was read.
  func execute(
    _ request: HTTPClientRequest, for purpose: HTTPTransport.Purpose, deadline: NIODeadline
  ) async throws -> (HTTPClientResponse, OwnedClient) {
    guard let address = endpoint.address, HostLookup.number(address.host) == nil else {
      let client = try transport.client(for: purpose)
      let response = try await client.http.execute(request, deadline: deadline)
      return (response, client)
    }
    let numbers = try await transport.hosts.numbers(
      of: address.host, payer: payer, within: transport.connectMilliseconds)
    var first: (any Error)?
    for number in numbers {
      do {
        return try await execute(request, for: purpose, at: number, of: address, deadline)
      } catch let failure where isNoConnection(failure) {
        transport.hosts.refused(number, of: address.host)
        first = first ?? failure
      }
    }
    throw first ?? ClientFailure.unreachable("the name \(address.host) is not known")
  }

  private func execute(
    _ request: HTTPClientRequest, for purpose: HTTPTransport.Purpose, at number: String,
    of address: Address, _ deadline: NIODeadline
  ) async throws -> (HTTPClientResponse, OwnedClient) {
    var request = request
    var place: HTTPTransport.Place?
    if case .https = endpoint {
      place = HTTPTransport.Place(name: address.host, number: number)
    } else {
      let there = try Address(host: number, port: address.port)
      request.headers.add(name: "Host", value: "\(address)")
      request.url = "http://\(there)" + request.url.dropFirst(endpoint.urlPrefix.count)
    }
    let client = try transport.client(for: purpose, at: place)
    let response = try await client.http.execute(request, deadline: deadline)
    return (response, client)
  }
}

extension Endpoint {
  /// Nil for a Unix socket.
  fileprivate var address: Address? {
    switch self {
    case .unix: nil
    case .http(let address), .https(let address): address
    }
  }
}

/// Whether no connection was made, so that nobody has seen the request and another number may be
/// tried.
private func isNoConnection(_ error: any Error) -> Bool {
  switch error {
  case let error as HTTPClientError: error == .connectTimeout
  case ChannelError.connectTimeout: true
  case let error as IOError:
    [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL, EAFNOSUPPORT]
      .contains(error.errnoCode)
  default: false
  }
}

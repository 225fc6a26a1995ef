internal import Hummingbird
internal import NIOCore

extension ServiceRoute {
  /// The description of every route of both daemons, which the program carries inside.
  static let document = ServiceRoute(.get, "/openapi.yaml", .open) { _, _ in
    Response(bytes: documentBytes, contentType: "application/yaml")
  }

  /// Shared by all answers, even by those that nobody reads.
  private static let documentBytes = ByteBuffer(bytes: PackageResources.openapi_yaml)
}

internal import Hummingbird
internal import NIOCore

extension ServiceRoute {
  /// The document of every route of both daemons, which is part of the program.
  static let document = ServiceRoute(.get, "/openapi.yaml", .open) { _, _ in
    Response(bytes: documentBytes, contentType: "application/yaml")
  }

  /// All answers share this buffer, even those that nobody reads.
  private static let documentBytes = ByteBuffer(bytes: PackageResources.openapi_yaml)
}

internal import Hummingbird

extension ServiceRoute {
  /// The description of every route of both daemons, which the program carries inside.
  static let document = ServiceRoute(.get, "/openapi.yaml", .open) { _, _ in
    Response(bytes: PackageResources.openapi_yaml, contentType: "application/yaml")
  }
}

import HTTP

extension Route {
  /// The OpenAPI document of all routes: what programs are made from, and what tests compare the routes with.
  static let description = Route("GET", "/v1/openapi.json", .open) {
    _ throws(CoordinatorError) in
    HTTPResponse(
      status: 200, headers: [("Content-Type", "application/json")],
      body: .bytes(PackageResources.openapi_json))
  }
}

/// How a run of the dashboard was asked for. Fixed while it runs.
package struct DashboardOptions: Equatable, Sendable {
  /// No mutating key works, and `w` cannot change that.
  package var isReadOnly: Bool
  /// As typed after `/`; a leading `!` inverts.
  package var filter: String
  package var sort: SortOrder
  /// From which load on an instance is busy.
  package var thresholds: LoadThresholds
  /// A new alert rings the terminal's bell.
  package var rings: Bool
  /// Every character on the screen is ASCII.
  package var isASCII: Bool
  /// Attributes only.
  package var isColorless: Bool
  /// The mouse is the program's.
  package var usesMouse: Bool
  /// The balancers it may watch, as the operator named them.
  package var endpoints: [String]
  /// The file that the feed is kept in.
  package var record: String?
  /// The recording that is shown instead of a cluster.
  package var replay: String?
  /// Version of this program.
  package var version: String

  package init(
    isReadOnly: Bool = false, filter: String = "", sort: SortOrder = .byID,
    thresholds: LoadThresholds = LoadThresholds(), rings: Bool = false,
    isASCII: Bool = false, isColorless: Bool = false, usesMouse: Bool = false,
    endpoints: [String] = [],
    record: String? = nil, replay: String? = nil, version: String = ""
  ) {
    self.isReadOnly = isReadOnly
    self.filter = filter
    self.sort = sort
    self.thresholds = thresholds
    self.rings = rings
    self.isASCII = isASCII
    self.isColorless = isColorless
    self.usesMouse = usesMouse
    self.endpoints = endpoints
    self.record = record
    self.replay = replay
    self.version = version
  }
}

/// The options of a run of the dashboard, which do not change while it runs.
package struct DashboardOptions: Equatable, Sendable {
  /// Whether no key changes the cluster, and `w` cannot allow that.
  package var isReadOnly: Bool
  /// The text after `/`; a leading `!` inverts it.
  package var filter: String
  package var sort: SortOrder
  /// The load from which an instance is busy.
  package var thresholds: LoadThresholds
  /// Whether a new alert rings the terminal's bell.
  package var rings: Bool
  /// Whether the screen has only ASCII characters.
  package var isASCII: Bool
  /// Whether to use attributes and no colours.
  package var isColorless: Bool
  /// Whether the program uses the mouse.
  package var usesMouse: Bool
  /// The balancers that it may watch, as the operator named them.
  package var endpoints: [String]
  /// The file of the recording.
  package var record: String?
  /// The recording that is shown instead of a cluster.
  package var replay: String?
  /// The version of this program.
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

/// The place that gets the keys: what an operator looks at, or what waits for an answer.
enum Place: Hashable, Sendable, CaseIterable {
  case instances, list, actions, sessions, cluster
  /// Texts that fill the screen. In the details the keys can be about one of the sessions.
  case detail, picking, alerts, help
  case filter, time, find, sessionFilter
  /// Searching for a command.
  case palette
  /// A dialog, by its focused part: a button, a box to tick, or a text field.
  case question, box, field
  /// The screen is too small for any picture.
  case unseen

  init(_ pane: Pane) {
    switch pane {
    case .instances: self = .instances
    case .list: self = .list
    case .actions: self = .actions
    case .sessions: self = .sessions
    case .cluster: self = .cluster
    }
  }

  /// The name in the title of its help.
  var title: String {
    switch self {
    case .instances: "the pane of instances"
    case .list: "the handshake list"
    case .actions: "the events"
    case .sessions: "the sessions of an instance"
    case .cluster: "the cluster over the last hour"
    case .detail, .picking: "the details of an instance"
    case .alerts: "the alerts"
    case .help: "the help"
    case .filter: "the filter"
    case .time: "the time"
    case .find: "the search for a user"
    case .sessionFilter: "the filter of the sessions"
    case .palette: "the commands"
    case .question, .box, .field: "a dialog"
    case .unseen: "a screen that is too small"
    }
  }

  /// The beginning of its help.
  var introduction: String {
    switch self {
    case .instances:
      "Every instance of the cluster. D E X M N act on the tagged instances; without tags, on "
        + "the one under the cursor. The cursor stays on its instance when rows move."
    case .list:
      "The servers in the order in which the next client tries them, then every other instance "
        + "and why it is not in the list."
    case .actions:
      "What operators did to the cluster and what happened in it, newest first. Enter opens the "
        + "instance of the event under the cursor."
    case .sessions:
      "Who is connected to the instance under the cursor of the other panes, oldest first. X "
        + "ends the session under the cursor, after a question."
    case .cluster:
      "The last hour of the whole cluster: open sessions against the places of the servers that "
        + "take clients, handshakes, and how far the loads of the servers lie apart."
    case .detail, .picking:
      "Everything about one instance. D E X M N act on this instance, whatever is tagged. Tab "
        + "goes to its sessions: there X ends the one under the cursor, after a question."
    case .alerts:
      "Active alerts, then those that are resolved. Opening this list marks all alerts as read."
    case .question, .box, .field:
      "The question, the effect of the change, and its terms. Nothing changes until you press y, "
        + "or Enter on the right button."
    case .filter, .time, .find, .sessionFilter, .palette:
      "You are typing a line. ← → Home End and Ctrl-A E move in it, Ctrl-W K U delete."
    case .help, .unseen: ""
    }
  }
}

extension Set<Place> {
  static var panes: Set { [.instances, .list, .actions, .sessions, .cluster] }
  static var texts: Set { [.detail, .picking, .alerts, .help] }
  static var dialogs: Set { [.question, .box, .field] }
  /// The places where nothing waits for an answer.
  static var watching: Set { panes.union(texts) }
  /// The places where letters are text.
  static var typing: Set { [.filter, .time, .find, .sessionFilter, .palette, .field] }
  static var everywhere: Set { Set(Place.allCases) }
}

extension Dashboard {
  /// Whether the operator types in a line below the panes.
  var isTypingLine: Bool {
    view.timeText != nil || view.findText != nil || view.isFilteringSessions
      || view.isEditingFilter
  }

  /// Where the next key goes.
  var place: Place {
    if isTooSmall { return .unseen }
    if palette != nil { return .palette }
    if view.timeText != nil, !isLineCovered { return .time }
    if view.findText != nil, !isLineCovered { return .find }
    if view.isFilteringSessions, !isLineCovered { return .sessionFilter }
    if case .help = overlay { return .help }
    if case .dialog(let dialog) = overlay { return dialog.place }
    if view.isEditingFilter { return .filter }
    switch overlay {
    case .help: return .help
    case .alerts: return .alerts
    case .detail: return isPickingSession ? .picking : .detail
    case .none, .dialog: return Place(view.pane)
    }
  }
}

extension Dialog {
  var place: Place {
    guard case .field(let name) = focus else { return .question }
    return fields.first { $0.name == name }?.isCheck == true ? .box : .field
  }
}

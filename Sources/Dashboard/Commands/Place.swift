/// Where the keys go: what an operator looks at, or what waits for an answer.
enum Place: Hashable, Sendable, CaseIterable {
  case instances, list, actions, sessions, cluster
  /// Texts that fill the screen; in the details the keys can be about one of the sessions.
  case detail, picking, alerts, help
  case filter, time, find, sessionFilter
  /// A command is looked for.
  case palette
  /// A dialog, by what of it is in focus: a button, a box to tick, or a field for text.
  case question, box, field
  /// The screen is smaller than any picture.
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

  /// As the title of its help names it.
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

  /// What its help begins with.
  var introduction: String {
    switch self {
    case .instances:
      "Every instance of the cluster. D E X M N are about the tagged ones, else about the one "
        + "under the cursor, which stays on its instance wherever the row goes."
    case .list:
      "The servers as the next client is given them, then every other instance and why it is "
        + "left out."
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
      "All that is known of one instance. D E X M N are about this one, whatever is tagged. Tab "
        + "goes to its sessions: there X ends the one under the cursor, after a question."
    case .alerts:
      "Active alerts, then those that are resolved. Opening this list marks all alerts as read."
    case .question, .box, .field:
      "What is asked, what it would do, and the terms. Nothing is changed before y, or Enter "
        + "on the right button."
    case .filter, .time, .find, .sessionFilter, .palette:
      "A text field. ← → Home End and Ctrl-A E move the cursor, Ctrl-W K U delete."
    case .help, .unseen: ""
    }
  }
}

extension Set<Place> {
  static var panes: Set { [.instances, .list, .actions, .sessions, .cluster] }
  static var texts: Set { [.detail, .picking, .alerts, .help] }
  static var dialogs: Set { [.question, .box, .field] }
  /// Where nothing waits for an answer.
  static var watching: Set { panes.union(texts) }
  /// Where letters are text.
  static var typing: Set { [.filter, .time, .find, .sessionFilter, .palette, .field] }
  static var everywhere: Set { Set(Place.allCases) }
}

extension Dashboard {
  /// A line below the panes is typed.
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

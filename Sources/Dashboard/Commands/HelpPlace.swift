/// What an operator looks at when he asks for help.
enum HelpPlace: Hashable, Sendable, CaseIterable {
  case instances, list, actions, sessions, detail, alerts

  init(_ pane: Pane) {
    switch pane {
    case .instances: self = .instances
    case .list: self = .list
    case .actions: self = .actions
    case .sessions: self = .sessions
    }
  }

  var title: String {
    switch self {
    case .instances: "the pane of instances"
    case .list: "the handshake list"
    case .actions: "the last actions"
    case .sessions: "the sessions of an instance"
    case .detail: "the details of an instance"
    case .alerts: "the alerts"
    }
  }

  var introduction: String {
    switch self {
    case .instances:
      "Every instance of the cluster. D E X M are about the tagged ones, else about the one "
        + "under the cursor, which stays on its instance wherever the row goes."
    case .list:
      "The servers as the next client is given them, then every other instance and why it is "
        + "left out."
    case .actions: "What was done to the cluster, by whom, and what came of it; newest first."
    case .sessions:
      "Who is connected to the instance under the cursor of the other panes, oldest first. X "
        + "ends the session under the cursor, after a question."
    case .detail:
      "All that is known of one instance. D E X M are about this one, whatever is tagged. Tab "
        + "goes to its sessions: there X ends the one under the cursor, after a question."
    case .alerts:
      "What happened and holds still, then what is over. To look at them is to have seen them."
    }
  }
}

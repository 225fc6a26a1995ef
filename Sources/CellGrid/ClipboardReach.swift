/// Which program got a text for the operator's clipboard. Whether it took the text is not known,
/// since no terminal answers.
package enum ClipboardReach: Hashable, Sendable {
  case terminal
  /// A tmux in between. With `set-clipboard on` it takes the text for itself and its terminal.
  case tmux
  /// The terminal has no clipboard, or would print the request.
  case none
}

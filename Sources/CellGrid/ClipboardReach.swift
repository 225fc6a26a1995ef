/// Who was given a text for the operator's clipboard. Nobody can tell whether it was taken: no
/// terminal answers.
package enum ClipboardReach: Hashable, Sendable {
  case terminal
  /// A tmux in between, which takes it for itself and its terminal where `set-clipboard` is on.
  case tmux
  /// The terminal has no clipboard, or would print the request instead of obeying it.
  case none
}

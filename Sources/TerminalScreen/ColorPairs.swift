internal import CNcurses
internal import CellGrid

/// The colour pairs of curses, created when they are needed.
struct ColorPairs {
  private struct Colors: Hashable {
    let foreground: Color?
    let background: Color?
  }

  let isColored: Bool
  /// The numbers of the terminal's own colours: −1, or white on black where they have no number.
  private let defaults: (foreground: Int16, background: Int16)
  private var known: [Colors: Int16] = [:]

  init(usesColor: Bool) {
    isColored = usesColor && has_colors() && start_color() == OK
    let keepsDefaults = isColored && use_default_colors() == OK
    defaults = keepsDefaults ? (-1, -1) : (Int16(COLOR_WHITE), Int16(COLOR_BLACK))
  }

  /// The number of the pair; 0, the terminal's own colours, where the style has no colour or no
  /// pair is left.
  mutating func pair(for style: Style) -> Int16 {
    let colors = Colors(foreground: style.foreground, background: style.background)
    guard isColored, colors != Colors(foreground: nil, background: nil) else { return 0 }
    if let pair = known[colors] { return pair }
    let next = known.count + 1
    var pair: Int16 = 0
    // The numbers of Color are those of ANSI, which curses uses as well.
    let foreground = colors.foreground.map { Int16($0.rawValue) } ?? defaults.foreground
    let background = colors.background.map { Int16($0.rawValue) } ?? defaults.background
    if next < Int(cncurses_color_pairs()), init_pair(Int16(next), foreground, background) == OK {
      pair = Int16(next)
    }
    known[colors] = pair
    return pair
  }
}

/// An enumeration that a later release may extend. A reader keeps an unknown name as text and shows
/// it, and does not reject the value that contains it.
///
/// This is for values that are only shown. Code that decides uses the closed enumeration and
/// refuses other names.
public enum OpenEnum<Known: RawRepresentable<String> & Hashable & Sendable>: Hashable, Sendable {
  case known(Known)
  /// The name as it was received, without control characters and cut to the limit.
  case unrecognized(String)

  /// - Parameter name: As it is on the wire.
  public init(_ name: String) {
    self = Known(rawValue: name).map(Self.known) ?? .unrecognized(OpenName.shown(name))
  }

  /// The known case; nil for a name that this release does not know.
  public var known: Known? {
    if case .known(let value) = self { value } else { nil }
  }

  /// The name, where this release does not know it; else nil.
  public var unrecognized: String? {
    if case .unrecognized(let name) = self { name } else { nil }
  }

  /// The name on the wire.
  public var rawValue: String {
    switch self {
    case .known(let value): value.rawValue
    case .unrecognized(let name): name
    }
  }

  public static func == (left: Self, right: Known) -> Bool { left == .known(right) }
  public static func != (left: Self, right: Known) -> Bool { left != .known(right) }
}

public func == <Known>(left: OpenEnum<Known>?, right: Known) -> Bool { left == .known(right) }
public func != <Known>(left: OpenEnum<Known>?, right: Known) -> Bool { left != .known(right) }

extension OpenEnum: CustomStringConvertible {
  public var description: String { rawValue }
}

extension OpenEnum: Codable {
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// Names of enumerations of another release.
public enum OpenName {
  /// The name in a form that may be kept and shown.
  public static func shown(_ name: String) -> String {
    PlainText.cut(name, to: Limits.unknownNameCharacters)
  }
}

/// A name of the wire that has words for a person.
public protocol Worded {
  var sentence: String { get }
}

extension OpenEnum where Known: Worded {
  /// The words for a person; the name itself where this release does not know it.
  public var sentence: String { known?.sentence ?? rawValue }
}

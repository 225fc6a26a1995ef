/// An enumeration that a later release may extend: a reader keeps a name that it does not know
/// as text and shows it, and does not reject what the name stands in.
///
/// For what is only shown. What decides takes the closed enumeration and refuses other names.
public enum OpenEnum<Known: RawRepresentable<String> & Hashable & Sendable>: Hashable, Sendable {
  case known(Known)
  /// As it was told, but for what a terminal obeys and what is over the limit.
  case unrecognized(String)

  /// - Parameter name: As it stands on the wire.
  public init(_ name: String) {
    self = Known(rawValue: name).map(Self.known) ?? .unrecognized(OpenName.shown(name))
  }

  /// Nil for a name that this release does not know.
  public var known: Known? {
    if case .known(let value) = self { value } else { nil }
  }

  /// A name that this release does not know.
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

/// Names of enumerations that come from another release.
public enum OpenName {
  /// The name as it may be kept and shown.
  public static func shown(_ name: String) -> String {
    PlainText.cut(name, to: Limits.unknownNameCharacters)
  }
}

/// What a person reads instead of a name of the wire.
public protocol Worded {
  var sentence: String { get }
}

extension OpenEnum where Known: Worded {
  /// As a person reads it; the name itself where this release does not know it.
  public var sentence: String { known?.sentence ?? rawValue }
}

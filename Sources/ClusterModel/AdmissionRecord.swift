/// What operators ordered for an instance, who did so and why.
///
/// `Name` is `Admission` where the program decides by it, and `OpenEnum<Admission>` where the
/// program only shows it.
public struct AdmissionRecord<Name: Hashable & Sendable>: Hashable, Sendable {
  /// Whether it should take new clients.
  public var admission: Name
  /// When an operator ordered this.
  public var admissionAt: Timestamp
  /// Who ordered it.
  public var admissionBy: String
  /// What kind of actor that is; nil where the record does not say.
  public var admissionByKind: ActorKind?
  /// Why, in the operator's words; nil: no reason was given.
  public var admissionReason: String?
  /// The operator's limit; nil where the instance uses its own maximum.
  public var limit: Int?
  /// The current drain, or the last one; nil where there was none.
  public var drain: Drain?

  public init(
    _ admission: Name, at: Timestamp, by: String, kind: ActorKind? = nil, reason: String? = nil,
    limit: Int? = nil, drain: Drain? = nil
  ) {
    self.admission = admission
    admissionAt = at
    admissionBy = by
    admissionByKind = kind
    admissionReason = reason
    self.limit = limit
    self.drain = drain
  }
}

extension AdmissionRecord<Admission> {
  /// The record for readers: without the drain once the instance takes clients again.
  public var shown: AdmissionRecord<OpenEnum<Admission>> {
    AdmissionRecord<OpenEnum<Admission>>(
      .known(admission), at: admissionAt, by: admissionBy, kind: admissionByKind,
      reason: admissionReason, limit: limit, drain: admission == .rejecting ? drain : nil)
  }
}

/// The fields are written beside those of the enclosing value. Every field is written; an absent
/// one is null.
extension AdmissionRecord: Codable where Name == OpenEnum<Admission> {
  private enum Key: String, CodingKey {
    case admission, admissionAt, admissionBy, admissionByKind, admissionReason, limit, drain
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    admission = try values.decode(Name.self, forKey: .admission)
    admissionAt = try values.decode(Timestamp.self, forKey: .admissionAt)
    admissionBy = PlainText.cut(try values.decode(String.self, forKey: .admissionBy))
    admissionByKind = try values.decodeIfPresent(ActorKind.self, forKey: .admissionByKind)
    admissionReason = try values.decodeCut(
      forKey: .admissionReason, to: PlainText.longestSentence)
    limit = try values.decodeCountIfPresent(forKey: .limit)
    drain = try values.decodeIfPresent(Drain.self, forKey: .drain)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(admission, forKey: .admission)
    try values.encode(admissionAt, forKey: .admissionAt)
    try values.encode(admissionBy, forKey: .admissionBy)
    try values.encode(admissionByKind, forKey: .admissionByKind)
    try values.encode(admissionReason, forKey: .admissionReason)
    try values.encode(limit, forKey: .limit)
    try values.encode(drain, forKey: .drain)
  }
}

internal import ClusterModel

extension Balancer {
  /// Between two looks at whether the license needs a decision.
  private static let reviewMilliseconds: Int64 = 5_000

  /// A license was looked at with the key that this balancer trusts.
  package mutating func licenseVerified(_ verdict: LicenseVerdict) {
    licenseVerdict = verdict
    licenseReviewAt = .min
  }

  /// Has a license that is new here looked at.
  func verifyLicense() -> [Effect] {
    guard let license = contents.license, license != licenseVerdict.license else { return [] }
    return [.verifyLicense(license)]
  }

  /// Asks for a decision where time or a verdict alone has changed what the license gives.
  ///
  /// The decision runs in the registry's transaction and changes nothing a second time, so it
  /// does not matter how many balancers ask, nor how often. While the registry is away nobody
  /// asks: a new license may be in it.
  mutating func reviewLicense(now: Moment) -> [Effect] {
    let review = [Effect.write(.reviewLicense(by: settings.id), by: .balancer(settings.id))]
    let isSteady = clock.isSteady(at: now)
    let time = now.monotonicMilliseconds
    guard contents.license != nil, isRegistryAvailable, time >= licenseReviewAt else {
      return []
    }
    licenseReviewAt = time + Self.reviewMilliseconds
    if isSteady, contents.endOfLicense(at: now.wall, by: settings.id) != nil {
      return review
    }
    let unverified = verifyLicense()
    guard unverified.isEmpty, licenseVerdict.distrust == nil else { return unverified }
    var shared = contents
    shared.assignSeats()
    return shared.instances == contents.instances ? [] : review
  }
}

extension RegistryContents {
  /// What the clock of a balancer makes of the license.
  enum EndOfLicense: Equatable {
    case isOver
    /// It was called over by this balancer, and is not.
    case wasMistaken
  }

  /// What is to be changed about the license's end; nil: nothing.
  ///
  /// Only the balancer that called a license over takes that back: of two whose clocks differ
  /// neither undoes again and again what the other did.
  func endOfLicense(at now: Timestamp, by balancer: InstanceID) -> EndOfLicense? {
    guard let license else { return nil }
    switch (now >= license.endsAt, licenseEndedBy) {
    case (true, nil): return .isOver
    case (false, balancer): return .wasMistaken
    default: return nil
    }
  }
}

internal import ClusterModel

extension Balancer {
  /// The interval at which the balancer checks whether the license needs a decision.
  private static let reviewMilliseconds: Int64 = 5_000

  /// A license was checked with the key that this balancer trusts.
  package mutating func licenseVerified(_ verdict: LicenseVerdict) {
    licenseVerdict = verdict
    licenseReviewAt = .min
  }

  /// Asks for a check of a license that is new here.
  func verifyLicense() -> [Effect] {
    guard let license = contents.license, license != licenseVerdict.license else { return [] }
    return [.verifyLicense(license)]
  }

  /// Asks for a decision if time or a check has changed what the license allows.
  ///
  /// The decision runs in the registry's transaction and changes nothing a second time. So it does
  /// not matter how many balancers ask, and how often. While the registry is away no balancer asks,
  /// since a new license may be in it.
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
  /// What the license's end means by a balancer's clock.
  enum EndOfLicense: Equatable {
    case isOver
    /// This balancer declared it over, but it is not.
    case wasMistaken
  }

  /// The change to make about the license's end; nil: none.
  ///
  /// Only the balancer that declared a license over can take that back. Otherwise two balancers
  /// with different clocks would undo each other's decision again and again.
  func endOfLicense(at now: Timestamp, by balancer: InstanceID) -> EndOfLicense? {
    guard let license else { return nil }
    switch (now >= license.endsAt, licenseEndedBy) {
    case (true, nil): return .isOver
    case (false, balancer): return .wasMistaken
    default: return nil
    }
  }
}

internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Logging
internal import Registry

/// Checks licenses with the only key that this balancer trusts.
struct LicenseCheck: Sendable {
  /// The licensor's public key; nil: no license is trusted.
  let key: ClusterPublicKey?
  let cluster: String

  private static let noKey =
    "this balancer trusts no license key; it must be started with --license-key"

  /// Reads a license to install.
  ///
  /// - Throws: `Problem`, `invalid-license`, with the reason.
  func license(in document: String) async throws -> License {
    guard let key else { throw Problem(.invalidLicense, "Refused: \(Self.noKey).") }
    do {
      return try await key.license(in: document, for: cluster)
    } catch {
      throw Problem(.invalidLicense, "Refused: \(error.plainWords).")
    }
  }

  /// Checks an installed license.
  func verdict(on license: License) async -> LicenseVerdict {
    guard let key else { return LicenseVerdict(license, distrust: Self.noKey) }
    do {
      let signed = try await key.license(in: license.document, for: cluster)
      return LicenseVerdict(
        license,
        distrust: signed == license ? nil : "the registry differs from the signed document")
    } catch {
      return LicenseVerdict(license, distrust: "\(error.plainWords)")
    }
  }
}

/// Carries out the balancer's effects about the license.
struct LicenseKeeper: EffectHandler {
  let check: LicenseCheck
  let core: BalancerCore
  let logger: Logger

  func carryOut(_ effect: Balancer.Effect) {
    guard case .verifyLicense(let license) = effect else { return }
    Task.detached { await verify(license) }
  }

  private func verify(_ license: License) async {
    let verdict = await check.verdict(on: license)
    if let reason = verdict.distrust {
      logger.error("The license is not trusted", metadata: ["reason": "\(reason)"])
    }
    core.run { balancer, _ in
      balancer.licenseVerified(verdict)
      return []
    }
  }
}

/// Several handlers, each for its own effects.
struct EffectHandlers: EffectHandler {
  let handlers: [any EffectHandler]

  func carryOut(_ effect: Balancer.Effect) {
    for handler in handlers { handler.carryOut(effect) }
  }
}

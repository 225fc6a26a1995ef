internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Logging
internal import Registry

/// Looks at licenses with the one key that this balancer trusts.
struct LicenseCheck: Sendable {
  /// The licensor's public key; nil: no license is believed.
  let key: ClusterPublicKey?
  let cluster: String

  private static let noKey =
    "this balancer trusts no license key; it must be started with --license-key"

  /// Reads a license that is to be installed.
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

  /// Looks at a license that is installed.
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

/// Carries out what the balancer wants to know and to have decided about the license.
struct LicenseKeeper: EffectHandler {
  let id: InstanceID
  let check: LicenseCheck
  let core: BalancerCore
  let runner: MutationRunner
  let logger: Logger

  func carryOut(_ effect: Balancer.Effect) {
    switch effect {
    case .verifyLicense(let license): Task.detached { await verify(license) }
    case .reviewLicense: Task.detached { await review() }
    case .openFeed, .closeFeed, .deliver, .learn, .endDrain, .pass, .report, .confirm, .passKeyOn:
      break
    }
  }

  private func verify(_ license: License) async {
    let verdict = await check.verdict(on: license)
    if let reason = verdict.distrust {
      logger.error("The license is not believed", metadata: ["reason": "\(reason)"])
    }
    core.run { balancer, _ in
      balancer.licenseVerified(verdict)
      return []
    }
  }

  private func review() async {
    do {
      let (commit, _) = try await runner.commit(
        MutationRunner.Request(mutation: .reviewLicense(by: id), actor: .balancer(id)))
      core.run { $0.registryChanged(to: commit.contents, now: $1) }
      for action in commit.actions {
        logger.warning("The license: \(action.result)")
        core.record(action)
      }
    } catch {
      logger.warning(
        "The license was not looked at again", metadata: ["error": "\(error.plainWords)"])
    }
  }
}

/// Several handlers, each of which does its own part.
struct EffectHandlers: EffectHandler {
  let handlers: [any EffectHandler]

  func carryOut(_ effect: Balancer.Effect) {
    for handler in handlers { handler.carryOut(effect) }
  }
}

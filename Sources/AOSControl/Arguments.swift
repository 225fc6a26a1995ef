public import ArgumentParser
internal import ClusterAPI
public import ClusterModel

// Values of the cluster as arguments. The parser lists the allowed ones by itself.
extension ClientKind: ExpressibleByArgument {}
extension TokenRole: ExpressibleByArgument {}

/// Reads the name of a warning. A warning of a later balancer can be acknowledged as well; the
/// balancer refuses a name that it does not know.
func warning(_ text: String) throws -> OpenEnum<ImpactWarning> {
  guard (1...Limits.unknownNameCharacters).contains(text.utf8.count),
    text.unicodeScalars.allSatisfy({ $0.isASCII && $0.properties.isAlphabetic })
  else { throw ValidationError("it must be one of \(ImpactWarning.allNames)") }
  return OpenEnum(text)
}

/// Reads an instance's id; a wrong one is refused with the reason.
func checkedID(_ text: String) throws -> InstanceID { try InstanceID(text) }

/// Reads `HOST:PORT`; a wrong one is refused with the reason.
func checkedAddress(_ text: String) throws -> Address { try Address(text) }

public import ArgumentParser
public import ClusterModel

// Values of the cluster as arguments; the parser lists the allowed ones by itself.
extension ClientKind: ExpressibleByArgument {}
extension ImpactWarning: ExpressibleByArgument {}
extension TokenRole: ExpressibleByArgument {}

/// Reads an instance's id, so that a wrong one is refused with the reason.
func checkedID(_ text: String) throws -> InstanceID { try InstanceID(text) }

/// Reads `HOST:PORT`, so that a wrong one is refused with the reason.
func checkedAddress(_ text: String) throws -> Address { try Address(text) }
